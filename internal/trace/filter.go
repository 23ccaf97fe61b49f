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

// Item is a step with all that belongs to it.
type Item struct {
	Ref    Ref
	Step   *sim.TraceStep // what is not wanted is left out
	Wanted bool           // the step itself
	Causes []Cause
	Inputs []Input // that have come since the step before
}

// Each reads a trace and calls do for all items of which something is wanted.
func (f *Filter) Each(r *Reader, do func(*Item) error) error {
	replay := NewReplay(&r.Header.World)
	for {
		s, err := r.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		ref := replay.Step(s)
		if s.Stamp.Time > f.To {
			return nil
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

// reduce leaves what is wanted of a step.
func (f *Filter) reduce(w *sim.TraceWorld, s *sim.TraceStep) *sim.TraceStep {
	r := *s
	r.Values, r.Requests, r.Agents = nil, nil, nil
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
	name := w.Sims[s.Sim].Name
	for _, e := range s.Agents {
		kind, who := KindEvent, []string{e.Agent}
		if m := e.Message; m != nil {
			kind, who = KindMessage, []string{m.From, m.To}
		}
		if !f.wants(kind) {
			continue
		}
		for _, agent := range who {
			if f.entity(name+"."+agent, "") {
				r.Agents = append(r.Agents, e)
				break
			}
		}
	}
	return &r
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
