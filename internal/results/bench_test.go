package results_test

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/internal/results"
	"github.com/simrun/simrun/sim"
)

// step is what 100 entities put out at one time.
func step(tb testing.TB, dir string, format results.Format) (run *results.Run, write func(at sim.Time)) {
	run, err := results.Create(dir, results.Info{Format: format})
	require.NoError(tb, err)
	series := make([]sim.Series, 100)
	for i := range series {
		series[i] = sim.Series{Entity: fmt.Sprintf("store[%d]", i), Attr: "power", Unit: "kW"}
	}
	sink := run.Sink()
	require.NoError(tb, sink.Begin(series))
	rows := make([]sim.Row, len(series))
	return run, func(at sim.Time) {
		for i := range rows {
			rows[i] = sim.Row{Time: at, Series: i, Value: sim.Float(float64(at)/7 + float64(i))}
		}
		if err := sink.Write(rows); err != nil {
			tb.Fatal(err)
		}
	}
}

// Values are streamed: what recording needs does not grow with their number.
func TestRecordingTakesNoMemory(t *testing.T) {
	run, write := step(t, t.TempDir(), results.CSV)
	at := sim.Time(0)
	for range 100 {
		write(at)
		at += 900e9
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	const steps = 5_000
	for range steps {
		write(at)
		at += 900e9
	}
	runtime.ReadMemStats(&after)
	// Other goroutines of the test program allocate a little.
	if got := after.TotalAlloc - before.TotalAlloc; got > 100<<10 {
		t.Errorf("recording %d values allocated %d kB, want at most 100", steps*100, got>>10)
	}
	require.NoError(t, run.Finish(nil, nil))
}

// One operation is 100 values of one time. 10 million values are 100,000 of them.
func BenchmarkRecord(b *testing.B) {
	for _, format := range results.Formats() {
		b.Run(format, func(b *testing.B) {
			run, write := step(b, b.TempDir(), results.Format(format))
			b.ReportAllocs()
			at := sim.Time(0)
			begin := time.Now()
			for b.Loop() {
				write(at)
				at += 900e9
			}
			// What is left to write at the end counts, too.
			require.NoError(b, run.Finish(nil, nil))
			b.ReportMetric(float64(100*b.N)/time.Since(begin).Seconds(), "rows/s")
		})
	}
}
