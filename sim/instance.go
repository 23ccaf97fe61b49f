package sim

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/simrun/simrun/scheduler"
)

// Instance is a simulator in a World.
type Instance struct {
	world      *World
	name       string
	sim        Simulator
	meta       Meta
	resolution time.Duration
	group      *Group // nil: none
	entities   map[string]*Entity
	entityList []*Entity // in order of creation, children after their parent
	sources    map[sourceKey]int
	eventSlots uint32 // that are connected
	stats      Stats

	// The rest is the state of a run, see run.go.
	lp         scheduler.LP
	rank       int              // of lp, see scheduler.Coordinator.Rank
	places     scheduler.Places // in the order of steps
	step       Step
	stamp      scheduler.Stamp // of the step under way
	stepping   bool
	beginner   Beginner  // nil: it makes its steps itself
	told       func()    // by a Beginner that its step is about to end
	messenger  Messenger // nil: a Go simulator
	next       Time      // what the last step returned
	stepErr    error     // what it failed with
	stepTook   time.Duration
	doneAt     time.Time     // wall time at which the last step was complete, or this one began
	waited     time.Duration // wall time between the last step and this one
	waitsFor   *Instance     // as the sampler saw it last, since the last step
	waitedFor  *Instance     // the same, before this step
	waits      []Wait        // for whom, see sampler
	dirty      []*slot       // written by the step under way
	mixed      bool          // dirty is not in the order of index
	pending    []*conn       // with values in their queue
	queued     int           // bytes of its values in queues of others
	delivered  []*conn       // with values that have come since the last step
	setPorts   []*port       // with values from SetData for this step
	laterPorts []*port       // and for later ones
	rewire     bool          // an input was set that nothing is connected to
	digest     digest
	work       chan struct{} // wakes the goroutine that makes the steps; nil: none yet
	quick      int           // steps in a row that were quick
	initial    []Time        // initial events; nil: by type
	asked      bool          // by asynchronous requests
	tracedInstance
	abandoned bool // its last step did not end when it was cancelled
}

// Name is the simulator's name in the world.
func (in *Instance) Name() string { return in.name }

// Group is the group that the simulator is in, or nil.
func (in *Instance) Group() *Group { return in.group }

// Meta is what the simulator offers.
func (in *Instance) Meta() *Meta { return &in.meta }

// Stats returns what the simulator has cost so far. It may be called after
// Run; World.Activities has it while the run goes on.
func (in *Instance) Stats() Stats {
	s := in.stats
	s.For = in.longestWaits()
	if t, ok := in.sim.(Trafficker); ok {
		s.Traffic = t.Traffic()
	}
	if c, ok := in.sim.(Containers); ok {
		s.Containers = c.Containers()
	}
	return s
}

// Entities returns all entities in order of creation, children after their
// parent.
func (in *Instance) Entities() []*Entity { return slices.Clone(in.entityList) }

// Entity returns the entity with the given ID, or nil.
func (in *Instance) Entity(id string) *Entity { return in.entities[id] }

// Create makes num entities of the named model. The error of a wrong model or
// parameter name lists what there is.
func (in *Instance) Create(ctx context.Context, model string, num int, params Params) ([]*Entity, error) {
	fail := func(format string, args ...any) ([]*Entity, error) {
		return nil, fmt.Errorf("simulator %q: create %s: %w", in.name, model, fmt.Errorf(format, args...))
	}
	if in.world.phase != composing {
		return fail("the world has already run; create entities before Run")
	}
	m := in.meta.Model(model)
	switch {
	case m == nil || m.Hidden:
		return fail("no such model; %s", didYouMean(model, in.modelNames()))
	case num < 0:
		return fail("cannot create %d entities", num)
	}
	if err := checkParams(params, m.Params); err != nil {
		return fail("%w", err)
	}
	begin := time.Now()
	made, err := in.sim.Create(ctx, num, model, params)
	in.stats.Setup += time.Since(begin)
	if err != nil {
		return nil, &SimulatorError{Sim: in.name, Op: "create " + model, Err: err}
	}
	es, err := in.adoptAll(made, num, model)
	if err != nil {
		return nil, &SimulatorError{Sim: in.name, Op: "create " + model, Err: err}
	}
	return es, nil
}

