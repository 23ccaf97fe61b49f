package stat_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	gonum "gonum.org/v1/gonum/stat"
	"pgregory.net/rapid"

	"github.com/simrun/simrun/sim/random"
	"github.com/simrun/simrun/sim/stat"
)

// Law, example in section 4.5: ten observations and their 90% interval.
func TestIntervalOfLaw(t *testing.T) {
	x := tally(1.20, 1.50, 1.68, 1.89, 0.95, 1.49, 1.58, 1.55, 0.50, 1.09)
	require.InDelta(t, 1.34, x.Mean(), 0.005)
	require.InDelta(t, 0.17, x.Variance(), 0.005)
	interval := x.Interval(0.90)
	require.InDelta(t, 0.24, interval.HalfWidth, 0.005)
	require.Equal(t, "1.343 ± 0.237 (90%)", interval.String())
	require.True(t, interval.Contains(interval.Low()) && interval.Contains(interval.High()))
	require.False(t, interval.Contains(interval.High()+1e-9))
}

// Critical points of Student's t as any table has them (Law, table T.1).
func TestStudentT(t *testing.T) {
	for _, c := range []struct{ freedom, level, want float64 }{
		{1, 0.95, 12.706}, {2, 0.99, 9.925}, {4, 0.90, 2.132}, {4, 0.95, 2.776}, {9, 0.90, 1.833},
		{30, 0.95, 2.042}, {100, 0.99, 2.626}, {1e4, 0.95, 1.960}, {1e8, 0.95, 1.960}, {1e12, 0.90, 1.645},
	} {
		require.InDelta(t, c.want, stat.StudentT(c.level, c.freedom), 0.0006, "%v degrees of freedom, level %v", c.freedom, c.level)
	}
	for _, level := range []float64{0, 1, -1, 95, nan} {
		require.PanicsWithValue(t, stat.BadLevel(level), func() { tally(1, 2).Interval(level) })
	}
}

// NIST, Statistical Reference Datasets, univariate summary statistics: NumAcc3 and
// NumAcc4 (higher and highest difficulty), with mean and standard deviation as
// certified.
func TestNumericalAccuracy(t *testing.T) {
	for _, base := range []float64{1e6, 1e7} {
		var x stat.Tally
		x.Add(base + 0.2)
		for range 500 {
			x.Add(base + 0.1)
			x.Add(base + 0.3)
		}
		require.EqualValues(t, 1001, x.Count())
		require.InDelta(t, base+0.2, x.Mean(), 1e-8)
		require.InDelta(t, 0.1, x.StdDev(), 1e-8)
	}
}

func TestTallyOfFew(t *testing.T) {
	var none stat.Tally
	for _, f := range []float64{none.Mean(), none.Variance(), none.StdDev(), none.StdErr(), none.Min(), none.Max(), none.Interval(0.9).HalfWidth} {
		require.True(t, math.IsNaN(f))
	}
	one := tally(3)
	require.Equal(t, [3]float64{3, 3, 3}, [3]float64{one.Mean(), one.Min(), one.Max()})
	for _, f := range []float64{one.Variance(), one.StdErr(), one.Interval(0.9).HalfWidth} {
		require.True(t, math.IsNaN(f))
	}
}

func TestMistakesStayVisible(t *testing.T) {
	for _, bad := range []float64{nan, inf, -inf} {
		for _, x := range []*stat.Tally{tally(bad), tally(bad, 1, 2), tally(1, bad, 2), tally(1, 2, bad)} {
			merged := tally(1, 2)
			merged.Merge(*x)
			for _, f := range []float64{x.Mean(), x.Min(), x.Max(), x.Variance() + 1, merged.Mean(), merged.Min(), merged.Max(), merged.Variance()} {
				require.True(t, math.IsNaN(f))
			}
		}
	}
}

// Parts that are merged give what all observations give at once, and what gonum gives.
func TestTallyMerges(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		parts := rapid.SliceOf(rapid.SliceOf(rapid.Float64Range(-1e6, 1e6))).Draw(t, "parts")
		var all, merged stat.Tally
		var list []float64
		for _, part := range parts {
			for _, x := range part {
				all.Add(x)
			}
			list = append(list, part...)
			merged.Merge(*tally(part...))
		}
		require.Equal(t, all.Count(), merged.Count())
		if len(list) == 0 {
			return
		}
		require.Equal(t, all.Min(), merged.Min())
		require.Equal(t, all.Max(), merged.Max())
		size := max(-all.Min(), all.Max(), 1e-300)
		require.InDelta(t, all.Mean(), merged.Mean(), 1e-12*size)
		require.InDelta(t, gonum.Mean(list, nil), merged.Mean(), 1e-12*size)
		if len(list) > 1 {
			require.GreaterOrEqual(t, all.Variance(), 0.0)
			require.InDelta(t, all.Variance(), merged.Variance(), 1e-11*size*size)
			require.InDelta(t, gonum.Variance(list, nil), merged.Variance(), 1e-11*size*size)
		}
	})
}

// Intervals of independent observations cover the mean as often as their level says:
// the number of 2000 has a standard deviation of sqrt(2000*0.9*0.1) = 13.4.
func TestIntervalCovers(t *testing.T) {
	s := random.New(1, "coverage")
	covered := 0
	for range 2000 {
		var x stat.Tally
		for range 8 {
			x.Add(5 + 2*s.NormFloat64())
		}
		if x.Interval(0.9).Contains(5) {
			covered++
		}
	}
	require.InDelta(t, 1800, covered, 3*13.4)
}
