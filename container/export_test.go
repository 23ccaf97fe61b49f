package container

// ProxyOf returns the Proxy of an address.
func ProxyOf(address string) Proxy { return Proxy{address} }

// Open returns the numbers of connections and of calls that are not answered.
func (e *Endpoint) Open() (links, serving int) { return len(e.links), e.serving }

// Timers returns how many timers the agent has not forgotten.
func (a *Agent) Timers() (n int) {
	for t := a.timers.latest; t != nil; t = t.next {
		n++
	}
	return n
}
