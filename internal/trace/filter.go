package trace

import (
	"errors"
	"io"
	"path"
	"slices"
	"strings"

	"github.com/simrun/simrun/container"
	"github.com/simrun/simrun/sim"
)

// Kind is a kind of what a trace has.
type Kind string

// The kinds of what a trace has.
const (
	KindStep    Kind = "step"    // a simulator has stepped
	KindValue   Kind = "value"   // it has put out a value
	KindRequest Kind = "request" // it has asked for a value, or set one
	KindMessage Kind = "message" // between agents: a call, its answer, or a message that nobody answers
	KindEvent   Kind = "event"   // a behaviour of an agent has begun or gone on
)

// Kinds lists them.
func Kinds() []string {
	return []string{string(KindStep), string(KindValue), string(KindRequest), string(KindMessage), string(KindEvent)}
}

// Filter says what of a trace is wanted. In patterns * stands for any text; without
// patterns or kinds, all are wanted.
type Filter struct {
	Sims     []string // patterns of simulators
	Entities []string // patterns of full IDs, or of ID.ATTRIBUTE; of agents SIMULATOR.AGENT
	Kinds    []Kind
	From, To sim.Time // both included
}

// NoEntityError says that patterns of entities are for none in a trace, nor for an
// attribute or an agent.
type NoEntityError struct {
	Patterns []string
	Names    []string // that there are, without those of agents
}

func (e *NoEntityError) Error() string {
	return "no such entity, attribute or agent in the trace: " + strings.Join(e.Patterns, ", ")
}

// Item is a step with all that belongs to it.
type Item struct {
	Ref    Ref
	Step   *sim.TraceStep // what is not wanted is left out
	Wanted bool           // the step itself
	Causes []Cause
	Inputs []Input // that have come since the step before
}

// Each reads a trace and calls do for all items of which something is wanted. A pattern
// of entities that is for none is a *NoEntityError: at the end, as agents are known only once
// they act.
func (f *Filter) Each(r *Reader, do func(*Item) error) error {
	replay := NewReplay(&r.Header.World)
	names := entityNames(&r.Header.World)
	var open []string // patterns that nothing was for so far
	for _, p := range f.Entities {
		if !slices.ContainsFunc(names, func(name string) bool { return Match(p, name) }) {
			open = append(open, p)
		}
	}
	for {
		s, err := r.Next()
		if errors.Is(err, io.EOF) {
			if len(open) > 0 {
				return &NoEntityError{open, names}
			}
			return nil
		}
		if err != nil {
			return err
		}
		open = slices.DeleteFunc(open, func(p string) bool { return actsIn(s, &r.Header.World, p) })
		ref := replay.Step(s)
		if s.Stamp.Time > f.To {
			if len(open) == 0 {
				return nil
			}
			continue
		}
		if s.Stamp.Time < f.From || !match(f.Sims, r.Header.World.Sims[s.Sim].Name) {
			continue
		}
		item := &Item{Ref: ref, Step: f.reduce(&r.Header.World, s), Causes: replay.Causes()}
		rest := len(item.Step.Values) + len(item.Step.Requests) + len(item.Step.Agents)
		item.Wanted = f.wants(KindStep) && (len(f.Entities) == 0 || rest > 0)
		if !item.Wanted && rest == 0 {
			continue
		}
		if item.Wanted {
			for _, in := range replay.Inputs() {
				if in.Fresh {
					item.Inputs = append(item.Inputs, in)
				}
			}
		}
		if err := do(item); err != nil {
			return err
		}
	}
}

// entityNames are the entities that a world had before it ran, and their attributes, as
// ID.ATTRIBUTE.
func entityNames(w *sim.TraceWorld) (names []string) {
	seen := make(map[string]bool)
	add := func(entity, attr string) {
		for _, name := range []string{entity, entity + "." + attr} {
			if !seen[name] {
				seen[name] = true
				names = append(names, name)
			}
		}
	}
	for i := range w.Outputs {
		add(w.Outputs[i].Entity, w.Outputs[i].Attr)
	}
	for i := range w.Connections {
		add(w.Connections[i].Entity, w.Connections[i].Attr)
	}
	return names
}

// actsIn reports whether a pattern is for an agent that acts in a step, or for what the step
// asks for.
func actsIn(s *sim.TraceStep, w *sim.TraceWorld, pattern string) bool {
	f := Filter{Entities: []string{pattern}}
	return len(f.agents(w.Sims[s.Sim].Name, s)) > 0 || slices.ContainsFunc(s.Requests, func(q sim.TraceRequest) bool { return f.entity(q.Entity, q.Attr) })
}

// reduce leaves what is wanted of a step.
func (f *Filter) reduce(w *sim.TraceWorld, s *sim.TraceStep) *sim.TraceStep {
	r := *s
	r.Values, r.Requests = nil, nil
	if f.wants(KindValue) {
		for _, v := range s.Values {
			if o := &w.Outputs[v.Output]; f.entity(o.Entity, o.Attr) {
				r.Values = append(r.Values, v)
			}
		}
	}
	if f.wants(KindRequest) {
		for _, q := range s.Requests {
			if f.entity(q.Entity, q.Attr) {
				r.Requests = append(r.Requests, q)
			}
		}
	}
	r.Agents = f.agents(w.Sims[s.Sim].Name, s)
	return &r
}

// agents are those events of a step that are wanted.
func (f *Filter) agents(name string, s *sim.TraceStep) (wanted []sim.AgentEvent) {
	for _, e := range s.Agents {
		kind, who := KindEvent, []string{e.Agent}
		if m := e.Message; m != nil {
			kind, who = KindMessage, []string{m.From, m.To}
		}
		if f.wants(kind) && slices.ContainsFunc(who, func(agent string) bool { return f.entity(name+"."+agent, "") }) {
			wanted = append(wanted, e)
		}
	}
	return wanted
}

func (f *Filter) wants(k Kind) bool {
	for _, kind := range f.Kinds {
		if kind == k {
			return true
		}
	}
	return len(f.Kinds) == 0
}

func (f *Filter) entity(entity, attr string) bool {
	return match(f.Entities, entity) || attr != "" && match(f.Entities, entity+"."+attr)
}

// match reports whether a name fits one of the patterns, or there is none.
func match(patterns []string, name string) bool {
	return len(patterns) == 0 || slices.ContainsFunc(patterns, func(p string) bool { return Match(p, name) })
}

// Match reports whether a name fits a pattern, in which * stands for any text.
func Match(pattern, name string) bool {
	// Of what path.Match knows only * is wanted: brackets are a part of names.
	ok, err := path.Match(escape.Replace(pattern), strings.ReplaceAll(name, "/", "\x00"))
	return err == nil && ok
}

var escape = strings.NewReplacer(`\`, `\\`, "[", `\[`, "?", `\?`, "/", "\x00")

// acts is the agent on which an event acts.
func acts(e *sim.AgentEvent) string {
	if m := e.Message; m != nil && m.Fate == container.Arrived {
		return m.To
	}
	return e.Agent
}
