package random_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/simrun/simrun/sim/random"
)

func TestMirror(t *testing.T) {
	s := random.New(3, "u")
	s.Uint64() // a mirror starts where its original is
	m := s.Antithetic()
	again := m.Antithetic()
	for range 1000 {
		u := s.OpenFloat64()
		require.True(t, 0 < u && u < 1)
		require.Equal(t, 1-u, m.OpenFloat64())
		require.Equal(t, u, again.OpenFloat64())
	}
	require.Equal(t, ^s.Uint64(), m.Uint64())
}

// Antithetic variates by inversion are as negatively correlated as their distribution
// lets them be: symmetric ones perfectly.
func TestAntitheticVariatesAreNegativelyCorrelated(t *testing.T) {
	weights := []float64{1, 2, 3, 4}
	die, err := random.NewDiscrete(weights, nil)
	require.NoError(t, err)
	empirical, err := random.NewEmpirical([]float64{1, 2, 4, 8}, nil)
	require.NoError(t, err)
	truncated, err := random.NewTruncated(distuv.UnitNormal, -1, 1, nil)
	require.NoError(t, err)
	for _, c := range []struct {
		name   string
		dist   interface{ Quantile(p float64) float64 }
		atMost float64
	}{
		{"uniform", distuv.Uniform{Min: 1, Max: 2}, -0.999},
		{"normal", distuv.UnitNormal, -0.999},
		{"truncated", truncated, -0.999},
		{"triangle", distuv.NewTriangle(0, 2, 1, nil), -0.999},
		{"exponential", distuv.Exponential{Rate: 1}, -0.6}, // 1 - pi^2/6 = -0.645
		{"gamma", distuv.Gamma{Alpha: 2, Beta: 1}, -0.7},
		{"weibull", distuv.Weibull{K: 2, Lambda: 1}, -0.9},
		{"geometric", random.Geometric{P: 0.2}, -0.6},
		{"discrete", die, -0.8},
		{"empirical", empirical, -0.8},
	} {
		s := random.New(1, c.name)
		m := s.Antithetic()
		const n = 5000
		x, y := make([]float64, n), make([]float64, n)
		for i := range x {
			x[i], y[i] = random.Inverse(s, c.dist), random.Inverse(m, c.dist)
		}
		require.Less(t, stat.Correlation(x, y, nil), c.atMost, c.name)
	}
}

// A larger number gives a variate that is no smaller, however close the numbers are, and also
// in the tails.
func TestVariatesRiseWithTheirNumbers(t *testing.T) {
	die, err := random.NewDiscrete([]float64{0, 1, 2, 0, 3, 4, 0}, nil)
	require.NoError(t, err)
	empirical, err := random.NewEmpirical([]float64{1, 1, 1e-300, 4, 0.3, 0.3, 0.3, math.Nextafter(0.3, 1), -math.MaxFloat64, math.MaxFloat64}, nil)
	require.NoError(t, err)
	truncated, err := random.NewTruncated(distuv.UnitNormal, 2, math.Inf(1), nil)
	require.NoError(t, err)
	var numbers []float64
	for e := -52.0; e <= -7; e += 1.0 / 16 {
		p := math.Exp2(e)
		numbers = append(numbers, p, 1-p)
	}
	for i := 1; i < 1000; i++ {
		p := float64(i) / 1000
		numbers = append(numbers, p, math.Nextafter(p, 1))
	}
	slices.Sort(numbers)
	rises := func(name string, dist interface{ Quantile(p float64) float64 }, least, rounding float64) {
		before := math.Inf(-1)
		for _, p := range numbers {
			if p < least || p > 1-least {
				continue
			}
			x := dist.Quantile(p)
			if !(x >= before-rounding*max(1, math.Abs(before))) {
				require.GreaterOrEqual(t, x, before, "%s at %v", name, p)
			}
			before = x
		}
	}
	rises("geometric", random.Geometric{P: 0.2}, 0, 0)
	rises("discrete", die, 0, 0)
	rises("empirical", empirical, 0, 0)
	const rounding = 1e-13
	rises("truncated", truncated, 0, rounding)
	rises("uniform", distuv.Uniform{Min: -1, Max: 2}, 0, rounding)
	rises("normal", distuv.UnitNormal, 0, rounding)
	rises("lognormal", distuv.LogNormal{Mu: 0, Sigma: 2}, 0, rounding)
	rises("triangle", distuv.NewTriangle(0, 2, 1, nil), 0, rounding)
	rises("exponential", distuv.Exponential{Rate: 3}, 0, rounding)
	rises("weibull", distuv.Weibull{K: 0.5, Lambda: 1}, 0, rounding)
	rises("pareto", distuv.Pareto{Xm: 1, Alpha: 1.5}, 0, rounding)
	rises("bernoulli", distuv.Bernoulli{P: 0.3}, 0, rounding)
	const tail = 1e-11
	for _, shape := range []float64{0.1, 0.5, 1, 3, 20} {
		rises("gamma", distuv.Gamma{Alpha: shape, Beta: 1}, tail, rounding)
		rises("beta", distuv.Beta{Alpha: shape, Beta: 3}, tail, rounding)
	}
}

// Each variate by inversion takes one number, so that streams stay in step.
func TestInverseTakesOneNumber(t *testing.T) {
	a, b := random.New(1, "a"), random.New(1, "a")
	random.Inverse(a, distuv.Gamma{Alpha: 0.1, Beta: 1})
	b.Uint64()
	require.Equal(t, b.Uint64(), a.Uint64())
}

func ExampleStream_Antithetic() {
	repair := distuv.Weibull{K: 2, Lambda: 10} // hours
	s := random.New(1, "machine-3", "repair")
	m := s.Antithetic()
	for range 3 {
		x, y := random.Inverse(s, repair), random.Inverse(m, repair)
		fmt.Printf("%5.2f and %5.2f: on average %.2f\n", x, y, (x+y)/2)
	}
	// Output:
	//  7.37 and  9.33: on average 8.35
	//  7.06 and  9.67: on average 8.37
	// 13.89 and  3.96: on average 8.93
}
