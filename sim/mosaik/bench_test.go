package mosaik_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/sim"
	"github.com/simrun/simrun/sim/mosaik"
)

// BenchmarkStep is a step of one program on mosaik-api-v3 whose output a
// collector in this process reads: step and get_data, with one write and with
// two.
func BenchmarkStep(b *testing.B) {
	for name, separate := range map[string]bool{"one-write": false, "two-writes": true} {
		b.Run(name, func(b *testing.B) {
			w := newWorld(b)
			cfg := peer(b, "bench.py")
			cfg.SeparateGetData = separate
			program := mosaik.New(cfg)
			in, err := w.Add(b.Context(), "A", program, sim.AddOptions{})
			require.NoError(b, err)
			source := create(b, in, "Source", 1, nil)[0]
			c := &collector{}
			in, err = w.Add(b.Context(), "C", c, sim.AddOptions{})
			require.NoError(b, err)
			require.NoError(b, w.Connect(source, "x", create(b, in, "Collector", 1, nil)[0], "in", sim.ConnectOptions{}))
			b.ReportAllocs()
			b.ResetTimer()
			_, err = w.Run(b.Context(), sim.RunOptions{Until: seconds(b.N)})
			require.NoError(b, err)
			b.StopTimer()
			require.Equal(b, b.N, c.steps)
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "steps/s")
			b.ReportMetric(float64(program.Messaging().Nanoseconds())/float64(b.N), "messaging-ns/op")
		})
	}
}

// collector reads its input whenever there is a new value.
type collector struct {
	in    sim.Input
	steps int
	sum   float64
}

func (c *collector) Init(context.Context, *sim.Env) (sim.Meta, error) {
	return sim.Meta{Type: sim.Hybrid, Models: []sim.Model{{Name: "Collector", Attrs: []sim.Attr{{Name: "in", Input: true, Trigger: true}}}}}, nil
}

func (c *collector) Create(context.Context, int, string, sim.Params) ([]sim.NewEntity, error) {
	return []sim.NewEntity{{ID: "c", Model: "Collector", Inputs: map[string]*sim.Input{"in": &c.in}}}, nil
}

func (c *collector) Step(context.Context, *sim.Step) (sim.Time, error) {
	c.steps++
	c.sum += c.in.Float()
	return sim.Never, nil
}
