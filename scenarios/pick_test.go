package scenarios_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/simrun/simrun/models"
	"github.com/simrun/simrun/scenarios"
	"github.com/simrun/simrun/sim"
)

// Source puts out its number, Sink lists the sources it is given.
type (
	Source struct {
		Out sim.Output `attr:"out"`
	}
	Sink struct {
		In   sim.Input  `attr:"in"`
		List sim.Output `attr:"list"`
	}
)

func (s *Source) Step(*sim.Step) error {
	s.Out.Set(1)
	return nil
}

func (s *Sink) Step(*sim.Step) error {
	var from []string
	for src := range s.In.All() {
		from = append(from, src[strings.LastIndex(src, "-")+1:])
	}
	s.List.SetValue(sim.Text(strings.Join(from, " ")))
	return nil
}

// pairing runs a scenario that connects n sources to m sinks, and returns for
// each sink the numbers of its sources.
func pairing(t testing.TB, n, m int, seed int, connections ...string) []string {
	text := fmt.Sprintf(`simrun: 1
name: pairs
until: 1s
seed: %d
simulators: {source: {model: source}, sink: {model: sink}}
entities:
  src: {of: source.Source, count: %d}
  dst: {of: sink.Sink, count: %d}
connect:
`, seed, n, m)
	for _, c := range connections {
		text += "  - " + c + "\n"
	}
	text += "record: {values: [\"dst[*].list\"]}\n"
	registry := &scenarios.Registry{Models: []models.Entry{entry[Source]("source", "Source"), entry[Sink]("sink", "Sink")}}
	path := write(t, text)
	s, err := scenarios.Read(path, scenarios.ReadOptions{Registry: registry})
	require.NoError(t, err)
	memory := &sim.Memory{}
	w, err := s.Build(t.Context(), scenarios.BuildOptions{Sink: func() sim.Sink { return memory }})
	require.NoError(t, err)
	_, err = w.Run(t.Context(), sim.RunOptions{Until: s.Until})
	require.NoError(t, err)
	require.NoError(t, w.Close())
	lists := make([]string, m)
	for _, row := range memory.Rows {
		v, err := row.Value.Any()
		require.NoError(t, err)
		lists[row.Series] = v.(string)
	}
	return lists
}

func TestPick(t *testing.T) {
	for _, c := range []struct {
		n, m       int
		connection string
		want       string // sources of the sinks, separated by |
	}{
		{3, 3, "src[*].out -> dst[*].in", "0|1|2"},
		{1, 3, "src.out -> dst[*].in", "0|0|0"},
		{3, 1, "src[*].out -> dst.in", "0 1 2"},
		{3, 3, "src[1].out -> dst[*].in", "1|1|1"},
		{3, 3, "src[0..1].out -> dst[1..2].in", "|0|1"},
		{5, 2, "src[*].out -> dst[*].in: {pick: round-robin}", "0 2 4|1 3"},
		{2, 5, "src[*].out -> dst[*].in: {pick: round-robin}", "0|1|0|1|0"},
		{2, 3, "src[*].out -> dst[*].in: {pick: all}", "0 1|0 1|0 1"},
		{2, 3, "src[ 0 .. 1 ].out  ->  dst[ * ].in: {pick: all}", "0 1|0 1|0 1"},
		{0, 2, "src[*].out -> dst[*].in", "|"},
		{2, 2, "src[*].out -> dst[*].in:", "0|1"},
		{4, 2, "src[0..${2-1}].out -> dst[*].in", "0|1"},
		{4, 2, `"src[0..${2-1}].out -> dst[*].in": {pick: "${\"all\"}"}`, "0 1|0 1"},
	} {
		t.Run(fmt.Sprint(c.n, c.m, c.connection), func(t *testing.T) {
			require.Equal(t, c.want, strings.Join(pairing(t, c.n, c.m, 1, c.connection), "|"))
		})
	}
}

// TestPickRandom: every source goes to one sink, and no sink has two more than
// another. The draw depends on the seed and on the text of the connection, and on
// nothing else in the file.
func TestPickRandom(t *testing.T) {
	const connection = "src[*].out -> dst[*].in: {pick: random}"
	before := pairing(t, 20, 7, 1, connection)
	require.Equal(t, before, pairing(t, 20, 7, 1, connection))
	require.Equal(t, before, pairing(t, 20, 7, 1, "src[ * ].out   ->dst[*].in: {pick: random}"))
	require.NotEqual(t, before, pairing(t, 20, 7, 2, connection))
	require.NotEqual(t, pairing(t, 20, 20, 1, "src[*].out -> dst[*].in"), pairing(t, 20, 20, 1, connection))
	after := pairing(t, 20, 7, 1, "src[0..1].out -> dst[*].in: {pick: random}", connection)
	for i := range before {
		have := strings.Fields(after[i])
		for _, src := range strings.Fields(before[i]) {
			require.Contains(t, have, src, "sink %d lost a source to another connection", i)
		}
	}

	rapid.Check(t, func(rt *rapid.T) {
		n, m := rapid.IntRange(0, 30).Draw(rt, "sources"), rapid.IntRange(1, 30).Draw(rt, "sinks")
		var all []string
		least, most := n, 0
		for _, list := range pairing(t, n, m, rapid.IntRange(0, 1000).Draw(rt, "seed"), connection) {
			sources := strings.Fields(list)
			all = append(all, sources...)
			least, most = min(least, len(sources)), max(most, len(sources))
		}
		slices.Sort(all)
		if len(all) != n || len(slices.Compact(all)) != n {
			rt.Fatalf("%d sources, connected are %v", n, all)
		}
		if most-least > 1 {
			rt.Fatalf("from %d to %d sources a sink", least, most)
		}
	})
}

// TestPickGolden pins a draw: it must not change from version to version.
func TestPickGolden(t *testing.T) {
	require.Equal(t, "0 5|1 6|2 4|3 7", strings.Join(pairing(t, 8, 4, 42, "src[*].out -> dst[*].in: {pick: random}"), "|"))
}
