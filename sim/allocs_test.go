package sim_test

import (
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/sim"
)

// TestStepsAllocateNothing compares runs of n and of 2n steps of each
// simulator, with recording off: composing a world and starting it allocates, n steps
// more do not.
func TestStepsAllocateNothing(t *testing.T) {
	const n = 2000
	for name, compose := range map[string]func(w *sim.World){
		// In a circle, so that each step has an input and an output.
		"time-based": func(w *sim.World) {
			one, two := createMany(t, w, "one", gain(time.Second), 1), createMany(t, w, "two", gain(time.Second), 1)
			require.NoError(t, w.Connect(one[0], "out", two[0], "in", sim.ConnectOptions{}))
			require.NoError(t, w.Connect(two[0], "out", one[0], "in", sim.ConnectOptions{Shift: time.Second, HasInitial: true}))
		},
		"many entities": func(w *sim.World) {
			from, to := createMany(t, w, "from", ramp(time.Second), 10), createMany(t, w, "to", gain(time.Second), 10)
			for i := range from {
				require.NoError(t, w.Connect(from[i], "out", to[i], "in", sim.ConnectOptions{}))
			}
		},
		"loop at one time": func(w *sim.World) { connectLoop(t, w) },
		"triggered": func(w *sim.World) {
			from, to := createMany(t, w, "from", ramp(time.Second), 1), createMany(t, w, "to", sim.NewModel[Gain](sim.ModelConfig{Name: "Gain", Type: sim.EventBased}), 1)
			require.NoError(t, w.Connect(from[0], "out", to[0], "in", sim.ConnectOptions{}))
		},
	} {
		t.Run(name, func(t *testing.T) {
			allocated := func(steps int) float64 {
				return testing.AllocsPerRun(3, func() {
					w := sim.NewWorld(sim.Config{})
					compose(w)
					_, err := w.Run(t.Context(), sim.RunOptions{Until: sim.Time(steps) * second})
					require.NoError(t, err)
					require.NoError(t, w.Close())
				})
			}
			// The runtime itself allocates a little, now and then.
			require.Less(t, allocated(2*n)-allocated(n), n/100.0)
		})
	}
}

// TestQueuesDoNotGrow: of many values that become visible between two steps of
// their reader only the newest is kept.
func TestQueuesDoNotGrow(t *testing.T) {
	const n = 1 << 16
	w := newWorld(t)
	w.add("src", &fake{step: every(1, func(f *fake, s *sim.Step) {
		f.log = f.log[:0]
		f.out[0].Set(seconds(s))
		f.event[0].Set(seconds(s))
	})})
	dst := w.add("dst", &fake{typ: sim.EventBased, step: onTrigger(nil)})
	w.Instance("dst").SetInitialEvent(n - 1)
	w.connect("src", "out", "dst", "quiet", sim.ConnectOptions{Shift: 10, HasInitial: true})
	w.connect("src", "event", "dst", "quiet", sim.ConnectOptions{Shift: 20})
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	require.NoError(t, w.run(n))
	runtime.ReadMemStats(&after)
	require.Equal(t, []string{"0.000065535s: quiet src.m0=6.5515e-05 quiet src.m0=6.5525e-05"}, dst.log)
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(16<<20), "without forgetting, it is 40 MB")
}
