package models_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/models"
	"github.com/simrun/simrun/scheduler"
	"github.com/simrun/simrun/sim"
)

func TestCollector(t *testing.T) {
	b := newBench(t, time.Time{}, nil)
	in := b.add("c", models.NewCollector(), nil)
	c, idle := b.make(in, nil), b.make(in, nil)
	_ = idle
	b.connect(b.signal("a", time.Hour, func(t sim.Time) float64 { return float64(t / scheduler.Hour) }), "x", c, "this")
	b.connect(b.signal("b", 2*time.Hour, func(t sim.Time) float64 { return -4 }), "x", c, "that")
	b.connect(b.signal("late", 24*time.Hour, func(t sim.Time) float64 { return 9 }), "x", c, "that")
	b.run(3 * time.Hour)
	at := func(entity, attr string) []float64 { _, v := b.results.Floats(entity, attr); return v }
	require.Equal(t, []float64{5, 6, 7}, at("c.Collector-0", "sum"))
	require.InDeltaSlice(t, []float64{5. / 3, 2, 7. / 3}, at("c.Collector-0", "mean"), 1e-12)
	require.Equal(t, []float64{-4, -4, -4}, at("c.Collector-0", "min"))
	require.Equal(t, []float64{9, 9, 9}, at("c.Collector-0", "max"))
	require.Equal(t, []float64{3, 3, 3}, at("c.Collector-0", "count"))
	require.Equal(t, []float64{0, 0, 0}, at("c.Collector-1", "sum"))
	require.Empty(t, at("c.Collector-1", "mean"))
}

func TestCollectorWantsNumbers(t *testing.T) {
	b := newBench(t, time.Time{}, nil)
	c := b.make(b.add("c", models.NewCollector(), nil), nil)
	text := b.make(b.add("text", models.NewConstant(), nil), sim.Params{"value": "high"})
	b.connect(text, "value", c, "x")
	require.ErrorContains(t, b.runFails(), `the value "high" from text.Constant-0 is not a number`)
}

func TestConstant(t *testing.T) {
	b := newBench(t, time.Time{}, nil)
	in := b.add("c", models.NewConstant(), nil)
	for _, value := range []any{1.5, int64(7), "text", true, []any{int64(1), "a"}} {
		b.make(in, sim.Params{"value": value})
	}
	b.run(24 * time.Hour)
	var got []string
	for _, row := range b.results.Rows {
		require.Zero(t, row.Time)
		got = append(got, row.Value.String())
	}
	require.Equal(t, []string{"1.5", "7", `"text"`, "true", `[1, "a"]`}, got)
	require.EqualValues(t, 1, in.Stats().Steps)
}

func TestUnknownSimulatorParameters(t *testing.T) {
	for _, e := range models.Builtin() {
		b := newBench(t, monday, nil)
		_, err := b.world.Add(context.Background(), e.Name, e.New(), sim.AddOptions{Params: sim.Params{"setp": "1m"}})
		require.ErrorContains(t, err, `no parameter "setp"`, e.Name)
	}
}

// Inputs that show up late are counted once, as those from before.
func TestCollectorWiredAgain(t *testing.T) {
	g, err := sim.NewGuest(t.Context(), "c", models.NewCollector(), sim.GuestConfig{})
	require.NoError(t, err)
	es, err := g.Instance().Create(t.Context(), "Collector", 1, nil)
	require.NoError(t, err)
	inputs := []sim.GuestInput{{Entity: es[0].ID(), Attr: "a", Source: "x.x", Value: sim.Float(1)}, {Entity: es[0].ID(), Attr: "b", Source: "x.x", Value: sim.Float(2)}}
	for n := range inputs {
		_, _, err := g.Step(t.Context(), sim.Time(n), sim.Time(n), inputs[:n+1])
		require.NoError(t, err)
		count, _, err := g.Output(t.Context(), es[0], "count")
		require.NoError(t, err)
		require.Equal(t, sim.Float(float64(n+1)), count)
	}
	require.NoError(t, g.Close())
}
