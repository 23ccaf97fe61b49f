package container

// ProxyOf returns the Proxy of an address.
func ProxyOf(address string) Proxy { return Proxy{address} }

// Open returns the numbers of connections and of calls that are not answered.
func (e *Endpoint) Open() (links, serving int) { return len(e.links), e.serving }
