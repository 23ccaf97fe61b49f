package sim

import (
	"cmp"
	"slices"
)

// rival tells how new the event is that a connection shows, if the same entity has
// several connections for events to one input.
type rival struct {
	at    Time   // when it could be seen
	made  uint32 // number of the step of the source
	place uint32 // slot.place: of one step, outputs that were connected first come first
}

func (r *rival) compare(s *rival) int {
	return cmp.Or(cmp.Compare(r.at, s.at), cmp.Compare(r.made, s.made), cmp.Compare(r.place, s.place))
}

func (c *conn) isRival(d *conn) bool {
	return c != d && c.event && d.event && c.src.entity == d.src.entity
}

// compete finds the rivals of a new connection.
func (c *conn) compete() {
	if c.src.event && c.src.place == 0 {
		c.src.lp.eventSlots++
		c.src.place = c.src.lp.eventSlots
	}
	for _, d := range c.dst.conns {
		if c.isRival(d) {
			c.rival, c.dst.rivals = &rival{place: c.src.place}, true
			if d.rival == nil {
				d.rival = &rival{place: d.src.place}
			}
		}
	}
}

// sources lists the connections in the order of Input.Sources.
func (p *port) sources() []*conn {
	if !p.rivals {
		return p.conns
	}
	conns := slices.Clone(p.conns)
	for i, c := range conns {
		for k := i + 1; k < len(conns); k++ {
			if d := conns[k]; c.isRival(d) && d.rival.compare(c.rival) < 0 {
				conns[i], conns[k] = d, c
				c = d
			}
		}
	}
	return conns
}
