package trace

import (
	"bytes"
	"cmp"
	"errors"
	"io"
	"math"
	"slices"

	"github.com/simrun/simrun/container"
	"github.com/simrun/simrun/scheduler"
	"github.com/simrun/simrun/sim"
)

// Difference is the first one between two traces, in the order of steps.
type Difference struct {
	Headers [2]*Header
	// At is the virtual time at which they part; the steps before it are equal.
	At    sim.Time
	Equal int64 // how many they are
	// First is the first step that is not the same.
	First Pair
	// Before is, for each trace, what has led to the first, and to that, and so on: the
	// most relevant steps, the last first.
	Before [2][]*Node
	// More are the other steps at that time that are not the same and have seen nothing
	// that differs: reasons of their own.
	More []Pair

	paths [2]string
}

// Pair is a step of both traces; that which a trace does not have is nil.
type Pair [2]*Node

// Node is a step with what led to it.
type Node struct {
	Ref    Ref
	Step   sim.TraceStep
	Causes []Cause
	Inputs []Input
}

// Ended is a trace that ends where the other one goes on.
type Ended struct {
	Headers [2]*Header
	Side    int  // 0 or 1
	End     *End // nil: in the middle
	Equal   int64
	Next    sim.Time // when the other one goes on
}

// side is one of two traces that are read at the same time.
type side struct {
	*Reader
	sims, outputs []int // names that both traces know, see names
	next          *sim.TraceStep
	done          bool
	counts        []int64         // steps by simulator
	batch         []sim.TraceStep // at one time
	refs          []Ref
}

// Compare compares two traces, which it reads from their beginnings, in parallel; both
// results are nil if they are equal. Its memory is that of the steps of one time.
func Compare(a, b string) (*Difference, *Ended, error) {
	var sides [2]*side
	for i, path := range []string{a, b} {
		r, err := Open(path)
		if err != nil {
			return nil, nil, err
		}
		defer r.Close() // it was read only
		sides[i] = &side{Reader: r, counts: make([]int64, len(r.Header.World.Sims))}
	}
	nameBoth(sides)
	equal := int64(0)
	for {
		for _, s := range sides {
			if err := s.advance(); err != nil {
				return nil, nil, err
			}
		}
		x, y := sides[0], sides[1]
		switch {
		case x.done && y.done:
			return nil, nil, nil
		case x.done || y.done:
			at := 0
			if y.done {
				at = 1
			}
			ended, other := sides[at], sides[1-at]
			return nil, &Ended{Headers: [2]*Header{x.Header, y.Header}, Side: at, End: ended.End(), Equal: equal, Next: other.next.Stamp.Time}, nil
		}
		at := min(x.next.Stamp.Time, y.next.Stamp.Time)
		for _, s := range sides {
			if err := s.read(at); err != nil {
				return nil, nil, err
			}
		}
		differing := compareBatch(x, y)
		if len(differing) == 0 {
			equal += int64(len(x.batch))
			continue
		}
		d := &Difference{Headers: [2]*Header{x.Header, y.Header}, At: at, Equal: equal, paths: [2]string{a, b}}
		return d, nil, d.explain(differing)
	}
}

// nameBoth numbers simulators and outputs by name, the same in both traces.
func nameBoth(sides [2]*side) {
	sims, outputs := make(map[string]int), make(map[[2]string]int)
	for _, s := range sides {
		for _, sim := range s.Header.World.Sims {
			if _, ok := sims[sim.Name]; !ok {
				sims[sim.Name] = len(sims)
			}
			s.sims = append(s.sims, sims[sim.Name])
		}
		for _, o := range s.Header.World.Outputs {
			key := [2]string{o.Entity, o.Attr}
			if _, ok := outputs[key]; !ok {
				outputs[key] = len(outputs)
			}
			s.outputs = append(s.outputs, outputs[key])
		}
	}
}

// advance makes sure that there is a next step, or that the trace is at its end.
func (s *side) advance() error {
	if s.next != nil || s.done {
		return nil
	}
	next, err := s.Next()
	if errors.Is(err, io.EOF) {
		s.done = true
		return nil
	}
	s.next = next
	return err
}

