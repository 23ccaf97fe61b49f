package sim

import "context"

// Requests is what a simulator may ask of its world, the asynchronous requests
// of the mosaik API. Methods may be called from any goroutine while the
// simulator is in Step or SetupDone (SetEvent at any time during a run); they
// answer before that call returns. GetData and SetData fail at other times.
type Requests interface {
	// Progress returns how far the run is, 0 to 100 percent: the mean over all
	// simulators. It depends on timing, and so should not influence results.
	Progress(ctx context.Context) (float64, error)

	// Related returns the graph of entities: all of it, or the neighbours of the
	// given full IDs.
	Related(ctx context.Context, ids ...string) (*EntityGraph, error)

	// GetData returns an attribute's value as of the last step that its simulator
	// has completed and whose outputs the requester may see in its present step:
	// the newest output, if it is connected, recorded, or that of a Go simulator;
	// else what the simulator says when it is asked. The source must be connected
	// to the requester with AsyncRequests.
	GetData(ctx context.Context, fullID, attr string) (Value, error)

	// SetData sets an input of an entity of a simulator that is connected to
	// the requester with AsyncRequests. It is seen once, in that simulator's
	// next step, as coming from the entity src. Of several values for one src the
	// newest in virtual time counts; of the same time, that of the simulator that
	// comes later in the order of connections without shift, and of names.
	SetData(ctx context.Context, src, fullID, attr string, v Value) error

	// SetEvent asks for a step of the requester at time t. It is meant for
	// events from outside, so it is allowed only when the run is paced by real
	// time.
	SetEvent(ctx context.Context, t Time) error
}

// EntityGraph is an undirected graph of entities: who is connected or related
// to whom.
type EntityGraph struct {
	Nodes []EntityNode
	Edges [][2]string // full IDs
}

// EntityNode is one entity of an EntityGraph.
type EntityNode struct {
	ID    string // full ID: simulator.entity
	Sim   string
	Model string // "" if only named as a relation by some simulator
}
