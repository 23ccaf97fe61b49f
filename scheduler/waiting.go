package scheduler

// WaitsFor returns the process that lp waits for in the end, which is at the end
// of the chain of those that wait for each other: it is stepping, or may step and
// has not begun. NoLP means that lp itself is stepping, may step, or has no step to
// make. It takes as long as the chain is, and changes nothing.
func (c *Coordinator) WaitsFor(lp LP) LP {
	if p := &c.lps[lp]; p.busy || p.inReady || p.key.Time >= c.until {
		return NoLP
	}
	// The rules of Next exclude circles of waiting, but not for as long as steps
	// are being taken in: nobody goes round in one here.
	for range c.lps {
		p := &c.lps[lp]
		switch {
		case p.busy || p.inReady:
			return lp
		case p.bound.Before(p.key):
			lp = c.support(lp)
		default:
			lp = p.blocker
		}
		if lp == NoLP {
			break
		}
	}
	return NoLP
}

// support returns a process that may trigger lp at its bound, NoLP if the bound
// is its own key.
func (c *Coordinator) support(lp LP) LP {
	p := &c.lps[lp]
	for _, e := range p.trigIn {
		if c.lps[e.lp].bound.Plus(e.delay) == p.bound {
			return e.lp
		}
	}
	return NoLP
}

// Stepping reports whether lp is stepping.
func (c *Coordinator) Stepping(lp LP) bool { return c.lps[lp].busy }

// Due returns when the next step of lp is due that is known of, or its present one;
// Never if there is none.
func (c *Coordinator) Due(lp LP) Time { return c.lps[lp].key.Time }