// read reads all steps of one time.
func (s *side) read(at sim.Time) error {
	s.batch, s.refs = s.batch[:0], s.refs[:0]
	for {
		if err := s.advance(); err != nil {
			return err
		}
		if s.done || s.next.Stamp.Time != at {
			return nil
		}
		s.counts[s.next.Sim]++
		s.batch = append(s.batch, copied(s.next))
		s.refs = append(s.refs, Ref{s.next.Sim, s.counts[s.next.Sim]})
		s.next = nil
	}
}

// copied is a step that may be kept.
func copied(s *sim.TraceStep) sim.TraceStep {
	c := *s
	c.Values = slices.Clone(s.Values)
	return c
}

// refs are the places of a step in both traces; N is 0 if it is not there.
type refs [2]Ref

// compareBatch returns the steps that are not the same, in their order.
func compareBatch(x, y *side) []refs {
	type identity struct {
		sim  int
		tier scheduler.Tier
	}
	there := make(map[identity]int, len(y.batch))
	for i := range y.batch {
		there[identity{y.sims[y.batch[i].Sim], y.batch[i].Stamp.Tier}] = i
	}
	var differing []refs
	j := 0 // those of y before it have been dealt with
	matched := make([]bool, len(y.batch))
	for i := range x.batch {
		k, ok := there[identity{x.sims[x.batch[i].Sim], x.batch[i].Stamp.Tier}]
		if !ok {
			differing = append(differing, refs{x.refs[i], {}})
			continue
		}
		matched[k] = true
		for ; j < k; j++ {
			if !matched[j] && !x.has(&y.batch[j], y) {
				differing = append(differing, refs{{}, y.refs[j]})
				matched[j] = true
			}
		}
		if !sameStep(x, &x.batch[i], y, &y.batch[k]) {
			differing = append(differing, refs{x.refs[i], y.refs[k]})
		}
	}
	for k := range y.batch {
		if !matched[k] {
			differing = append(differing, refs{{}, y.refs[k]})
		}
	}
	return differing
}

// has reports whether the batch has a step of the other trace.
func (s *side) has(step *sim.TraceStep, of *side) bool {
	return slices.ContainsFunc(s.batch, func(mine sim.TraceStep) bool {
		return s.sims[mine.Sim] == of.sims[step.Sim] && mine.Stamp == step.Stamp
	})
}

func sameStep(x *side, a *sim.TraceStep, y *side, b *sim.TraceStep) bool {
	if a.Next != b.Next || a.Output != b.Output || a.External != b.External || a.Err != b.Err ||
		len(a.Values) != len(b.Values) || len(a.Requests) != len(b.Requests) || len(a.Agents) != len(b.Agents) {
		return false
	}
	return slices.EqualFunc(x.sorted(a.Values), y.sorted(b.Values), func(v, w sim.TraceValue) bool {
		return x.outputs[v.Output] == y.outputs[w.Output] && v.Omitted == w.Omitted && sameValue(v.Value, w.Value)
	}) && slices.EqualFunc(a.Requests, b.Requests, sameRequest) && slices.EqualFunc(a.Agents, b.Agents, sameEvent)
}

// sorted brings values into an order that is the same in both traces.
func (s *side) sorted(values []sim.TraceValue) []sim.TraceValue {
	order := func(a, b sim.TraceValue) int { return cmp.Compare(s.outputs[a.Output], s.outputs[b.Output]) }
	if !slices.IsSortedFunc(values, order) {
		values = slices.SortedFunc(slices.Values(values), order)
	}
	return values
}

func sameValue(a, b sim.Value) bool {
	if a.Kind() != b.Kind() {
		return false
	}
	if a.Kind() == sim.KindFloat {
		x, _ := a.Float64() // it is a number
		y, _ := b.Float64()
		return math.Float64bits(x) == math.Float64bits(y)
	}
	x, xerr := a.Append(nil)
	y, yerr := b.Append(nil)
	return (xerr == nil) == (yerr == nil) && bytes.Equal(x, y)
}

func sameRequest(a, b sim.TraceRequest) bool {
	return a.Set == b.Set && a.Entity == b.Entity && a.Attr == b.Attr && a.Source == b.Source && sameValue(a.Value, b.Value)
}

// sameEvent compares events of agents, but for their keys, which depend on how many
// agents there are.
func sameEvent(a, b sim.AgentEvent) bool {
	if a.Time != b.Time || a.Round != b.Round || a.Agent != b.Agent || a.Behaviour != b.Behaviour || (a.Message == nil) != (b.Message == nil) {
		return false
	}
	return a.Message == nil || sameMessage(a.Message, b.Message)
}

