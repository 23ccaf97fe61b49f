package sim

import "time"

// Link stands for all connections from one simulator to another.
type Link struct {
	From, To    *Instance
	Connections int
	Shift       time.Duration // the shortest; 0: some have none
	Weak        bool          // some are
}

// Links lists which simulators are connected, in the order of Connections. It must
// not be called while connections are made.
func (w *World) Links() []Link {
	type ends struct{ from, to *Instance }
	at := make(map[ends]int)
	var links []Link
	for _, in := range w.instances {
		for _, e := range in.entityList {
			for _, p := range e.portList {
				for _, c := range p.conns {
					k := ends{c.src.lp, in}
					i, known := at[k]
					if !known {
						i = len(links)
						at[k] = i
						links = append(links, Link{From: c.src.lp, To: in, Shift: c.delay.Time})
					}
					l := &links[i]
					l.Connections++
					l.Shift = min(l.Shift, c.delay.Time)
					l.Weak = l.Weak || c.delay.Weak()
				}
			}
		}
	}
	return links
}