// adoptAll takes what a simulator made into the world.
func (in *Instance) adoptAll(made []NewEntity, num int, model string) ([]*Entity, error) {
	if len(made) != num {
		return nil, fmt.Errorf("it made %d entities instead of %d; create must return as many as it is asked for", len(made), num)
	}
	es := make([]*Entity, len(made))
	for i := range made {
		if made[i].Model != model {
			return nil, fmt.Errorf("it made an entity %q of model %q; create must return entities of the model that it is asked for", made[i].ID, made[i].Model)
		}
		var err error
		if es[i], err = in.adopt(&made[i]); err != nil {
			return nil, err
		}
	}
	return es, nil
}

// adopt takes an entity and its children into the world.
func (in *Instance) adopt(made *NewEntity) (*Entity, error) {
	if made.ID == "" {
		return nil, errors.New("it made an entity without an ID")
	}
	if in.entities[made.ID] != nil {
		return nil, fmt.Errorf("it made two entities with ID %q; IDs must be unique in a simulator", made.ID)
	}
	m := in.meta.Model(made.Model)
	if m == nil {
		return nil, fmt.Errorf("entity %q is of model %q, which it has not declared; %s",
			made.ID, made.Model, didYouMean(made.Model, in.modelNames()))
	}
	e := &Entity{id: made.ID, full: in.name + "." + made.ID, model: m, lp: in,
		related: made.Related, extra: made.Extra, inputs: made.Inputs, outputs: made.Outputs}
	in.entities[made.ID] = e
	in.entityList = append(in.entityList, e)
	// Handles work from the start, also those that will never be connected:
	// an asynchronous request may read any output.
	for _, name := range sortedKeys(made.Outputs) {
		a := m.Attr(name)
		if a == nil || !a.Output {
			return nil, fmt.Errorf("entity %q has a handle for an output %q, which its model has not declared", made.ID, name)
		}
		*made.Outputs[name] = Output{e.slot(a)}
	}
	for _, name := range sortedKeys(made.Inputs) {
		if a := m.Attr(name); a == nil || !a.Input {
			return nil, fmt.Errorf("entity %q has a handle for an input %q, which its model has not declared", made.ID, name)
		}
	}
	for i := range made.Children {
		child, err := in.adopt(&made.Children[i])
		if err != nil {
			return nil, err
		}
		e.children = append(e.children, child)
	}
	return e, nil
}

// SetInitialEvent replaces the step that the simulator would begin with (at 0,
// or none if it is event-based) by one at t.
func (in *Instance) SetInitialEvent(t Time) { in.initial = []Time{t} }

// Call calls an extra method of the simulator. It must not be called while the
// world runs.
func (in *Instance) Call(ctx context.Context, method string, args []any, kwargs Params) (Value, error) {
	c, ok := in.sim.(Caller)
	if !ok || !slices.Contains(in.meta.ExtraMethods, method) {
		return Null, fmt.Errorf("simulator %q: no method %q; %s", in.name, method, didYouMean(method, in.meta.ExtraMethods))
	}
	v, err := c.Call(ctx, method, args, kwargs)
	if err != nil {
		return Null, &SimulatorError{Sim: in.name, Op: method, Err: err}
	}
	return v, nil
}

// slot returns the entity's slot for an attribute, a new one if need be.
func (e *Entity) slot(a *Attr) *slot {
	if s := e.slots[a.Name]; s != nil {
		return s
	}
	if e.slots == nil {
		e.slots = make(map[string]*slot)
	}
	s := &slot{lp: e.lp, entity: e, attr: a.Name, event: a.Event}
	e.slots[a.Name] = s
	e.slotList = append(e.slotList, s)
	return s
}

// port returns the entity's port for an attribute, a new one if need be.
func (e *Entity) port(attr string) *port {
	if p := e.ports[attr]; p != nil {
		return p
	}
	if e.ports == nil {
		e.ports = make(map[string]*port)
	}
	p := &port{lp: e.lp, entity: e, attr: attr}
	e.ports[attr] = p
	e.portList = append(e.portList, p)
	if h := e.inputs[attr]; h != nil {
		*h = Input{p}
	}
	return p
}
