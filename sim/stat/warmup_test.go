package stat_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/sim/random"
	"github.com/simrun/simrun/sim/stat"
)

// The cut is the one of the definition: it minimizes the sum of squares over the square
// of the number that is kept (White, Cobb and Spratt 2000, formula 1, with batches of
// 5).
func TestMSER5MinimizesItsStatistic(t *testing.T) {
	for run := range uint64(50) {
		s := random.New(random.Replication(3, run), "mser")
		x := ar1(s, 0.5, 50+s.IntN(300))
		for i := range x {
			x[i] += 10 * math.Exp(-float64(i)/20)
		}
		cut, err := stat.MSER5(x)
		if err != nil {
			require.ErrorIs(t, err, stat.ErrFew)
			continue
		}
		var y []float64
		for i := 0; i+5 <= len(x); i += 5 {
			y = append(y, tally(x[i:i+5]...).Mean())
		}
		statistic := func(d int) float64 {
			kept := *tally(y[d:]...)
			n := float64(kept.Count())
			return kept.Variance() * (n - 1) / (n * n)
		}
		require.Zero(t, cut%5)
		for d := range len(y) - 5 {
			require.LessOrEqual(t, statistic(cut/5), statistic(d)+1e-12)
		}
	}
}

// A run that starts ten deviations off and comes back at a known pace is cut where the
// rest of the bias is small, and its mean is better for it.
func TestMSER5FindsTheWarmUp(t *testing.T) {
	const runs = 200
	var bias, left stat.Tally
	failed := 0
	for run := range uint64(runs) {
		x := ar1(random.New(random.Replication(4, run), "mser"), 0, 1000)
		for i := range x {
			x[i] += 10 * math.Exp(-float64(i)/30)
		}
		cut, err := stat.MSER5(x)
		if err != nil { // by chance, a few batches at the end are much alike
			require.ErrorIs(t, err, stat.ErrFew)
			failed++
			continue
		}
		bias.Add(tally(x...).Mean())
		left.Add(tally(x[cut:]...).Mean())
	}
	require.LessOrEqual(t, failed, runs/20)
	require.InDelta(t, 0.3, bias.Mean(), 0.03) // 10*30/1000
	require.InDelta(t, 0, left.Mean(), 0.3/10)
}

func TestMSER5OfNoWarmUp(t *testing.T) {
	cut, err := stat.MSER5(make([]float64, 100)) // all alike
	require.NoError(t, err)
	require.Zero(t, cut)
}

func TestMSER5Fails(t *testing.T) {
	_, err := stat.MSER5(make([]float64, 49))
	require.ErrorIs(t, err, stat.ErrFew)
	trend := make([]float64, 500)
	for i := range trend {
		trend[i] = float64(i)
		if i > 300 {
			trend[i] = 300
		}
	}
	_, err = stat.MSER5(trend)
	require.ErrorIs(t, err, stat.ErrFew)
	require.ErrorContains(t, err, "make the run longer")
	for _, bad := range []float64{nan, inf} {
		for at := range 104 {
			x := make([]float64, 104)
			x[at] = bad
			_, err = stat.MSER5(x)
			require.ErrorIs(t, err, stat.ErrNotFinite, "%v at %d", bad, at)
		}
	}
}

func TestWelch(t *testing.T) {
	require.Equal(t, []float64{2, 3, 4}, stat.Welch([][]float64{{1, 2, 3}, {3, 4, 5, 6}}, 0))
	// The first average of 1, the second of 3, the others of 5 (Law, formula 9.7).
	require.Equal(t, []float64{0, 1, 2, 3}, stat.Welch([][]float64{{0, 1, 2, 3, 4, 5}}, 2))
	require.Equal(t, []float64{5, 2.5}, stat.Welch([][]float64{{5, 2, 0.5}}, 1))
	require.Empty(t, stat.Welch(nil, 2))
	require.Empty(t, stat.Welch([][]float64{{1, 2}}, 2))
	require.Empty(t, stat.Welch([][]float64{{1, 2}, {}}, 0))
	require.Panics(t, func() { stat.Welch(nil, -1) })
}
