package graphdraw

import (
	"fmt"
	"strings"
	"time"

	"github.com/simrun/simrun/internal/format"
	"github.com/simrun/simrun/sim"
)

const (
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

// Box is a simulator.
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
	rows := make(map[*sim.Entity]*Row)
	total := 0
	for _, in := range w.Instances() {
		total += len(in.Entities())
	}
	for _, in := range w.Instances() {
		box := &Box{Name: in.Name()}
		g.Boxes = append(g.Boxes, box)
		entities := in.Entities()
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
	g.connect(w.Connections(), rows)
	return g
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
