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

// Every quantile of any observations is as accurate as promised, and merging changes
// nothing.
func TestQuantilesAreWithinTheirError(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := anySize(t, "x")
		cut := rapid.IntRange(0, len(x)).Draw(t, "cut")
		var all, first, second stat.Quantiles
		for i, v := range x {
			all.Add(v)
			if i < cut {
				first.Add(v)
			} else {
				second.Add(v)
			}
		}
		first.Merge(&second)
		require.EqualValues(t, len(x), all.Count())
		require.EqualValues(t, len(x), first.Count())
		if len(x) == 0 {
			require.True(t, math.IsNaN(all.Quantile(0.5)))
			return
		}
		slices.Sort(x)
		for _, p := range []float64{0, 0.01, 0.25, 0.5, 0.9, 0.999, 1, rapid.Float64Range(0, 1).Draw(t, "p")} {
			want := x[int(p*float64(len(x)-1))]
			got := all.Quantile(p)
			// 1e-9 is for rounding of logarithms; below the least normal number the
			// error is absolute.
			require.InDelta(t, want, got, math.Abs(want)*(stat.QuantileError+1e-9)+0x1p-1022, "p=%v", p)
			require.Equal(t, got, first.Quantile(p))
		}
	})
}

// The quantiles of an exponential distribution are -log(1-p).
func TestQuantilesOfExponential(t *testing.T) {
	s := random.New(1, "quantiles")
	var q stat.Quantiles
	const n = 200_000
	for range n {
		q.Add(s.ExpFloat64())
	}
	for _, p := range []float64{0.1, 0.5, 0.9, 0.99, 0.999} {
		want := -math.Log(1 - p)
		chance := math.Sqrt(p/(1-p)/n) / want // relative standard deviation of the sample quantile
		require.InEpsilon(t, want, q.Quantile(p), stat.QuantileError+3*chance, "p=%v", p)
	}
}

func TestQuantilesLimits(t *testing.T) {
	var q stat.Quantiles
	for _, x := range []float64{nan, inf, -inf} {
		q.Add(x)
	}
	require.Zero(t, q.Count())
	require.EqualValues(t, 3, q.NotFinite())
	require.True(t, math.IsNaN(q.Quantile(0)))
	for _, x := range []float64{-math.MaxFloat64, 5e-324, math.MaxFloat64} {
		q.Add(x)
	}
	require.Equal(t, [3]float64{-math.MaxFloat64, 0, math.MaxFloat64}, [3]float64{q.Quantile(0), q.Quantile(0.5), q.Quantile(1)})
	var normal stat.Quantiles
	for _, x := range []float64{-1, 0x1p-1022, 1} {
		normal.Add(x)
	}
	require.InEpsilon(t, 0x1p-1022, normal.Quantile(0.5), stat.QuantileError)
	var constant stat.Quantiles
	for range 5 {
		constant.Add(7)
	}
	require.Equal(t, 7.0, constant.Quantile(0.5), "no estimate is beyond the extremes")
	for _, p := range []float64{-0.1, 1.1, 50, nan} {
		require.Panics(t, func() { q.Quantile(p) })
	}
}

// Memory is bounded by the range of numbers, as documented, not by how many there are.
func TestQuantilesMemory(t *testing.T) {
	var q stat.Quantiles
	for e := -1022; e < 1024; e++ {
		q.Add(math.Ldexp(1, e))
		q.Add(math.Ldexp(-1, e))
	}
	require.Less(t, q.Buckets()*8, 1200<<10)
	var narrow stat.Quantiles
	s := random.New(1, "memory")
	for range 100_000 {
		narrow.Add(1 + 9*s.Float64())
	}
	require.LessOrEqual(t, narrow.Buckets(), 3*64)
}
