package sim_test

import (
	"context"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/sim"
)

// TestMemoryIsBounded: what a run holds does not grow with its length, whatever values
// wait for: a slow reader, a shift, a time in the future, asynchronous requests for
// data, or a step of the simulator in which data is set.
func TestMemoryIsBounded(t *testing.T) {
	const (
		early, late = 2_000, 20_000
		size        = 4 << 10 // of a value: all of them would be 80 MB
	)
	var held [2]uint64
	ctx := context.Background()
	w := newWorld(t)
	w.add("source", &fake{typ: sim.Hybrid, step: func(_ context.Context, f *fake, s *sim.Step) (sim.Time, error) {
		f.log = nil
		n := int(s.Time() / second)
		f.out[0].SetValue(sim.Text(strings.Repeat("x", size)))
		f.event[0].SetValue(sim.Text(strings.Repeat("y", size)))
		if n == early || n == late {
			var m runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&m)
			held[n/late] = m.HeapAlloc
		}
		return s.Time() + second, s.SetOutputTime(s.Time() + sim.Time(n%3)*second)
	}})
	quiet := func(step sim.Time) *fake {
		return &fake{step: func(_ context.Context, f *fake, s *sim.Step) (sim.Time, error) {
			f.log = nil
			return s.Time() + step, nil
		}}
	}
	w.add("slow", quiet(1_000_000*second))
	w.add("shifted", quiet(second))
	w.add("asking", &fake{step: func(_ context.Context, f *fake, s *sim.Step) (sim.Time, error) {
		f.log = nil
		if _, err := f.env.Requests.GetData(ctx, "source.m0", "out"); err != nil {
			return 0, err
		}
		return s.Time() + second, f.env.Requests.SetData(ctx, "asking.m0", "rare.m0", "quiet", sim.Text(strings.Repeat("z", size)))
	}})
	w.add("rare", &fake{typ: sim.EventBased, step: onTrigger(nil)}) // nothing triggers it
	w.connect("source", "out", "slow", "quiet", sim.ConnectOptions{})
	w.connect("source", "event", "slow", "quiet", sim.ConnectOptions{})
	w.connect("source", "out", "shifted", "quiet", sim.ConnectOptions{Shift: 7 * time.Second, HasInitial: true})
	w.connect("source", "out", "asking", "quiet", sim.ConnectOptions{AsyncRequests: true})
	w.connect("rare", "out", "asking", "quiet", sim.ConnectOptions{AsyncRequests: true})
	require.NoError(t, w.run((late+2)*second))
	require.Positive(t, held[0])
	require.Less(t, float64(held[1])-float64(held[0]), float64(late*size/10), "bytes more after %d steps", late-early)
}
