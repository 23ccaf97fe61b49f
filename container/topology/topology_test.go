package topology_test

import (
	"context"
	"math"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/graph/multi"
	"gonum.org/v1/gonum/graph/simple"
	"pgregory.net/rapid"

	"github.com/simrun/simrun/container"
	"github.com/simrun/simrun/container/topology"
	"github.com/simrun/simrun/scheduler"
	"github.com/simrun/simrun/sim/random"
)

// shapes are all that are made from a list of names, with the degree that they
// give the agent at index i of n; those that draw have none.
var shapes = map[string]struct {
	make   func(names []string) (*topology.Topology, error)
	least  int // agents
	degree func(i, n int) int
	apart  bool // may fall apart
}{
	"complete": {make: topology.Complete, least: 1, degree: func(_, n int) int { return n - 1 }},
	"line": {make: topology.Line, least: 1, degree: func(i, n int) int {
		return btoi(i > 0) + btoi(i < n-1)
	}},
	"ring": {make: topology.Ring, least: 1, degree: func(_, n int) int { return min(n-1, 2) }},
	"star": {make: topology.Star, least: 1, degree: func(i, n int) int {
		if i == 0 {
			return n - 1
		}
		return 1
	}},
	"grid": {make: inRows(topology.Grid), least: 3, degree: func(i, n int) int {
		row, column, columns := i/3, i%3, 3
		return btoi(row > 0) + btoi(row < n/3-1) + btoi(column > 0) + btoi(column < columns-1)
	}},
	"torus":    {make: inRows(topology.Torus), least: 3, degree: func(_, n int) int { return min(n/3-1, 2) + 2 }},
	"random":   {make: drawn(0.3), least: 1, apart: true},
	"empty":    {make: drawn(0), least: 1, degree: func(int, int) int { return 0 }, apart: true},
	"full":     {make: drawn(1), least: 1, degree: func(_, n int) int { return n - 1 }},
	"lattice":  {make: smallWorld(0), least: 6, degree: func(int, int) int { return 4 }},
	"small":    {make: smallWorld(0.2), least: 6, apart: true},
	"shuffled": {make: smallWorld(1), least: 6, apart: true},
}

// inRows makes grids of three columns; names that do not fill a row are left out.
func inRows(make func([]string, int) (*topology.Topology, error)) func([]string) (*topology.Topology, error) {
	return func(names []string) (*topology.Topology, error) { return make(names[:len(names)/3*3], 3) }
}

func drawn(p float64) func([]string) (*topology.Topology, error) {
	return func(names []string) (*topology.Topology, error) {
		return topology.Random(names, p, random.New(1, "edges"))
	}
}

func smallWorld(p float64) func([]string) (*topology.Topology, error) {
	return func(names []string) (*topology.Topology, error) {
		return topology.SmallWorld(names, 2, p, random.New(1, "edges"))
	}
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func TestShapes(t *testing.T) {
	for shape, s := range shapes {
		t.Run(shape, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				names := topology.Numbered("a", rapid.IntRange(s.least, 40).Draw(t, "agents"))
				top, err := s.make(names)
				require.NoError(t, err)
				again, err := s.make(names)
				require.NoError(t, err)
				names = top.Names()
				for i, name := range names {
					neighbours := top.Neighbours(name)
					require.Equal(t, neighbours, again.Neighbours(name))
					if s.degree != nil {
						require.Len(t, neighbours, s.degree(i, len(names)), name)
					}
					require.NotContains(t, neighbours, name)
					require.True(t, slices.IsSortedFunc(neighbours, func(x, y string) int {
						return slices.Index(names, x) - slices.Index(names, y)
					}), "in the order of the names: %v", neighbours)
					require.Len(t, slices.Compact(slices.Clone(neighbours)), len(neighbours))
					for _, other := range neighbours {
						require.Contains(t, top.Neighbours(other), name)
						require.EqualValues(t, 1, top.Distance(name, other))
					}
				}
				if !s.apart {
					require.True(t, top.Connected())
				}
			})
		})
	}
}

// The distances of every shape are a metric, and those of neighbours explain all
// others.
func TestDistance(t *testing.T) {
	for shape, s := range shapes {
		t.Run(shape, func(t *testing.T) {
			top, err := s.make(topology.Numbered("a", 18))
			require.NoError(t, err)
			names := top.Names()
			reached := 0
			for _, x := range names {
				require.Zero(t, top.Distance(x, x))
				for _, y := range names {
					d := top.Distance(x, y)
					require.Equal(t, d, top.Distance(y, x))
					if x != y {
						nearest := math.Inf(1)
						for _, n := range top.Neighbours(x) {
							nearest = min(nearest, top.Distance(n, y))
						}
						require.Equal(t, 1+nearest, d)
					}
					if !math.IsInf(d, 1) {
						reached++
					}
				}
			}
			assert.Equal(t, reached == len(names)*len(names), top.Connected())
		})
	}
}

