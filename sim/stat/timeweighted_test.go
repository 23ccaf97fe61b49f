package stat_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/simrun/simrun/scheduler"
	"github.com/simrun/simrun/sim/stat"
)

// Law, section 1.4.2: the single-server queue simulated by hand, in minutes. The
// time-average number in queue is 9.9/8.6, the utilization 7.7/8.6.
func TestQueueOfLaw(t *testing.T) {
	at := func(minutes float64) scheduler.Time {
		return scheduler.Time(math.Round(minutes*10)) * 6 * scheduler.Second
	}
	var queue, busy stat.TimeWeighted
	queue.Set(0, 0)
	busy.Set(0, 0)
	for _, e := range []struct{ minutes, queue, busy float64 }{
		{0.4, 0, 1}, {1.6, 1, 1}, {2.1, 2, 1}, {2.4, 1, 1}, {3.1, 0, 1}, {3.3, 0, 0},
		{3.8, 0, 1}, {4.0, 1, 1}, {4.9, 0, 1}, {5.6, 1, 1}, {5.8, 2, 1}, {7.2, 3, 1},
	} {
		queue.Set(at(e.minutes), e.queue)
		busy.Set(at(e.minutes), e.busy)
	}
	require.InDelta(t, 9.9/8.6, queue.Mean(at(8.6)), 1e-12)
	require.InDelta(t, 7.7/8.6, busy.Mean(at(8.6)), 1e-12)
	require.Equal(t, [3]float64{0, 3, 3}, [3]float64{queue.Min(), queue.Max(), queue.Value()})
	// The variance of a quantity that is 0 or 1 is p(1-p).
	require.InDelta(t, 7.7/8.6*(1-7.7/8.6), busy.Variance(at(8.6)), 1e-12)
}

// Asking, and setting the value that it has, at any time in between changes nothing,
// nor does the unit of time.
func TestSplittingChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var plain, split, scaled stat.TimeWeighted
		now, scale := scheduler.Time(rapid.Int64Range(-1000, 1000).Draw(t, "start")), scheduler.Time(1000)
		size := 1.0
		for range rapid.IntRange(1, 20).Draw(t, "changes") {
			v := rapid.Float64Range(-1e3, 1e3).Draw(t, "value")
			size = max(size, math.Abs(v))
			plain.Set(now, v)
			split.Set(now, v)
			scaled.Set(now*scale, v)
			span := rapid.Int64Range(0, 1000).Draw(t, "span")
			middle := now + scheduler.Time(rapid.Int64Range(0, span).Draw(t, "middle"))
			split.Mean(middle)
			split.Set(middle, split.Value())
			now += scheduler.Time(span)
		}
		if math.IsNaN(plain.Mean(now)) {
			require.True(t, math.IsNaN(split.Mean(now)))
			return
		}
		require.InDelta(t, plain.Mean(now), split.Mean(now), 1e-12*size)
		require.InDelta(t, plain.Variance(now), split.Variance(now), 1e-11*size*size)
		require.InDelta(t, plain.Mean(now), scaled.Mean(now*scale), 1e-12*size)
		require.InDelta(t, plain.Variance(now), scaled.Variance(now*scale), 1e-11*size*size)
		require.Equal(t, plain.Min(), split.Min())
		require.Equal(t, plain.Max(), split.Max())
	})
}

// The means of successive spans, weighted by their lengths, make the mean of all.
func TestReset(t *testing.T) {
	var all, part stat.TimeWeighted
	part.Reset(0) // nothing to forget
	var sum float64
	for i := range scheduler.Time(96) {
		v := float64(i * i % 17)
		all.Set(i*scheduler.Second, v)
		part.Set(i*scheduler.Second, v)
		if i%10 == 5 {
			if i > 5 {
				sum += part.Mean(i*scheduler.Second) * 10
			}
			part.Reset(i * scheduler.Second)
			if i == 5 {
				all.Reset(i * scheduler.Second)
			}
			require.Equal(t, [3]float64{v, v, v}, [3]float64{part.Value(), part.Min(), part.Max()})
			require.True(t, math.IsNaN(part.Mean(i*scheduler.Second)))
		}
	}
	require.InDelta(t, all.Mean(95*scheduler.Second), sum/90, 1e-12)
}

func TestTimeWeightedOfNothing(t *testing.T) {
	var w stat.TimeWeighted
	for _, f := range []float64{w.Mean(5), w.Variance(5), w.Min(), w.Max(), w.Value()} {
		require.True(t, math.IsNaN(f))
	}
	w.Set(3, 7)
	require.True(t, math.IsNaN(w.Mean(3)), "no time has passed")
	require.Equal(t, 7.0, w.Mean(4))
	require.Zero(t, w.Variance(4))
	w.Set(3, 9) // at the same time: 7 lasted for no time
	require.Equal(t, 9.0, w.Mean(4))
	require.Equal(t, 7.0, w.Min())
}

func TestTimeMustNotDecrease(t *testing.T) {
	var w stat.TimeWeighted
	w.Set(2*scheduler.Second, 1)
	const want = "stat: TimeWeighted goes back from 2s to 1s; times must not decrease"
	require.PanicsWithValue(t, want, func() { w.Set(scheduler.Second, 1) })
	require.PanicsWithValue(t, want, func() { w.Mean(scheduler.Second) })
	require.PanicsWithValue(t, want, func() { w.Reset(scheduler.Second) })
}

func TestTimeWeightedExtremes(t *testing.T) {
	var w stat.TimeWeighted
	w.Set(math.MinInt64, 1)
	w.Set(0, 3)
	require.InDelta(t, 2, w.Mean(scheduler.Never), 1e-12, "a span longer than a Time can say")

	for _, bad := range []float64{nan, inf, -inf} {
		var w stat.TimeWeighted
		w.Set(0, 1)
		w.Set(1, bad)
		w.Set(2, 1)
		require.True(t, math.IsNaN(w.Mean(3)) && math.IsNaN(w.Variance(3)) && math.IsNaN(w.Max()))
		w.Reset(3)
		require.Equal(t, 1.0, w.Mean(4))
		w.Set(4, bad)
		w.Set(4, 1)
		require.True(t, math.IsNaN(w.Mean(4)) && math.IsNaN(w.Variance(4)), "although it lasted for no time")
		require.True(t, math.IsNaN(w.Mean(5)) && math.IsNaN(w.Variance(5)))
	}
}

// A small variance far from zero does not drown, whatever the order of magnitude of
// times.
func TestTimeWeightedAccuracy(t *testing.T) {
	for _, unit := range []time.Duration{1, time.Second, 24 * time.Hour} {
		var w stat.TimeWeighted
		now := scheduler.Time(0)
		for range 1000 {
			w.Set(now, 1e7+0.1)
			now = now.Add(unit)
			w.Set(now, 1e7+0.3)
			now = now.Add(unit)
		}
		require.InDelta(t, 1e7+0.2, w.Mean(now), 1e-8)
		require.InDelta(t, 0.01, w.Variance(now), 1e-8)
	}
}
