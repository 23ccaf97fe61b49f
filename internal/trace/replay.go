package trace

import (
	"slices"
	"strings"

	"github.com/simrun/simrun/scheduler"
	"github.com/simrun/simrun/sim"
)

// Ref names a step: the N-th of a simulator, counted from 1. With N 0 it is none.
type Ref struct {
	Sim int // in TraceWorld.Sims
	N   int64
}

// CauseKind says why a step was made.
type CauseKind uint8

// The kinds of causes.
const (
	Initial  CauseKind = iota // the simulator begins with it
	Asked                     // a step before has asked for it
	Trigger                   // a value has arrived
	External                  // it was asked for from outside
)

func (k CauseKind) String() string {
	return [...]string{"initial", "asked", "trigger", "external"}[k]
}

// Cause is one of the reasons for a step.
type Cause struct {
	Kind       CauseKind
	Step       Ref // that has asked, or put out the value
	Connection int // over which the value came, in TraceWorld.Connections
}

// Input is a value that a step has seen.
type Input struct {
	Connection int // in TraceWorld.Connections; -1: it was set by a request
	Request    *sim.TraceRequest
	Step       Ref       // that has put it out, or set it
	Value      sim.Value // as it was put out, in the unit of the output
	Fresh      bool      // it has come since the reader's step before
}

// Replay follows the steps of a trace and works out what caused them and what they
// have seen: a value arrives after the shift of its connection, in the same round or,
// over a weak connection, in the next one; it triggers a step at that stamp, and is
// seen from then on, in all rounds if it comes from another time, until the next one
// comes, or of events in one step. Its memory does not grow with the length of the
// trace.
type Replay struct {
	world    *sim.TraceWorld
	sims     []replaySim
	conns    []replayConn
	outgoing [][]int // connections by output

	last   int // simulator of the last step
	causes []Cause
	set    []Input
}

type replaySim struct {
	steps int64
	conns []int // that lead to it
	due   map[scheduler.Stamp][]Cause
	set   []setInput // by requests, for the next step
}

// setInput is a value that was set in a step at a stamp.
type setInput struct {
	Input
	at scheduler.Stamp
}

type replayConn struct {
	queue []replayValue // in order of visibility
	now   replayValue
	has   bool
	fresh bool
}

type replayValue struct {
	visible scheduler.Stamp
	step    Ref
	value   sim.Value
}

// NewReplay begins with the world of a trace.
func NewReplay(w *sim.TraceWorld) *Replay {
	p := &Replay{world: w, sims: make([]replaySim, len(w.Sims)), conns: make([]replayConn, len(w.Connections)), outgoing: make([][]int, len(w.Outputs))}
	for i, s := range w.Sims {
		p.sims[i].due = make(map[scheduler.Stamp][]Cause)
		for _, t := range s.First {
			p.due(i, scheduler.At(t), Cause{Kind: Initial})
		}
	}
	for i, c := range w.Connections {
		p.sims[c.Sim].conns = append(p.sims[c.Sim].conns, i)
		p.outgoing[c.Output] = append(p.outgoing[c.Output], i)
	}
	return p
}

func (p *Replay) due(i int, at scheduler.Stamp, c Cause) {
	if at.Time < p.world.Until {
		p.sims[i].due[at] = append(p.sims[i].due[at], c)
	}
}

