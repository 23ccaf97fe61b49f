package sim

import (
	"context"
	"fmt"
	"io/fs"
	"time"
)

// A Guest is a simulator in the world of somebody else, an orchestrator such as
// mosaik, who says when it steps, gives it its inputs, and takes its outputs. Its
// methods must be called one at a time.
//
// Inputs are known only from their values: an input is not connected until a step
// has brought a value for it, and nobody checks that required ones are connected.
// Every value that a step brings to an input that triggers is Fresh.
type Guest struct {
	world *World
	in    *Instance
	ports []*port // with values of the last step
	began bool    // it has made a step
}

// GuestConfig is what the simulator gets to know about the world it is in.
type GuestConfig struct {
	Start      time.Time     // the date of virtual time 0; zero: unknown
	Resolution time.Duration // of integer steps; 0: one second
	Seed       uint64        // the root of its random streams
	Params     Params
	Requests   Requests                           // answers what it asks
	Open       func(name string) (fs.File, error) // nil: os.Open
}

// GuestInput is a value that a step gets from a source, an entity by its full ID.
type GuestInput struct {
	Entity, Attr, Source string
	Value                Value
}

// NewGuest initialises a simulator. If Init fails it has been closed, else it is
// to be closed by Close.
func NewGuest(ctx context.Context, name string, s Simulator, cfg GuestConfig) (*Guest, error) {
	w := NewWorld(Config{Start: cfg.Start, Resolution: cfg.Resolution, Seed: cfg.Seed, Open: cfg.Open})
	in, err := w.add(ctx, name, s, AddOptions{Params: cfg.Params}, cfg.Requests)
	if err != nil {
		return nil, err
	}
	return &Guest{world: w, in: in}, nil
}

// Instance gives what the simulator offers, and creates its entities.
func (g *Guest) Instance() *Instance { return g.in }

// SetupDone tells the simulator that composition is complete.
func (g *Guest) SetupDone(ctx context.Context) error {
	s, ok := g.in.sim.(SetupDoner)
	if !ok {
		return nil
	}
	if err := guard(func() error { return s.SetupDone(ctx) }); err != nil {
		return &SimulatorError{Sim: g.in.name, Op: "setup_done", Err: err}
	}
	return nil
}

// Step makes a step at t, in which the simulator sees inputs, in their order, and
// nothing else. maxAdvance is that of [Step.MaxAdvance]. It returns when the
// simulator wants to step next (Never: when an input comes), and the time as of
// which its outputs are. After an error only Close may be called.
func (g *Guest) Step(ctx context.Context, t, maxAdvance Time, inputs []GuestInput) (next, output Time, err error) {
	in := g.in
	for _, s := range in.dirty {
		s.written, s.omitted = false, false
	}
	in.dirty = in.dirty[:0]
	if in.step.elapsed = 0; g.began {
		in.step.elapsed = t.Sub(in.step.time)
	}
	in.step.time, in.step.output, in.step.maxAdvance = t, t, maxAdvance
	if err := g.see(inputs); err != nil {
		return 0, 0, in.failed("step", err)
	}
	if w, ok := in.sim.(Wirer); ok && (in.rewire || !g.began) {
		w.Wire(in.wiring())
	}
	g.began, in.rewire = true, false
	in.doneAt = time.Now()
	in.makeStep(ctx)
	for _, s := range in.dirty {
		s.given = !s.omitted
	}
	if err := in.judge(); err != nil {
		return 0, 0, err
	}
	return in.next, in.step.output, nil
}

// see replaces what the inputs hold.
func (g *Guest) see(inputs []GuestInput) error {
	for _, p := range g.ports {
		for _, c := range p.conns {
			c.cur, c.present, c.fresh = Null, false, false
		}
	}
	g.ports = g.ports[:0]
	var p *port
	n := 0 // values of p
	for i := range inputs {
		v := &inputs[i]
		if p == nil || p.entity.id != v.Entity || p.attr != v.Attr {
			var err error
			if p, err = g.port(v.Entity, v.Attr); err != nil {
				return err
			}
			g.ports = append(g.ports, p)
			n = 0
		}
		c := p.source(v.Source, n)
		c.cur, c.present, c.fresh = v.Value, true, c.trigger
		n++
	}
	return nil
}

// port returns the port of an input, a new one if nothing has come to it before.
func (g *Guest) port(entity, attr string) (*port, error) {
	e := g.in.entities[entity]
	if e == nil {
		return nil, fmt.Errorf("there are inputs for an entity %q, which it has not created", entity)
	}
	if p := e.ports[attr]; p != nil {
		return p, nil
	}
	if a := e.model.Attr(attr); (a == nil || !a.Input) && !e.model.AnyInputs {
		return nil, fmt.Errorf("%s has no input %q; %s", e.full, attr,
			didYouMean(attr, attrNames(e.model, func(a *Attr) bool { return a.Input })))
	}
	g.in.rewire = true
	return e.port(attr), nil
}

// source returns the connection from a source, a new one if nothing has come from
// it before, and makes it number i: sources are listed as the orchestrator lists
// them.
func (p *port) source(full string, i int) *conn {
	at := i
	for at < len(p.conns) && p.conns[at].from() != full {
		at++
	}
	if at == len(p.conns) {
		trigger := p.entity.model.AnyInputsTrigger
		if a := p.entity.model.Attr(p.attr); a != nil && a.Input {
			trigger = a.Trigger
		}
		p.conns = append(p.conns, &conn{src: &slot{entity: &Entity{full: full}}, dst: p, trigger: trigger})
	}
	c := p.conns[at]
	copy(p.conns[i+1:at+1], p.conns[i:at])
	p.conns[i] = c
	return c
}

// Output returns an output of an entity. present says that there is a value: of
// events one of the last step, else one that the simulator has ever given, unless
// it has taken it back with [Output.Omit]. The outputs of a [Getter] are for it to
// give: Output asks it, and all of its values are present.
func (g *Guest) Output(ctx context.Context, e *Entity, attr string) (v Value, present bool, err error) {
	a := e.model.Attr(attr)
	if a == nil || !a.Output {
		return Null, false, noOutput(e, attr)
	}
	if _, ok := g.in.sim.(Getter); ok {
		values, err := g.world.Get(ctx, Ref{Entity: e, Attr: attr})
		if err != nil {
			return Null, false, err
		}
		return values[0], true, nil
	}
	s := e.slots[attr]
	if s == nil || a.Event && !s.written {
		return Null, false, nil
	}
	return s.value, s.given, nil
}

// Close closes the simulator.
func (g *Guest) Close() error { return g.world.Close() }
