package topology

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/graph/graphs/gen"
	"gonum.org/v1/gonum/graph/simple"
)

// Complete returns the topology in which all are neighbours.
func Complete(names []string) (*Topology, error) {
	return linked(names, func(link func(i, j int)) {
		for j := range names {
			for i := range j {
				link(i, j)
			}
		}
	})
}

// Line returns the topology in which each is the neighbour of the one before
// and of the one after.
func Line(names []string) (*Topology, error) {
	return linked(names, func(link func(i, j int)) {
		for j := 1; j < len(names); j++ {
			link(j-1, j)
		}
	})
}

// Ring returns the [Line] whose last is the neighbour of the first.
func Ring(names []string) (*Topology, error) {
	return linked(names, func(link func(i, j int)) {
		for i := range names {
			link(i, (i+1)%len(names))
		}
	})
}

// Star returns the topology in which the first is the neighbour of all others,
// and these only of the first.
func Star(names []string) (*Topology, error) {
	return linked(names, func(link func(i, j int)) {
		for j := range names {
			link(0, j)
		}
	})
}

// Grid returns a rectangle of the given number of columns, filled row by row, in
// which neighbours are those above, below, to the left and to the right. It fails
// if the last row would not be full.
func Grid(names []string, columns int) (*Topology, error) {
	return grid(names, columns, false)
}

// Torus returns the [Grid] in which the last of each row is the neighbour of its
// first, and the last of each column of its first.
func Torus(names []string, columns int) (*Topology, error) {
	return grid(names, columns, true)
}

func grid(names []string, columns int, wrap bool) (*Topology, error) {
	if columns < 1 || len(names)%columns != 0 {
		return nil, fmt.Errorf("topology: %d agents do not fill a grid of %d columns", len(names), columns)
	}
	rows := len(names) / columns
	return linked(names, func(link func(i, j int)) {
		for i := range names {
			row, column := i/columns, i%columns
			if wrap || column+1 < columns {
				link(i, row*columns+(column+1)%columns)
			}
			if wrap || row+1 < rows {
				link(i, (row+1)%rows*columns+column)
			}
		}
	})
}

// linked returns a topology with the edges that make links, of length 1 and both
// ways. Linking two again, or one with itself, does nothing.
func linked(names []string, make func(link func(i, j int))) (*Topology, error) {
	t, err := unconnected(names)
	if err != nil {
		return nil, err
	}
	make(func(i, j int) {
		if i != j {
			t.edges[i] = append(t.edges[i], edge{to: j, length: 1})
			t.edges[j] = append(t.edges[j], edge{to: i, length: 1})
		}
	})
	for i := range t.edges {
		slices.SortFunc(t.edges[i], byEnd)
		t.edges[i] = slices.Compact(t.edges[i])
	}
	return t, nil
}

// Random returns a topology in which any two are neighbours with probability p,
// independently of all others (the model G(n, p) of Gilbert, Random Graphs, 1959,
// often called after Erdős and Rényi). Everything is drawn from src, such as
// random.New(seed, "topology"). It need not be connected, see
// [Topology.Connected]. It fails if p is not between 0 and 1.
func Random(names []string, p float64, src rand.Source) (*Topology, error) {
	if err := checkProbability(p); err != nil {
		return nil, err
	}
	g := simple.NewUndirectedGraph()
	if err := gen.Gnp(g, len(names), p, src); err != nil {
		return nil, fmt.Errorf("topology: %w", err)
	}
	return named(names, g)
}

// SmallWorld returns a ring in which each is the neighbour of the k nearest on
// either side, and then each of these edges is led, with probability p, from its
// first end to another one that is drawn (Watts and Strogatz, Collective dynamics
// of 'small-world' networks, Nature 393, 1998). Everything is drawn from src. It
// fails if p is not between 0 and 1, and if there are not at least 2k+2 agents, or
// k is less than 1.
func SmallWorld(names []string, k int, p float64, src rand.Source) (*Topology, error) {
	if err := checkProbability(p); err != nil {
		return nil, err
	}
	n := len(names)
	if k < 1 || n < 2*k+2 {
		return nil, fmt.Errorf("topology: a small world of %d agents with the %d nearest on either side; there must be at least 2k+2 agents, and k at least 1", n, k)
	}
	g := simple.NewUndirectedGraph()
	for distance := 1; distance <= k; distance++ {
		for from := range n {
			g.SetEdge(simple.Edge{F: simple.Node(from), T: simple.Node((from + distance) % n)})
		}
	}
	draw := rand.New(src)
	for distance := 1; distance <= k; distance++ {
		for from := range n {
			// An edge whose first end is everybody's neighbour cannot be moved.
			if draw.Float64() >= p || g.From(int64(from)).Len() == n-1 {
				continue
			}
			to := draw.IntN(n)
			for to == from || g.HasEdgeBetween(int64(from), int64(to)) {
				to = draw.IntN(n)
			}
			g.RemoveEdge(int64(from), int64((from+distance)%n))
			g.SetEdge(simple.Edge{F: simple.Node(from), T: simple.Node(to)})
		}
	}
	return named(names, g)
}

func checkProbability(p float64) error {
	if !(p >= 0 && p <= 1) {
		return fmt.Errorf("topology: %g is not a probability", p)
	}
	return nil
}

// named returns the topology of a graph in which node i is for the i-th name.
func named(names []string, g *simple.UndirectedGraph) (*Topology, error) {
	return Of(g, func(id int64) string { return names[id] })
}
