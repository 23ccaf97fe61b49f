package topology

import (
	"math"
	"slices"
	"time"

	"gonum.org/v1/gonum/graph"
	"gonum.org/v1/gonum/graph/iterator"
	"gonum.org/v1/gonum/graph/path"
	"gonum.org/v1/gonum/graph/simple"

	"github.com/simrun/simrun/container"
)

// Distance returns the length of the shortest way along edges from one agent to
// another: the number of edges, or the sum of their lengths. It is infinite if
// there is no way, or one of them is not named. All distances from one agent
// are worked out, by Dijkstra's algorithm, when it is asked for the first; they
// are kept, 8 bytes for each agent.
func (t *Topology) Distance(from, to string) float64 {
	i, ok := t.index[from]
	j, ok2 := t.index[to]
	if !ok || !ok2 {
		return math.Inf(1)
	}
	return t.distances[i]()[j]
}

// Media returns how messages travel along edges, for [container.NewMedia]: one for
// each edge and direction, with its length times unit as the delay. Between agents
// that are not neighbours messages travel as what follows in the list says, or at once.
func (t *Topology) Media(unit time.Duration) []container.Medium {
	var media []container.Medium
	for i, edges := range t.edges {
		for _, e := range edges {
			media = append(media, container.Medium{From: "*/" + t.names[i], To: "*/" + t.names[e.to],
				Delay: time.Duration(e.length * float64(unit))})
		}
	}
	return media
}

// Connected reports whether there is a way from every agent to every other.
func (t *Topology) Connected() bool {
	// That is so if all can be reached from the first, and the first from all.
	for _, g := range []*Topology{t, t.reversed()} {
		if slices.Contains(g.distancesFrom(0), math.Inf(1)) {
			return false
		}
	}
	return true
}

func (t *Topology) reversed() *Topology {
	r := &Topology{edges: make([][]edge, len(t.edges))}
	for i, edges := range t.edges {
		for _, e := range edges {
			r.edges[e.to] = append(r.edges[e.to], edge{to: i, length: e.length})
		}
	}
	return r
}

func (t *Topology) distancesFrom(i int) []float64 {
	shortest := path.DijkstraFrom(simple.Node(i), gonumGraph{t})
	distances := make([]float64, len(t.edges))
	for j := range distances {
		distances[j] = shortest.WeightTo(int64(j))
	}
	return distances
}

// gonumGraph shows a topology to algorithms of gonum: IDs of nodes are indices.
type gonumGraph struct{ t *Topology }

func (g gonumGraph) From(id int64) graph.Nodes {
	edges := g.t.edges[id]
	nodes := make([]graph.Node, len(edges))
	for k, e := range edges {
		nodes[k] = simple.Node(e.to)
	}
	return iterator.NewOrderedNodes(nodes)
}

func (g gonumGraph) Edge(from, to int64) graph.Edge {
	if _, ok := g.Weight(from, to); !ok {
		return nil
	}
	return simple.Edge{F: simple.Node(from), T: simple.Node(to)}
}

func (g gonumGraph) Weight(from, to int64) (float64, bool) {
	edges := g.t.edges[from]
	k, ok := slices.BinarySearchFunc(edges, int(to), func(e edge, to int) int { return e.to - to })
	if !ok {
		return math.Inf(1), false
	}
	return edges[k].length, true
}
