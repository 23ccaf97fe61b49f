package graphdraw_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/internal/graphdraw"
	"github.com/simrun/simrun/scenarios"
	"github.com/simrun/simrun/sim"
)

// street is a world in which each of n houses is two simulators of its own, and house 1 is
// read by one more.
func street(t *testing.T, n int) *graphdraw.Graph {
	t.Helper()
	var b strings.Builder
	b.WriteString("simrun: 1\nname: street\nuntil: 1h\nsimulators:\n  grid: {model: meter}\n  extra: {model: meter}\n")
	for i := range n {
		fmt.Fprintf(&b, "  load-%d: {model: constant, params: {value: 1}}\n  house-%d: {model: meter}\n", i, i)
	}
	b.WriteString("connect:\n  - house-1.power -> extra.consumption\n")
	for i := range n {
		fmt.Fprintf(&b, "  - load-%d.value -> house-%d.consumption\n  - house-%d.power -> grid.consumption\n", i, i, i)
	}
	b.WriteString("record: {every: 1h, values: [grid.power]}\n")
	path := filepath.Join(t.TempDir(), "street.yaml")
	require.NoError(t, os.WriteFile(path, []byte(b.String()), 0o644))
	s, err := scenarios.Read(path, scenarios.ReadOptions{})
	require.NoError(t, err)
	w, err := s.Build(context.Background(), scenarios.BuildOptions{Sink: func() sim.Sink { return &sim.Memory{} }})
	require.NoError(t, err)
	g := graphdraw.Of(w)
	require.NoError(t, w.Close())
	return g
}

func boxes(g *graphdraw.Graph) (names []string) {
	for _, b := range g.Boxes {
		names = append(names, b.Name)
	}
	return names
}

func TestFewSimulatorsAreShownOneByOne(t *testing.T) {
	g := street(t, 9)
	assert.Len(t, g.Boxes, 20)
	assert.Equal(t, []string{"grid", "extra", "load-0", "house-0", "load-1"}, boxes(g)[:5])
}

// Of many simulators those that have the same models and are connected in the same way are
// one box: house 1 is not like the others, and what gives to it is not, either.
func TestSimulatorsThatAreAlikeShareABox(t *testing.T) {
	for _, n := range []int{10, 300} {
		g := street(t, n)
		others := strconv.Itoa(n - 1)
		assert.Equal(t, []string{"grid", "extra", "load-* × " + others, "house-* × " + others, "load-1", "house-1"}, boxes(g))
		assert.ElementsMatch(t, []string{
			"Constant × " + others + " -> Meter × " + others + ": value to consumption × " + others, "Meter × " + others + " -> Meter-0: power to consumption × " + others,
			"Constant-0 -> Meter-0: value to consumption", "Meter-0 -> Meter-0: power to consumption", "Meter-0 -> Meter-0: power to consumption"}, labels(g))
		assert.Contains(t, g.DOT("street"), `label="house-* × `+others+`";`)
		height, err := strconv.Atoi(regexp.MustCompile(`height="([0-9]+)"`).FindStringSubmatch(g.SVG())[1])
		require.NoError(t, err)
		assert.Less(t, height, 400, "it fits a page")
	}
}

// If simulators differ in how many they are connected to, and are still too many, that does
// not count: the houses of feeders of all sizes.
func TestSimulatorsThatDifferInNumbers(t *testing.T) {
	w := sim.NewWorld(sim.Config{})
	add := func(name string) *sim.Entity {
		in, err := w.Add(t.Context(), name, sim.NewModel[relay](sim.ModelConfig{Name: "Relay", Type: sim.EventBased}), sim.AddOptions{})
		require.NoError(t, err)
		es, err := in.Create(t.Context(), "Relay", 1, nil)
		require.NoError(t, err)
		return es[0]
	}
	for i := range 25 {
		feeder := add(fmt.Sprintf("feeder%d", i))
		for k := range i + 1 {
			require.NoError(t, w.Connect(add(fmt.Sprintf("house%d.%d", i, k)), "out", feeder, "in", sim.ConnectOptions{}))
		}
	}
	g := graphdraw.Of(w)
	require.NoError(t, w.Close())
	assert.Equal(t, []string{"feeder* × 25", "house*.* × 325"}, boxes(g))
}

// relay passes on what it gets.
type relay struct {
	In  sim.Input  `attr:"in,trigger"`
	Out sim.Output `attr:"out"`
}

func (*relay) Step(*sim.Step) error { return nil }

// In a row, each is connected to another one: only those far from its ends are alike, and the
// picture of a row of any length ends.
func TestSimulatorsInARow(t *testing.T) {
	w := sim.NewWorld(sim.Config{})
	var last *sim.Entity
	for i := range 500 {
		in, err := w.Add(t.Context(), fmt.Sprintf("a%d", i), sim.NewModel[relay](sim.ModelConfig{Name: "Relay", Type: sim.EventBased}), sim.AddOptions{})
		require.NoError(t, err)
		es, err := in.Create(t.Context(), "Relay", 1, nil)
		require.NoError(t, err)
		if last != nil {
			require.NoError(t, w.Connect(last, "out", es[0], "in", sim.ConnectOptions{}))
		}
		last = es[0]
	}
	g := graphdraw.Of(w)
	require.NoError(t, w.Close())
	assert.Less(t, len(g.Boxes), 100)
	assert.Contains(t, boxes(g), "a0")
	assert.Contains(t, boxes(g), "a499")
	assert.NotContains(t, g.SVG(), "NaN")
}