func sameMessage(a, b *container.Message) bool {
	return a.Kind == b.Kind && a.Fate == b.Fate && a.From == b.From && a.To == b.To && a.Method == b.Method &&
		bytes.Equal(a.Content, b.Content) && a.Err == b.Err
}

// explain finds the nodes of steps that differ, and which of them are reasons of
// their own.
func (d *Difference) explain(differing []refs) error {
	var nodes [2]map[Ref]*Node
	for i := range nodes {
		wanted := make(map[Ref]bool)
		for _, pair := range differing {
			if pair[i].N > 0 {
				wanted[pair[i]] = true
			}
		}
		var err error
		if nodes[i], err = find(d.paths[i], wanted); err != nil {
			return err
		}
	}
	for n, refs := range differing {
		var pair Pair
		caused := false
		for i, ref := range refs {
			if pair[i] = nodes[i][ref]; pair[i] != nil {
				caused = caused || slices.ContainsFunc(pair[i].before(), func(r Ref) bool { return nodes[i][r] != nil })
			}
		}
		switch {
		case n == 0:
			d.First = pair
		case !caused:
			d.More = append(d.More, pair)
		}
	}
	for i, n := range d.First {
		if n == nil {
			continue
		}
		var err error
		if d.Before[i], err = chain(d.paths[i], n); err != nil {
			return err
		}
	}
	return nil
}

// How much of what led to a difference is told.
const (
	mostHops   = 3
	mostOfStep = 3
	mostChain  = 12
)

// chain finds what has led to a step.
func chain(path string, of *Node) (all []*Node, err error) {
	known := map[Ref]bool{of.Ref: true}
	last := []*Node{of}
	for range mostHops {
		wanted := make(map[Ref]bool)
		var order []Ref
		for _, n := range last {
			for _, ref := range n.relevant(n == of) {
				if !known[ref] && len(known) <= mostChain {
					known[ref], wanted[ref] = true, true
					order = append(order, ref)
				}
			}
		}
		found, err := find(path, wanted)
		if err != nil {
			return nil, err
		}
		last = last[:0:0]
		for _, ref := range order {
			if n := found[ref]; n != nil {
				last = append(last, n)
			}
		}
		all = append(all, last...)
	}
	return all, nil
}

// relevant are the steps to look at first when one asks what led to a step: those
// that have triggered it, or whose values were new to it; if asked for, or if there are
// none, that which has asked for it, too.
func (n *Node) relevant(asked bool) []Ref {
	var all []Ref
	add := func(r Ref) {
		if r.N > 0 && len(all) < mostOfStep && !slices.Contains(all, r) {
			all = append(all, r)
		}
	}
	for _, c := range n.Causes {
		if c.Kind == Trigger {
			add(c.Step)
		}
	}
	for _, in := range n.Inputs {
		if in.Fresh {
			add(in.Step)
		}
	}
	if asked || len(all) == 0 {
		for _, c := range n.Causes {
			if c.Kind == Asked {
				add(c.Step)
			}
		}
		for _, in := range n.Inputs {
			add(in.Step)
		}
	}
	return all
}

// before are the steps that the node depends on.
func (n *Node) before() []Ref {
	var all []Ref
	for _, c := range n.Causes {
		if c.Step.N > 0 {
			all = append(all, c.Step)
		}
	}
	for _, in := range n.Inputs {
		all = append(all, in.Step)
	}
	if n.Ref.N > 1 { // its own state
		all = append(all, Ref{n.Ref.Sim, n.Ref.N - 1})
	}
	return all
}

// find reads the trace until it has found the wanted steps.
func find(path string, wanted map[Ref]bool) (map[Ref]*Node, error) {
	found := make(map[Ref]*Node)
	if len(wanted) == 0 {
		return found, nil
	}
	r, err := Open(path)
	if err != nil {
		return nil, err
	}
	defer r.Close() // it was read only
	replay := NewReplay(&r.Header.World)
	for len(found) < len(wanted) {
		s, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		if ref := replay.Step(s); wanted[ref] {
			found[ref] = &Node{Ref: ref, Step: copied(s), Causes: replay.Causes(), Inputs: replay.Inputs()}
		}
	}
	return found, nil
}
