package stat_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/sim/random"
	"github.com/simrun/simrun/sim/stat"
)

func batches(x ...float64) *stat.BatchMeans {
	var b stat.BatchMeans
	for _, v := range x {
		b.Add(v)
	}
	return &b
}

// Of autoregressive processes, whose mean is known, the intervals cover the mean as
// often as they say, and those that take observations for independent do not. A count
// of 1000 has a standard deviation of 7 at 95%.
func TestBatchMeansCover(t *testing.T) {
	for _, c := range []struct {
		phi         float64
		n           int
		independent float64 // how many intervals that ignore correlation cover, roughly
	}{
		{0, 1000, 950},
		{0.5, 2000, 740},
		{0.9, 10_000, 350},
		{-0.5, 2000, 999},
	} {
		const runs = 1000
		covered, correlated, naive := 0, 0, 0
		for run := range uint64(runs) {
			x := ar1(random.New(random.Replication(1, run), "ar1"), c.phi, c.n)
			interval, err := batches(x...).Interval(0.95)
			if err != nil {
				require.ErrorIs(t, err, stat.ErrCorrelated)
				correlated++
			}
			if interval.Contains(0) {
				covered++
			}
			if tally(x...).Interval(0.95).Contains(0) {
				naive++
			}
		}
		require.InDelta(t, 950, covered, 4*7, "phi %v: coverage", c.phi)
		require.InDelta(t, c.independent, naive, 60, "phi %v: coverage of what ignores correlation", c.phi)
		require.Less(t, correlated, 200, "phi %v: false alarms", c.phi)
		if c.phi == 0 { // 5% of tests at the 5% level
			require.InDelta(t, 50, correlated, 4*7)
		}
	}
}

// Waiting times in an M/M/1 queue are skewed and depend on each other for long: the
// intervals cover the mean of theory (see the example of the package), and runs that
// are too short for it are found out.
func TestBatchMeansCoverWaits(t *testing.T) {
	const runs, rho = 300, 0.8
	intervals := func(customers int) (covered, correlated int) {
		for run := range uint64(runs) {
			seed := random.Replication(6, run)
			gaps, services := random.New(seed, "gaps"), random.New(seed, "services")
			var b stat.BatchMeans
			wait := 0.0
			for i := range customers {
				if i >= 1000 {
					b.Add(wait)
				}
				wait = max(0, wait+services.ExpFloat64()-gaps.ExpFloat64()/rho)
			}
			interval, err := b.Interval(0.95)
			if err != nil {
				require.ErrorIs(t, err, stat.ErrCorrelated)
				correlated++
			} else if interval.Contains(rho / (1 - rho)) {
				covered++
			}
		}
		return covered, correlated
	}
	covered, correlated := intervals(60_000)
	require.InDelta(t, 0.95, float64(covered)/float64(runs-correlated), 0.05) // four standard deviations
	require.Less(t, correlated, runs/5)
	_, correlated = intervals(5000)
	require.Greater(t, correlated, runs*9/10)
}

// A run that is far too short for its correlation is found out.
func TestShortRunIsFoundOut(t *testing.T) {
	found := 0
	for run := range uint64(200) {
		interval, err := batches(ar1(random.New(random.Replication(2, run), "ar1"), 0.99, 1000)...).Interval(0.95)
		if err != nil {
			require.ErrorIs(t, err, stat.ErrCorrelated)
			require.ErrorContains(t, err, "two successive batches of 8 observations by 0.")
			require.ErrorContains(t, err, "make the run at least 4 times as long")
			require.Positive(t, interval.HalfWidth)
			found++
		}
	}
	require.GreaterOrEqual(t, found, 198)
}

// A trend, of which no batch size is free, is found out at any length.
func TestTrendIsFoundOut(t *testing.T) {
	var b stat.BatchMeans
	for i := range 100_000 {
		b.Add(float64(i))
	}
	_, err := b.Interval(0.95)
	require.ErrorIs(t, err, stat.ErrCorrelated)
}

// The interval is that of the means of batches, worked out from all observations at
// once.
func TestBatchMeansAreThoseOfTheSeries(t *testing.T) {
	for _, c := range []struct{ n, size, batches, skip int }{
		{64, 4, 16, 0}, {67, 4, 16, 3}, {127, 4, 31, 3}, {128, 8, 16, 0}, {129, 8, 16, 0}, {131, 8, 16, 2},
		{255, 8, 31, 6}, {256, 16, 16, 0}, {1000, 32, 31, 8}, {10_000, 512, 19, 256},
	} {
		x := ar1(random.New(1, "series"), 0, c.n)
		var want stat.Tally
		for i := range c.batches {
			from := c.skip + i*c.size
			want.Add(tally(x[from : from+c.size]...).Mean())
		}
		got, _ := batches(x...).Interval(0.9) // correlation does not matter here
		require.InDelta(t, want.Mean(), got.Mean, 1e-12, "%+v", c)
		require.InDelta(t, want.Interval(0.9).HalfWidth, got.HalfWidth, 1e-12, "%+v", c)
	}
}

func TestBatchMeansOfFew(t *testing.T) {
	var b stat.BatchMeans
	for n := range 64 {
		interval, err := b.Interval(0.95)
		require.ErrorIs(t, err, stat.ErrFew)
		require.True(t, math.IsNaN(interval.Mean))
		require.Panics(t, func() { _, _ = b.Interval(95) }, "95 is no level")
		b.Add(float64(n % 2))
	}
	interval, err := b.Interval(0.95)
	require.NoError(t, err)
	require.Equal(t, 0.5, interval.Mean)
}

func TestBatchMeansOfAConstant(t *testing.T) {
	var b stat.BatchMeans
	for range 1000 {
		b.Add(7)
	}
	interval, err := b.Interval(0.95)
	require.NoError(t, err)
	require.Equal(t, stat.Interval{Mean: 7, HalfWidth: 0, Level: 0.95}, interval)
}

func TestBatchMeansOfMistakes(t *testing.T) {
	for _, bad := range []float64{nan, inf, -inf, math.MaxFloat64} {
		x := make([]float64, 500)
		x[400], x[401] = bad, bad
		_, err := batches(x...).Interval(0.95)
		require.ErrorIs(t, err, stat.ErrNotFinite, "%v", bad)
	}
	for n := 64; n < 140; n++ { // also among those that are left out
		for at := range n {
			for _, bad := range []float64{nan, inf, -inf} {
				x := make([]float64, n)
				x[at] = bad
				_, err := batches(x...).Interval(0.95)
				require.ErrorIs(t, err, stat.ErrNotFinite, "%v, number %d of %d", bad, at, n)
			}
		}
	}
}
