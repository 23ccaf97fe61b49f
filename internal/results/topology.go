package results

import (
	"github.com/simrun/simrun/sim"
)

// Topology is what of the structure of a world is kept beside its values.
type Topology struct {
	Entities    []*sim.Entity
	Connections []sim.Connection
}

// TopologyOf describes a world, which is composed but need not have run.
func TopologyOf(w *sim.World) Topology {
	t := Topology{Connections: w.Connections()}
	for _, in := range w.Instances() {
		t.Entities = append(t.Entities, in.Entities()...)
	}
	return t
}
