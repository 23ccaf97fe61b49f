package mosaik_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/simrun/simrun/internal/worldtest"
	"github.com/simrun/simrun/sim"
)

// told is what a step is told by the asynchronous requests that it makes.
type told struct {
	Data     map[string]map[string]json.RawMessage // by simulator: {attribute: value}, {"failed": TEXT}, or nothing
	Progress float64
	// In its first step, the entities and what they are related to: all of them, of the
	// first of its own, and of all its own.
	All  relations
	One  map[string]node
	Each map[string]map[string]node
}

type node struct{ Sid, Type string }

type relations struct {
	Nodes map[string]node
	Edges [][]any // two full IDs, and {}
}

// inputs gives data as asked does.
func (t *told) inputs() (all []input) {
	for _, src := range slices.Sorted(maps.Keys(t.Data)) {
		value := "null" // it was left out
		for attr, v := range t.Data[src] {
			if value = string(v); attr == "failed" {
				value = "failed: " + value
			}
		}
		all = append(all, input{"asked", src, value})
	}
	return all
}

// asked gives what a simulator is told by those whom it asks in the terms of its inputs.
func asked(w *worldtest.World, i int, values []string) (all []input) {
	for _, l := range w.Asks {
		if l.Dst == i {
			all = append(all, input{"asked", w.Sims[l.Src].Name, values[len(all)]})
		}
	}
	slices.SortFunc(all, func(a, b input) int { return strings.Compare(a.source, b.source) })
	return all
}

// asksOf lists whom a simulator may ask, as the parameter of generic.py.
func asksOf(w *worldtest.World, i int) []any {
	all := []any{}
	for _, l := range w.Asks {
		if src := &w.Sims[l.Src]; l.Dst == i {
			all = append(all, []any{src.Name, src.Outputs[0], anyList(src.Inputs)})
		}
	}
	return all
}

// graph notes the graph of entities as it was told in Go: all of it, and the part around
// some.
func (t *told) graph(all, around *sim.EntityGraph, some []string) {
	t.All.Nodes, t.Each = map[string]node{}, map[string]map[string]node{}
	for _, n := range all.Nodes {
		t.All.Nodes[n.ID] = node{n.Sim, n.Model}
	}
	for _, e := range all.Edges {
		t.All.Edges = append(t.All.Edges, []any{e[0], e[1]})
	}
	for _, id := range some {
		t.Each[id] = map[string]node{}
	}
	for _, e := range around.Edges {
		for i, id := range e {
			if other := e[1-i]; t.Each[id] != nil {
				t.Each[id][other] = t.All.Nodes[other]
			}
		}
	}
	t.One = t.Each[some[0]]
}

// relatedIn is what all simulators of a world must be told about its entities.
func relatedIn(w *worldtest.World, i int) *told {
	g := new(sim.EntityGraph)
	entity := func(sim, e int) string { return fmt.Sprintf("%s.m%d", w.Sims[sim].Name, e) }
	var own []string
	for k, s := range w.Sims {
		for e := range s.Entities {
			g.Nodes = append(g.Nodes, sim.EntityNode{ID: entity(k, e), Sim: s.Name, Model: "M"})
			if k == i {
				own = append(own, entity(k, e))
			}
		}
	}
	for _, l := range slices.Concat(w.Links, w.Asks) {
		g.Edges = append(g.Edges, [2]string{entity(l.Src, l.SrcEntity), entity(l.Dst, l.DstEntity)})
	}
	t := new(told)
	t.graph(g, g, own)
	return t
}

// related writes what it was told about entities.
func (t *told) related() string {
	var edges []string
	for _, e := range t.All.Edges {
		a, b := fmt.Sprint(e[0]), fmt.Sprint(e[1])
		edges = append(edges, min(a, b)+" "+max(a, b))
	}
	slices.Sort(edges)
	return fmt.Sprint(t.All.Nodes, slices.Compact(edges), t.One, t.Each)
}

// compareTold notes what is wrong with what a simulator was told about the run and its entities.
// How far a run is depends on timing, but for that of one simulator: it is the mean over all simulators,
// of which the one that asks is at its step, and the others are between the beginning and the end. It
// does not go back.
func compareTold(w *worldtest.World, i int, made []*jsonStep, note func(class, format string, args ...any)) {
	last := 0.0
	for k, s := range made {
		if want := relatedIn(w, i).related(); k == 0 && s.told.related() != want {
			note("", "%s is told that entities are related so: %s, not %s", w.Sims[i].Name, s.told.related(), want)
		}
		n := float64(len(w.Sims))
		least := 100 * float64(s.time) / float64(w.Until) / n
		p := s.told.Progress
		if most := least + 100*(n-1)/n; p < max(least, last)-1e-9 || p > most+1e-9 {
			class := ""
			// mosaik has looked at it after the last step of anybody, if there was one, and what it knows in
			// real time is that the clock has not come to the next one.
			if p >= last && p < least && (k == 0 && p == 0 || w.Events) {
				class = oldProgress
			}
			note(class, "%s at %d is told that the run is at %v %%, after %v; it should be from %v to %v", w.Sims[i].Name, s.time, p, last, least, most)
		}
		last = p
	}
}
