package sim

import (
	"cmp"
	"slices"

	"github.com/simrun/simrun/container"
	"github.com/simrun/simrun/scheduler"
)

// tracing is what of a run has not gone to its Tracer yet.
type tracing struct {
	to     Tracer
	world  TraceWorld
	steps  []TraceStep
	values []TraceValue // room for those of steps to come
	held   int          // about how many rows of recordings take the same room
}

// newTracing returns the tracing of a run whose simulators have their ranks.
func newTracing(r *run) (*tracing, error) {
	w := r.w
	t := &tracing{to: w.cfg.Trace, world: TraceWorld{Start: w.cfg.Start, Until: r.until, Seed: w.cfg.Seed}}
	sims := slices.SortedFunc(slices.Values(w.instances), func(a, b *Instance) int { return cmp.Compare(a.name, b.name) })
	outputs := make(map[*slot]int)
	for i, in := range sims {
		in.traceIndex, in.firstOutput = i, len(outputs)
		t.world.Sims = append(t.world.Sims, TraceSim{Name: in.name, Type: in.meta.Type, Places: r.coord.Places(in.lp), First: in.firstSteps()})
		var slots []*slot
		for _, e := range in.entityList {
			slots = append(slots, e.slotList...)
		}
		slices.SortFunc(slots, func(a, b *slot) int { return cmp.Compare(a.index, b.index) })
		for _, s := range slots {
			outputs[s] = len(outputs)
			t.world.Outputs = append(t.world.Outputs, TraceOutput{Sim: i, Entity: s.entity.full, Attr: s.attr,
				Unit: s.entity.model.Attr(s.attr).Unit, Event: s.event})
		}
	}
	for i, in := range sims {
		for _, e := range in.entityList {
			for _, p := range e.portList {
				for _, c := range p.conns {
					t.world.Connections = append(t.world.Connections, TraceConnection{Output: outputs[c.src], Sim: i,
						Entity: e.full, Attr: p.attr, Delay: c.delay, Event: c.event, Trigger: c.trigger})
				}
			}
		}
	}
	slices.SortStableFunc(t.world.Connections, func(a, b TraceConnection) int {
		return cmp.Or(cmp.Compare(a.Sim, b.Sim), cmp.Compare(a.Entity, b.Entity), cmp.Compare(a.Attr, b.Attr), cmp.Compare(a.Output, b.Output))
	})
	if err := t.to.Begin(t.world); err != nil {
		return nil, &SinkError{err}
	}
	return t, nil
}

// tracedInstance is what the tracing of a run knows of a simulator.
type tracedInstance struct {
	traceIndex  int            // in TraceWorld.Sims
	firstOutput int            // in TraceWorld.Outputs
	requests    []TraceRequest // since the last step
	external    []Time         // steps that were asked for from outside
	events      *events        // of agents, since the last step; nil: nobody wants to know
}

// note keeps a request of a simulator for the trace of its step.
func (t *tracing) note(in *Instance, q TraceRequest) {
	q.Value = q.Value.detached()
	in.requests = append(in.requests, q)
}

// step takes in a step that is complete, with its outputs in order, or that has
// failed. It returns about how many rows of recordings take as much room.
func (t *tracing) step(in *Instance, err error) int {
	s := TraceStep{Sim: in.traceIndex, Stamp: in.stamp, Next: in.next, Output: in.step.output, Requests: in.requests}
	in.requests = nil
	if i := slices.Index(in.external, in.stamp.Time); i >= 0 {
		s.External = true
		in.external = slices.Delete(in.external, i, i+1)
	}
	s.Agents = in.events.take()
	if err != nil {
		s.Next, s.Err = Never, err.Error()
	} else {
		const room = 4096
		if cap(t.values)-len(t.values) < len(in.dirty) {
			t.values = make([]TraceValue, 0, max(room, len(in.dirty)))
		}
		first := len(t.values)
		for _, o := range in.dirty {
			t.values = append(t.values, TraceValue{Output: in.firstOutput + int(o.index), Omitted: o.omitted, Value: o.value.detached()})
		}
		s.Values = t.values[first:len(t.values):len(t.values)]
	}
	t.steps = append(t.steps, s)
	t.held += s.rows()
	return s.rows()
}

// rows is about how many rows of recordings take as much room.
func (s *TraceStep) rows() int { return 3 + len(s.Values) + 2*len(s.Requests) + 4*len(s.Agents) }

// flush writes what happened before the given time, at which all simulators have
// arrived.
func (t *tracing) flush(before Time) error {
	slices.SortFunc(t.steps, func(a, b TraceStep) int {
		return scheduler.CompareSteps(t.world.Sims[a.Sim].Places, a.Stamp, t.world.Sims[b.Sim].Places, b.Stamp)
	})
	n, _ := slices.BinarySearchFunc(t.steps, before, func(s TraceStep, t Time) int {
		if s.Stamp.Time < t {
			return -1
		}
		return 1
	})
	return t.write(n)
}

// rest writes what is left of a run that has ended early: if a step has failed, what
// comes before it, and that step.
func (t *tracing) rest(r *run) error {
	if f := r.failing; f != nil {
		t.steps = slices.DeleteFunc(t.steps, func(s TraceStep) bool {
			return scheduler.CompareSteps(t.world.Sims[s.Sim].Places, s.Stamp, r.coord.Places(f.in.lp), f.at) > 0
		})
	}
	unsettled := r.failing == nil || r.busy > 0
	for i := range t.steps {
		t.steps[i].Unsettled = unsettled
	}
	return t.flush(Never)
}

func (t *tracing) write(n int) error {
	if n == 0 {
		return nil
	}
	if err := t.to.Write(t.steps[:n]); err != nil {
		return &SinkError{err}
	}
	t.steps = slices.Delete(t.steps, 0, n)
	t.held = 0
	for i := range t.steps {
		t.held += t.steps[i].rows()
	}
	return nil
}

// events gathers what happens in a container of agents in a step. All text in it is valid
// UTF-8, so that it is the same after it has crossed processes.
type events struct{ list []AgentEvent }

// occurs is told of every event, see scheduler.Config.
func (e *events) occurs(o scheduler.Occurrence) {
	e.list = append(e.list, AgentEvent{Time: o.Time, Round: o.Round, Key: o.Key, Agent: validText(o.Actor.Name()), Behaviour: validText(o.Process)})
}

// message is told of every message, in the event in which it arrives, or is sent. What
// agents send while they are made or unwound is in no event, and belongs to no step.
func (e *events) message(m container.Message) {
	if len(e.list) == 0 {
		return
	}
	m.From, m.To, m.Method, m.Err = validText(m.From), validText(m.To), validText(m.Method), validText(m.Err)
	last := &e.list[len(e.list)-1]
	if m.Fate == container.Arrived {
		last.Message = &m
		return
	}
	e.list = append(e.list, AgentEvent{Time: last.Time, Round: last.Round, Key: m.Sent, Agent: m.From, Message: &m})
}

func (e *events) take() []AgentEvent {
	taken := e.list
	e.list = nil
	return taken
}