func TestDistancesOfGrids(t *testing.T) {
	names := topology.Numbered("a", 12)
	grid, err := topology.Grid(names, 4)
	require.NoError(t, err)
	torus, err := topology.Torus(names, 4)
	require.NoError(t, err)
	assert.EqualValues(t, 5, grid.Distance("a-0", "a-11"))
	assert.EqualValues(t, 2, torus.Distance("a-0", "a-11"))
	assert.Equal(t, []string{"a-1", "a-4"}, grid.Neighbours("a-0"))
	assert.Equal(t, []string{"a-1", "a-3", "a-4", "a-8"}, torus.Neighbours("a-0"))
}

// Rewiring moves ends of edges; it neither adds nor removes any.
func TestSmallWorldKeepsItsEdges(t *testing.T) {
	names := topology.Numbered("a", 30)
	moved := 0
	for _, p := range []float64{0, 0.1, 0.9, 1} {
		top, err := topology.SmallWorld(names, 3, p, random.New(7, "edges"))
		require.NoError(t, err)
		ends, far := 0, 0
		for i, name := range names {
			neighbours := top.Neighbours(name)
			ends += len(neighbours)
			assert.GreaterOrEqual(t, len(neighbours), 3, "the edges that begin at it stay with it")
			for _, n := range neighbours {
				j := slices.Index(names, n)
				if apart := (i - j + 30) % 30; apart > 3 && apart < 27 {
					far++
				}
			}
		}
		assert.Equal(t, 2*3*30, ends)
		assert.GreaterOrEqual(t, far, moved)
		moved = far
	}
	assert.Positive(t, moved)
}

// Of eight agents with three on either side each has one that is not its
// neighbour; drawing comes to an end when it has become one, too.
func TestSmallWorldOfFew(t *testing.T) {
	for seed := range uint64(200) {
		_, err := topology.SmallWorld(topology.Numbered("a", 8), 3, 1, random.New(seed))
		require.NoError(t, err)
	}
}

func TestRandomFollowsItsSource(t *testing.T) {
	names := topology.Numbered("a", 50)
	edges := func(seed uint64) (all []string, count int) {
		top, err := topology.Random(names, 0.2, random.New(seed, "edges"))
		require.NoError(t, err)
		for _, name := range names {
			all = append(all, top.Neighbours(name)...)
		}
		return all, len(all) / 2
	}
	one, count := edges(1)
	other, _ := edges(2)
	assert.NotEqual(t, one, other)
	assert.InDelta(t, 0.2*50*49/2, count, 4*math.Sqrt(50*49/2*0.2*0.8), "within four standard deviations")
}

func TestOf(t *testing.T) {
	g := simple.NewWeightedDirectedGraph(0, math.Inf(1))
	for _, e := range []struct {
		from, to int64
		length   float64
	}{{30, 10, 2.5}, {30, 20, 1}, {20, 10, 1}, {10, 40, 0}} {
		g.SetWeightedEdge(g.NewWeightedEdge(simple.Node(e.from), simple.Node(e.to), e.length))
	}
	name := func(id int64) string { return "n" + strconv.FormatInt(id, 10) }
	top, err := topology.Of(g, name)
	require.NoError(t, err)
	assert.Equal(t, []string{"n10", "n20", "n30", "n40"}, top.Names())
	assert.Equal(t, []string{"n10", "n20"}, top.Neighbours("n30"))
	assert.Empty(t, top.Neighbours("n40"))
	assert.EqualValues(t, 2, top.Distance("n30", "n40"))
	assert.True(t, math.IsInf(top.Distance("n40", "n30"), 1))
	assert.False(t, top.Connected(), "nothing leads away from n40")

	g.SetWeightedEdge(g.NewWeightedEdge(simple.Node(40), simple.Node(30), 1))
	assert.False(t, top.Connected(), "it has a copy")
	top, err = topology.Of(g, name)
	require.NoError(t, err)
	assert.True(t, top.Connected())

	for _, length := range []float64{-1, math.NaN()} {
		g.SetWeightedEdge(g.NewWeightedEdge(simple.Node(10), simple.Node(20), length))
		_, err = topology.Of(g, name)
		require.ErrorContains(t, err, `topology: the edge from "n10" to "n20" has the length `)
	}
	_, err = topology.Of(g, func(int64) string { return "same" })
	require.EqualError(t, err, `topology: agents 0 and 1 are both called "same"`)
}