// Step takes in the next step of the trace.
func (p *Replay) Step(s *sim.TraceStep) Ref {
	in := &p.sims[s.Sim]
	in.steps++
	ref := Ref{s.Sim, in.steps}
	p.last, p.causes, p.set = s.Sim, in.due[s.Stamp], newest(in.set)
	delete(in.due, s.Stamp)
	in.set = nil
	if s.External {
		p.causes = append(p.causes, Cause{Kind: External})
	}
	for _, i := range in.conns {
		p.conns[i].see(s.Stamp, p.world.Connections[i].Event)
	}
	from := s.Stamp
	if s.Output != s.Stamp.Time {
		from = scheduler.At(s.Output)
	}
	for i := range s.Values {
		p.send(ref, s, from, &s.Values[i])
	}
	for i := range s.Requests {
		if q := s.Requests[i]; q.Set {
			if to := p.simOf(q.Entity); to >= 0 {
				p.sims[to].set = append(p.sims[to].set, setInput{Input{Connection: -1, Request: &q, Step: ref, Value: q.Value, Fresh: true}, s.Stamp})
			}
		}
	}
	if s.Next != sim.Never {
		p.due(s.Sim, scheduler.At(s.Next), Cause{Kind: Asked, Step: ref})
	}
	return ref
}

// newest leaves the newest of several values that were set as from one source.
func newest(set []setInput) (seen []Input) {
	for i, v := range set {
		newer := func(w setInput) bool {
			return w.Request.Entity == v.Request.Entity && w.Request.Attr == v.Request.Attr && w.Request.Source == v.Request.Source && !w.at.Before(v.at)
		}
		older := func(w setInput) bool { return newer(w) && v.at.Before(w.at) }
		if !slices.ContainsFunc(set[i+1:], newer) && !slices.ContainsFunc(set[:i], older) {
			seen = append(seen, v.Input)
		}
	}
	return seen
}

// see moves what has become visible to where the reader sees it.
func (c *replayConn) see(now scheduler.Stamp, event bool) {
	c.fresh = false
	if event {
		c.has = false
	}
	n := 0
	for n < len(c.queue) && !now.Before(c.queue[n].visible) {
		n++
	}
	if n > 0 {
		c.now, c.has, c.fresh = c.queue[n-1], true, true
		c.queue = slices.Delete(c.queue, 0, n)
	}
}

// send brings a value to all that read it.
func (p *Replay) send(ref Ref, s *sim.TraceStep, from scheduler.Stamp, v *sim.TraceValue) {
	for _, i := range p.outgoing[v.Output] {
		to := &p.world.Connections[i]
		arrival := from.Plus(to.Delay)
		if arrival.Time >= p.world.Until {
			continue
		}
		if to.Trigger && !v.Omitted {
			p.due(to.Sim, arrival, Cause{Kind: Trigger, Step: ref, Connection: i})
		}
		visible := arrival
		if s.Output != s.Stamp.Time || to.Delay.Time > 0 {
			visible = scheduler.At(arrival.Time)
		}
		p.conns[i].put(replayValue{visible, ref, v.Value}, s.Stamp.Time)
	}
}

// put queues a value. Of what is visible when now begins only the newest counts: the
// steps to come are not before.
func (c *replayConn) put(v replayValue, now sim.Time) {
	at := len(c.queue)
	for at > 0 && v.visible.Before(c.queue[at-1].visible) {
		at--
	}
	c.queue = slices.Insert(c.queue, at, v)
	n := 0
	for n+1 < len(c.queue) && !scheduler.At(now).Before(c.queue[n+1].visible) {
		n++
	}
	c.queue = slices.Delete(c.queue, 0, n)
}

// simOf finds the simulator of an entity by its full ID.
func (p *Replay) simOf(entity string) int {
	found, length := -1, 0
	for i, s := range p.world.Sims {
		if len(s.Name) >= length && strings.HasPrefix(entity, s.Name+".") {
			found, length = i, len(s.Name)
		}
	}
	return found
}

// Causes are those of the last step, valid until the next one.
func (p *Replay) Causes() []Cause { return p.causes }

// Inputs are what the last step has seen, but for initial values of connections: in
// the order of TraceWorld.Connections, then what was set by requests. They must be
// asked for before the next step.
func (p *Replay) Inputs() []Input {
	var all []Input
	for _, i := range p.sims[p.last].conns {
		if c := &p.conns[i]; c.has {
			all = append(all, Input{Connection: i, Step: c.now.step, Value: c.now.value, Fresh: c.fresh})
		}
	}
	return append(all, p.set...)
}
