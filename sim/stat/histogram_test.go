package stat_test

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/simrun/simrun/sim/random"
	"github.com/simrun/simrun/sim/stat"
)

func TestHistogram(t *testing.T) {
	h, err := stat.NewHistogram(0, 10, 4)
	require.NoError(t, err)
	for _, x := range []float64{0, 2.4999, 2.5, 7.5, 9.9999, 10, 11, inf, -inf, nan, -1e-300} {
		h.Add(x)
	}
	require.Equal(t, []stat.Bin{{0, 2.5, 2}, {2.5, 5, 1}, {5, 7.5, 0}, {7.5, 10, 2}}, h.Bins())
	require.EqualValues(t, 1, h.Under())
	require.EqualValues(t, 2, h.Over())
	require.EqualValues(t, 3, h.NotFinite())

	require.NoError(t, h.Merge(h))
	require.EqualValues(t, 4, h.Bins()[0].Count)
	require.Equal(t, []uint64{2, 4, 6}, []uint64{h.Under(), h.Over(), h.NotFinite()})
}

func TestBadHistogram(t *testing.T) {
	for _, c := range []struct {
		low, high float64
		bins      int
	}{{0, 1, 0}, {0, 1, -1}, {1, 1, 1}, {2, 1, 1}, {nan, 1, 1}, {0, nan, 1}, {0, inf, 1}, {-inf, 0, 1}, {-math.MaxFloat64, math.MaxFloat64, 1}} {
		_, err := stat.NewHistogram(c.low, c.high, c.bins)
		require.ErrorContains(t, err, "must be", "%v", c)
	}
	h, err := stat.NewHistogram(0, 1, 2)
	require.NoError(t, err)
	for _, c := range []struct {
		low, high float64
		bins      int
	}{{0, 1, 3}, {0, 2, 2}, {0.5, 1, 2}} {
		o, err := stat.NewHistogram(c.low, c.high, c.bins)
		require.NoError(t, err)
		require.ErrorContains(t, h.Merge(o), "must be the same")
	}
}

// The bins say the truth about their limits, also where these are not exact numbers.
func TestBinsHoldWhatTheySay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		low := rapid.Float64Range(-1e3, 1e3).Draw(t, "low")
		width := rapid.Float64Range(1e-9, 1e3).Draw(t, "width")
		h, err := stat.NewHistogram(low, low+width, rapid.IntRange(1, 50).Draw(t, "bins"))
		if err != nil {
			t.Skip("no width is left after rounding")
		}
		var x []float64
		for _, b := range h.Bins() { // edges and their neighbours
			x = append(x, b.Low, math.Nextafter(b.Low, -inf), math.Nextafter(b.Low, inf), b.High)
		}
		for _, v := range x {
			h.Add(v)
		}
		requireTruth(t, x, h.Bins(), h.Under()+h.Over())
	})
}

// requireTruth compares bins with a count of the observations themselves.
func requireTruth(t require.TestingT, x []float64, bins []stat.Bin, outside uint64) {
	for i, b := range bins {
		count := 0
		for _, v := range x {
			if b.Low <= v && v < b.High {
				count++
			}
		}
		require.EqualValues(t, count, b.Count, "%+v", b)
		outside += b.Count
		if i > 0 {
			require.Equal(t, bins[i-1].High, b.Low)
		}
	}
	require.EqualValues(t, len(x), outside)
}

func TestAutoHistogram(t *testing.T) {
	var h stat.AutoHistogram
	require.Empty(t, h.Bins())
	for x := range 100 {
		h.Add(float64(x))
	}
	bins := h.Bins()
	require.Len(t, bins, 50)
	require.Equal(t, stat.Bin{0, 2, 2}, bins[0])
	require.Equal(t, stat.Bin{98, 100, 2}, bins[49])
	h.Add(-1000)
	require.Equal(t, stat.Bin{-1024, -992, 1}, h.Bins()[0])
	require.Equal(t, stat.Bin{96, 128, 4}, h.Bins()[35])
	h.Add(nan)
	h.Add(inf)
	require.EqualValues(t, 2, h.NotFinite())
}

func TestAutoHistogramIsAsFineAsCanBe(t *testing.T) {
	var whole, neighbours stat.AutoHistogram
	for x := range 64 {
		whole.Add(float64(x))
	}
	require.Len(t, whole.Bins(), 64)
	whole.Add(64)
	require.Len(t, whole.Bins(), 33)
	neighbours.Add(1)
	neighbours.Add(math.Nextafter(1, 2))
	require.Len(t, neighbours.Bins(), 2)
}

// All sizes of numbers, next to each other and far apart.
func anySize(t *rapid.T, label string) []float64 {
	return rapid.SliceOf(rapid.OneOf(
		rapid.Float64(), rapid.Float64Range(-1, 1), rapid.Float64Range(1e6, 1e6+1e-6), rapid.Just(0.0),
		rapid.SampledFrom([]float64{5e-324, -5e-324, 0x1p-1022, math.MaxFloat64 / 2, -math.MaxFloat64 / 2}),
	)).Draw(t, label)
}

// Observations in any order, added one by one or merged, make the same bins; these are
// as many as promised and hold what they say.
func TestAutoHistogramDependsOnNothingElse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := anySize(t, "x")
		cut := rapid.IntRange(0, len(x)).Draw(t, "cut")
		var all, reverse, first, second stat.AutoHistogram
		for i, v := range x {
			all.Add(v)
			reverse.Add(x[len(x)-1-i])
			if i < cut {
				first.Add(v)
			} else {
				second.Add(v)
			}
		}
		first.Merge(second)
		require.Equal(t, all.Bins(), reverse.Bins())
		require.Equal(t, all.Bins(), first.Bins())
		require.Equal(t, all.NotFinite(), first.NotFinite())

		bins := all.Bins()
		require.LessOrEqual(t, len(bins), 64)
		if len(x) > 0 {
			least, largest := slices.Min(x), slices.Max(x)
			last := bins[len(bins)-1]
			require.True(t, bins[0].Low <= least && least < bins[0].High)
			require.True(t, last.Low <= largest && largest < last.High)
			if largest-least > 1e-12*max(largest, -least, 1e-300) {
				require.Greater(t, len(bins), 31)
			}
			requireTruth(t, x, bins, 0)
		}
	})
}

// The shape of a known distribution: each bin has its probability, by chi-square.
func TestAutoHistogramOfExponential(t *testing.T) {
	s := random.New(1, "histogram")
	var h stat.AutoHistogram
	const n = 100_000
	for range n {
		h.Add(s.ExpFloat64())
	}
	var chiSquare, cells float64
	for _, b := range h.Bins() {
		expected := n * (math.Exp(-b.Low) - math.Exp(-b.High))
		if expected > 20 {
			chiSquare += (float64(b.Count) - expected) * (float64(b.Count) - expected) / expected
			cells++
		}
	}
	require.Greater(t, cells, 20.0)
	require.InDelta(t, cells, chiSquare, 4*math.Sqrt(2*cells))
}
