package topology

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"

	"gonum.org/v1/gonum/graph"
)

// Topology is a graph of agents' names, see the package documentation.
type Topology struct {
	names []string
	index map[string]int
	// edges of each name, by rising index of the neighbour
	edges [][]edge
	// distances from each name, worked out when first asked for
	distances []func() []float64
}

type edge struct {
	to     int
	length float64
}

func byEnd(x, y edge) int { return x.to - y.to }

// Of returns a graph of gonum as a topology. The names of its nodes are given by
// a function of their IDs, and are ordered as the IDs are. If the graph is directed,
// neighbours are those to which edges lead. If it is a [graph.Weighted], the
// weights are the lengths of edges, otherwise these are 1. Edges from a node to
// itself are left out. It fails if two nodes have one name, and if a length is
// negative or no number. The graph is copied.
func Of(g graph.Graph, name func(id int64) string) (*Topology, error) {
	nodes := graph.NodesOf(g.Nodes())
	ids := make([]int64, len(nodes))
	for i, n := range nodes {
		ids[i] = n.ID()
	}
	slices.Sort(ids)
	names := make([]string, len(ids))
	for i, id := range ids {
		names[i] = name(id)
	}
	t, err := unconnected(names)
	if err != nil {
		return nil, err
	}
	position := make(map[int64]int, len(ids))
	for i, id := range ids {
		position[id] = i
	}
	weighted, isWeighted := g.(graph.Weighted)
	for i, from := range ids {
		for _, n := range graph.NodesOf(g.From(from)) {
			e := edge{to: position[n.ID()], length: 1}
			if e.to == i {
				continue
			}
			if isWeighted {
				e.length, _ = weighted.Weight(from, n.ID())
				if !(e.length >= 0) { // not even a number
					return nil, fmt.Errorf("topology: the edge from %q to %q has the length %g; lengths are 0 or more", names[i], names[e.to], e.length)
				}
			}
			t.edges[i] = append(t.edges[i], e)
		}
		slices.SortFunc(t.edges[i], byEnd)
	}
	return t, nil
}

// unconnected returns a topology without edges.
func unconnected(names []string) (*Topology, error) {
	if len(names) == 0 {
		return nil, errors.New("topology: no agents were named")
	}
	t := &Topology{names: slices.Clone(names), index: make(map[string]int, len(names)), edges: make([][]edge, len(names))}
	for i, name := range names {
		if first, taken := t.index[name]; taken {
			return nil, fmt.Errorf("topology: agents %d and %d are both called %q", first, i, name)
		}
		t.index[name] = i
		t.distances = append(t.distances, sync.OnceValue(func() []float64 { return t.distancesFrom(i) }))
	}
	return t, nil
}

// Names returns the names of all agents in the order in which they were given.
func (t *Topology) Names() []string { return slices.Clone(t.names) }

// Has reports whether the topology names an agent.
func (t *Topology) Has(name string) bool {
	_, ok := t.index[name]
	return ok
}

// Neighbours returns the names of an agent's neighbours, in the order of Names.
// An agent that the topology does not name has none.
func (t *Topology) Neighbours(name string) []string {
	i, ok := t.index[name]
	if !ok {
		return nil
	}
	neighbours := make([]string, len(t.edges[i]))
	for k, e := range t.edges[i] {
		neighbours[k] = t.names[e.to]
	}
	return neighbours
}

// Numbered returns n names like those that a scenario gives the agents of a
// group: house-0, house-1, and so on.
func Numbered(group string, n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = group + "-" + strconv.Itoa(i)
	}
	return names
}
