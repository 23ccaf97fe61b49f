package sim

import "time"

// Connection is one connection of a world, from an output to an input.
type Connection struct {
	Source          *Entity
	SourceAttr      string
	Destination     *Entity
	DestinationAttr string
	Shift           time.Duration
	Weak            bool
	// Event says that what travels are events: they are seen once. Otherwise a
	// value is seen until the next one comes.
	Event bool
}

// Connections lists all connections, in the order of the entities that they
// lead to, of one of them in the order of its inputs' first connections. It must
// not be called while connections are made.
func (w *World) Connections() []Connection {
	var all []Connection
	for _, in := range w.instances {
		for _, e := range in.entityList {
			for _, p := range e.portList {
				for _, c := range p.conns {
					all = append(all, Connection{Source: c.src.entity, SourceAttr: c.src.attr, Destination: e, DestinationAttr: p.attr,
						Shift: c.delay.Time, Weak: c.delay.Weak(), Event: c.event})
				}
			}
		}
	}
	return all
}
