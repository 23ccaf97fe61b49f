package sim_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/sim"
)

// profiled runs a chain: slow computes for a second, relay passes on, reader reads.
// In each hour of virtual time slow makes one step, and relay and reader one each.
func profiled(t *testing.T, opts sim.RunOptions, during func(w *sim.World)) map[string]sim.Stats {
	stats := make(map[string]sim.Stats)
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.add("slow", &fake{typ: sim.TimeBased, step: every(3600*second, func(f *fake, s *sim.Step) { time.Sleep(time.Second); f.out[0].Set(1) })})
		w.add("relay", &fake{typ: sim.TimeBased, step: every(3600*second, func(f *fake, s *sim.Step) { time.Sleep(10 * time.Millisecond); f.event[0].Set(2) })})
		w.add("reader", &fake{typ: sim.Hybrid, step: every(7200*second, func(f *fake, s *sim.Step) {})})
		w.connect("slow", "out", "relay", "quiet", sim.ConnectOptions{})
		w.connect("relay", "event", "reader", "in", sim.ConnectOptions{})
		over := make(chan struct{})
		go func() {
			defer close(over)
			opts.Until = 24 * 3600 * second
			sum, err := w.Run(context.Background(), opts)
			require.NoError(t, err)
			for _, in := range sum.Instances {
				stats[in.Name()] = in.Stats()
			}
		}()
		if during != nil {
			time.Sleep(500 * time.Millisecond)
			during(w.World)
		}
		<-over
	})
	return stats
}

func TestProfileSaysWhoWaitsForWhom(t *testing.T) {
	stats := profiled(t, sim.RunOptions{}, nil)
	assert.InDelta(t, 24, stats["slow"].Own.Seconds(), 0.01)
	for _, name := range []string{"relay", "reader"} {
		require.NotEmpty(t, stats[name].For, name)
		assert.Equal(t, "slow", stats[name].For[0].Sim, "%s waits for the one that computes in the end", name)
		assert.InDelta(t, 24, stats[name].For[0].For.Seconds(), 1, name)
	}
	for _, w := range stats["slow"].For {
		assert.Less(t, w.For, time.Second, "slow waits for %s only for so long as that must catch up", w.Sim)
	}
}

func TestProfileComparesRequestsWithSteps(t *testing.T) {
	stats := profiled(t, sim.RunOptions{}, nil)
	reader := stats["reader"]
	assert.Equal(t, int64(24), reader.Steps, "one at each event")
	assert.Equal(t, 23*time.Hour, reader.Advanced)
	assert.Equal(t, int64(24), reader.Requests)
	assert.Equal(t, 24*2*float64(time.Hour), reader.Requested, "it asked for two hours each time")
	assert.Equal(t, int64(23), reader.Early, "and was woken each time but the first")
	assert.Zero(t, stats["relay"].Early)
}

func TestActivities(t *testing.T) {
	profiled(t, sim.RunOptions{}, func(w *sim.World) {
		by := make(map[string]sim.Activity)
		for _, a := range w.Activities() {
			by[a.Sim] = a
		}
		assert.Equal(t, sim.StateStepping, by["slow"].State)
		assert.Equal(t, 500*time.Millisecond, time.Since(by["slow"].Since))
		assert.Equal(t, sim.StateWaiting, by["relay"].State)
		assert.Equal(t, "slow", by["relay"].For)
		assert.Equal(t, sim.StateWaiting, by["reader"].State)
		assert.Equal(t, "slow", by["reader"].For, "the one at the end of the chain")
	})
	assert.Nil(t, sim.NewWorld(sim.Config{}).Activities())
}

func TestObserveTellsOfEveryStep(t *testing.T) {
	took := make(map[string]time.Duration)
	steps := make(map[string]int64)
	waitedForSlow := time.Duration(0)
	stats := profiled(t, sim.RunOptions{Observe: func(in *sim.Instance, s sim.Span) {
		took[in.Name()] += s.Took
		steps[in.Name()]++
		if in.Name() == "relay" && s.For != nil && s.For.Name() == "slow" {
			waitedForSlow += s.Waited
		}
	}}, nil)
	for name, s := range stats {
		assert.Equal(t, s.Steps, steps[name], name)
		assert.Equal(t, s.Own, took[name], name)
	}
	assert.InDelta(t, 24, waitedForSlow.Seconds(), 1.5, "all but its own time, during which slow goes on")
}
