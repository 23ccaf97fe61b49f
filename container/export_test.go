package container

// ProxyOf returns the Proxy of an address.
func ProxyOf(address string) Proxy { return Proxy{address} }
