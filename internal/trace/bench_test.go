package trace

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/scheduler"
	"github.com/simrun/simrun/sim"
)

// BenchmarkWrite is one value of a step with a thousand.
func BenchmarkWrite(b *testing.B) {
	const n = 1000
	w, err := Create(filepath.Join(b.TempDir(), "trace.zst"), About{})
	require.NoError(b, err)
	world := sim.TraceWorld{Sims: []sim.TraceSim{{Name: "a"}}}
	values := make([]sim.TraceValue, n)
	for range n {
		world.Outputs = append(world.Outputs, sim.TraceOutput{Entity: "a.x", Attr: "p"})
	}
	require.NoError(b, w.Begin(world))
	at, x := sim.Time(0), uint64(1)
	for b.Loop() {
		for i := range values {
			x = x*6364136223846793005 + 1442695040888963407
			values[i] = sim.TraceValue{Output: i, Value: sim.Float(float64(x>>40) / 1000)}
		}
		at += scheduler.Second
		require.NoError(b, w.Write([]sim.TraceStep{{Stamp: scheduler.At(at), Next: sim.Never, Output: at, Values: values}}))
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/value")
	require.NoError(b, w.Close(End{}))
}