// Graphs that are not simple have edges from a node to itself, and several between
// two nodes.
func TestOfMultigraph(t *testing.T) {
	g := multi.NewUndirectedGraph()
	for _, to := range []int64{1, 1, 0, 2} {
		g.SetLine(g.NewLine(multi.Node(0), multi.Node(to)))
	}
	top, err := topology.Of(g, func(id int64) string { return strconv.FormatInt(id, 10) })
	require.NoError(t, err)
	assert.Equal(t, []string{"1", "2"}, top.Neighbours("0"))
}

func TestUnknownNames(t *testing.T) {
	top, err := topology.Ring([]string{"a", "b", "c"})
	require.NoError(t, err)
	assert.False(t, top.Has("d"))
	assert.True(t, top.Has("c"))
	assert.Empty(t, top.Neighbours("d"))
	assert.True(t, math.IsInf(top.Distance("a", "d"), 1))
	assert.True(t, math.IsInf(top.Distance("d", "d"), 1))
}

func TestBadShapes(t *testing.T) {
	names := topology.Numbered("a", 7)
	src := random.New(1)
	for want, make := range map[string]func() (*topology.Topology, error){
		"topology: 7 agents do not fill a grid of 3 columns": func() (*topology.Topology, error) { return topology.Grid(names, 3) },
		"topology: 7 agents do not fill a grid of 0 columns": func() (*topology.Topology, error) { return topology.Torus(names, 0) },
		"topology: 1.5 is not a probability":                 func() (*topology.Topology, error) { return topology.Random(names, 1.5, src) },
		"topology: NaN is not a probability":                 func() (*topology.Topology, error) { return topology.SmallWorld(names, 1, math.NaN(), src) },
		"topology: a small world of 7 agents with the 3 nearest on either side; there must be at least 2k+2 agents, and k at least 1": func() (*topology.Topology, error) {
			return topology.SmallWorld(names, 3, 0.1, src)
		},
		`topology: agents 0 and 2 are both called "x"`: func() (*topology.Topology, error) { return topology.Ring([]string{"x", "y", "x"}) },
	} {
		_, err := make()
		assert.EqualError(t, err, want)
	}
	for shape, s := range shapes {
		if s.least < 6 {
			_, err := s.make(nil)
			assert.EqualError(t, err, "topology: no agents were named", shape)
		}
	}
}

// stranger is an agent that no topology names.
type stranger struct{ topology.Agent }

func (*stranger) Name() string { return "stranger" }

func TestStrangersCannotTalk(t *testing.T) {
	top, err := topology.Ring([]string{"a", "b", "c"})
	require.NoError(t, err)
	const want = `topology: it does not name agent "stranger"; there are "a", "b", "c"`
	require.EqualError(t, top.Broadcast(&stranger{}, "hear"), want)
	_, err = top.Gather(t.Context(), &stranger{}, "hear")
	require.EqualError(t, err, want)
}

// listener notes when it hears something.
type listener struct {
	container.Agent
	heard func(name string, t scheduler.Time)
}

func (l *listener) Start(context.Context) error {
	l.Expose("hear", func(context.Context) error {
		l.heard(l.Name(), l.Now())
		return nil
	})
	return nil
}

// A message to a neighbour takes as long as the edge is.
func TestMedia(t *testing.T) {
	g := simple.NewWeightedUndirectedGraph(0, math.Inf(1))
	for to, length := range []float64{1: 2, 0.5, 0} {
		if to > 0 {
			g.SetWeightedEdge(g.NewWeightedEdge(simple.Node(0), simple.Node(to), length))
		}
	}
	top, err := topology.Of(g, func(id int64) string { return strconv.FormatInt(id, 10) })
	require.NoError(t, err)
	media, err := container.NewMedia(1, top.Media(time.Second)...)
	require.NoError(t, err)
	require.Len(t, top.Media(time.Second), 6)

	loop := scheduler.NewLoop(scheduler.Config{})
	c := container.New(loop, "c", container.WithMedia(media))
	defer c.Close()
	heard := map[string]scheduler.Time{}
	var hub *listener
	for _, name := range top.Names() {
		l := &listener{heard: func(name string, t scheduler.Time) { heard[name] = t }}
		require.NoError(t, c.Add(name, l))
		if name == "0" {
			hub = l
		}
	}
	require.NoError(t, c.Notify(scheduler.Second, "0", "test", func(context.Context) error { return top.Broadcast(hub, "hear") }))
	require.NoError(t, loop.AdvanceTo(t.Context(), scheduler.Minute))
	const ms = scheduler.Second / 1000
	assert.Equal(t, map[string]scheduler.Time{"1": 3000 * ms, "2": 1500 * ms, "3": 1000 * ms}, heard)
}
