package mosaik_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/channel"
	"github.com/simrun/simrun/sim"
	"github.com/simrun/simrun/sim/mosaik"
)

// BenchmarkServe is a step of a world with two simulators in Go that are served
// over TCP, the second of which reads the first: two steps and one get_data.
func BenchmarkServe(b *testing.B) {
	w := sim.NewWorld(sim.Config{})
	ctx, cancel := context.WithCancel(b.Context())
	defer cancel()
	entities := make([]*sim.Entity, 2)
	ended := make(chan error, len(entities))
	for i, name := range []string{"A", "B"} {
		l, err := channel.Listen("127.0.0.1:0", channel.Config{})
		require.NoError(b, err)
		defer l.Close()
		model := sim.NewModel[Heater](sim.ModelConfig{Name: "Heater", Step: time.Second})
		go func() { ended <- mosaik.ServeListener(ctx, l, model, mosaik.ServeConfig{}) }()
		in, err := w.Add(ctx, name, mosaik.New(mosaik.Config{Connect: l.Addr()[len("tcp://"):]}), sim.AddOptions{})
		require.NoError(b, err)
		entities[i] = create(b, in, "Heater", 1, nil)[0]
	}
	require.NoError(b, w.Connect(entities[0], "heat", entities[1], "share", sim.ConnectOptions{}))
	b.ReportAllocs()
	b.ResetTimer()
	_, err := w.Run(ctx, sim.RunOptions{Until: seconds(b.N)})
	b.StopTimer()
	require.NoError(b, err)
	require.NoError(b, w.Close())
	for range entities {
		require.NoError(b, <-ended)
	}
}
