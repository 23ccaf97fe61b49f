package graphdraw

import (
	"fmt"
	"strings"
	"time"

	"github.com/simrun/simrun/internal/format"
	"github.com/simrun/simrun/sim"
)

const (
	// mostBoxes is how many simulators a graph shows one by one.
	mostBoxes = 20
	// mostRows is how many entities a graph shows one by one.
	mostRows = 20
	// mostRowsOfOne is how many entities of one simulator it shows one by one.
	mostRowsOfOne = 8
	// mostNames is how many attributes an arrow names.
	mostNames = 3
)

// Graph is what is drawn. All parts are in the order of the world's.
type Graph struct {
	Boxes []*Box
	Edges []*Edge
}

// Box is a simulator, or several that are alike.
type Box struct {
	Name string
	Rows []*Row
}

// Row is an entity, or all of one model.
type Row struct {
	Box   *Box
	Label string
	Size  int // entities
	place int // in Box.Rows
}

// Edge is all connections between two rows that have one delay.
type Edge struct {
	From, To *Row
	Shift    time.Duration
	Weak     bool
	Names    []string // of attributes: "power", "power to consumption"
	Count    int      // connections
}

// Late reports whether values arrive later than at the time at which they were
// put out, or in another round.
func (e *Edge) Late() bool { return e.Shift > 0 || e.Weak }

// Label tells what travels and when it arrives.
func (e *Edge) Label() string {
	names := strings.Join(e.Names, ", ")
	if len(e.Names) > mostNames {
		names = fmt.Sprintf("%d attributes", len(e.Names))
	}
	if each := e.Count / len(e.Names); each > 1 {
		names += fmt.Sprintf(" × %s", format.Count(int64(each)))
	}
	return names
}

// Delay tells when it arrives, "" if at once.
func (e *Edge) Delay() string {
	switch {
	case e.Weak && e.Shift > 0:
		return "weak, " + format.Exact(e.Shift) + " later"
	case e.Weak:
		return "weak"
	case e.Shift > 0:
		return format.Exact(e.Shift) + " later"
	}
	return ""
}

// Of makes the graph of a world, which is composed but need not have run.
func Of(w *sim.World) *Graph {
	g := &Graph{}
	instances, connections := w.Instances(), w.Connections()
	rows := make(map[*sim.Entity]*Row)
	total := 0
	for _, in := range instances {
		total += len(in.Entities())
	}
	for _, group := range groups(instances, connections) {
		box := &Box{}
		g.Boxes = append(g.Boxes, box)
		var names []string
		var entities []*sim.Entity
		for _, in := range group {
			names, entities = append(names, in.Name()), append(entities, in.Entities()...)
		}
		box.Name = title(names)
		single := total <= mostRows && len(entities) <= mostRowsOfOne
		models := make(map[string]*Row)
		for _, e := range entities {
			row := models[e.Model().Name]
			if row == nil || single {
				row = &Row{Box: box, Label: e.ID(), place: len(box.Rows)}
				models[e.Model().Name] = row
				box.Rows = append(box.Rows, row)
			}
			if row.Size++; row.Size > 1 {
				row.Label = fmt.Sprintf("%s × %s", e.Model().Name, format.Count(int64(row.Size)))
			}
			rows[e] = row
		}
	}
	g.connect(connections, rows)
	return g
}

// groups are the simulators that share a box: if there are many, those that are alike, and if
// that leaves too many, those that differ only in numbers.
func groups(instances []*sim.Instance, connections []sim.Connection) (all [][]*sim.Instance) {
	if len(instances) <= mostBoxes {
		for _, in := range instances {
			all = append(all, []*sim.Instance{in})
		}
		return all
	}
	numbers, n := alike(instances, connections, true)
	if n > mostBoxes {
		numbers, n = alike(instances, connections, false)
	}
	all = make([][]*sim.Instance, n)
	for i, in := range instances {
		all[numbers[i]] = append(all[numbers[i]], in)
	}
	return all
}

// connect gathers connections into edges.
func (g *Graph) connect(all []sim.Connection, rows map[*sim.Entity]*Row) {
	type key struct {
		from, to *Row
		shift    time.Duration
		weak     bool
	}
	type named struct {
		*Edge
		name string
	}
	edges, seen := make(map[key]*Edge), make(map[named]bool)
	for _, c := range all {
		k := key{rows[c.Source], rows[c.Destination], c.Shift, c.Weak}
		e := edges[k]
		if e == nil {
			e = &Edge{From: k.from, To: k.to, Shift: k.shift, Weak: k.weak}
			edges[k], g.Edges = e, append(g.Edges, e)
		}
		name := c.SourceAttr
		if c.DestinationAttr != name {
			name += " to " + c.DestinationAttr
		}
		if n := (named{e, name}); !seen[n] {
			seen[n] = true
			e.Names = append(e.Names, name)
		}
		e.Count++
	}
}
