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

// A variate is a distribution under test: a way to draw, and what is known of it from
// elsewhere than the code that draws.
type variate struct {
	name           string
	draw           func() float64
	mean, variance float64
	cdf            func(x float64) float64
	discrete       bool
}

func of(name string, d interface {
	Rand() float64
	Mean() float64
	Variance() float64
	CDF(x float64) float64
}) variate {
	return variate{name: name, draw: d.Rand, mean: d.Mean(), variance: d.Variance(), cdf: d.CDF}
}

func discrete(v variate) variate {
	v.discrete = true
	return v
}

// variates are all distributions that modellers ask for, each on a stream of its own.
func variates(t testing.TB) []variate {
	on := func(name string) *random.Stream { return random.New(11, "distributions", name) }
	unitNormal := distuv.UnitNormal

	s := on("exponential")
	n := on("normal")
	exponential := variate{"ExpFloat64", s.ExpFloat64, 1, 1, distuv.Exponential{Rate: 1}.CDF, false}
	normal := variate{"NormFloat64", n.NormFloat64, 0, 1, unitNormal.CDF, false}

	weights := []float64{1, 0, 4, 2, 3}
	die, err := random.NewDiscrete(weights, on("discrete"))
	require.NoError(t, err)
	cumulative := []float64{0.1, 0.1, 0.5, 0.7, 1}
	index := variate{"Discrete", func() float64 { return float64(die.Index()) }, 2.6, 1.44, func(x float64) float64 {
		if x < 0 {
			return 0
		}
		return cumulative[min(int(x), 4)]
	}, true}

	branches, err := random.NewHyperExponential([]float64{3, 1}, []float64{1, 5}, on("hyperexponential"))
	require.NoError(t, err)
	// E[X] = sum of p*m; E[X^2] = sum of p*2*m^2.
	hyper := variate{"HyperExponential", branches.Rand, 2, 2*(0.75+0.25*25) - 4, func(x float64) float64 {
		return 1 - 0.75*math.Exp(-x) - 0.25*math.Exp(-x/5)
	}, false}

	low, high := -0.5, 2.0
	cut, err := random.NewTruncated(unitNormal, low, high, on("truncated"))
	require.NoError(t, err)
	mass := unitNormal.CDF(high) - unitNormal.CDF(low)
	// N. L. Johnson, S. Kotz and N. Balakrishnan, Continuous Univariate Distributions
	// 1, 1994, section 13.10.1.
	ratio := (unitNormal.Prob(low) - unitNormal.Prob(high)) / mass
	truncated := variate{"Truncated", cut.Rand, ratio, 1 + (low*unitNormal.Prob(low)-high*unitNormal.Prob(high))/mass - ratio*ratio,
		func(x float64) float64 { return (unitNormal.CDF(x) - unitNormal.CDF(low)) / mass }, false}

	seen, err := random.NewEmpirical([]float64{3, 0, 1}, on("empirical"))
	require.NoError(t, err)
	// Half of it uniform on (0, 1), half on (1, 3).
	empirical := variate{"Empirical", seen.Rand, 1.25, 1.0/6 + 13.0/6 - 1.25*1.25, func(x float64) float64 {
		if x < 1 {
			return x / 2
		}
		return 0.5 + (x-1)/4
	}, false}

	failures := random.Geometric{P: 0.3, Src: on("geometric")}
	geometric := variate{"Geometric", failures.Rand, 0.7 / 0.3, 0.7 / 0.09,
		func(x float64) float64 { return 1 - math.Pow(0.7, math.Floor(x)+1) }, true}

	return []variate{
		exponential, normal, index, hyper, truncated, empirical, geometric,
		of("distuv.Uniform", distuv.Uniform{Min: 2, Max: 5, Src: on("u")}),
		of("distuv.Triangle", distuv.NewTriangle(1, 6, 2, on("t"))),
		of("distuv.Exponential", distuv.Exponential{Rate: 0.25, Src: on("e")}),
		of("distuv.Normal", distuv.Normal{Mu: 3, Sigma: 2, Src: on("n")}),
		of("distuv.LogNormal", distuv.LogNormal{Mu: 0.5, Sigma: 0.4, Src: on("l")}),
		of("distuv.Gamma, an Erlang", distuv.Gamma{Alpha: 3, Beta: 0.5, Src: on("g")}),
		of("distuv.Gamma, steep", distuv.Gamma{Alpha: 0.4, Beta: 2, Src: on("s")}),
		of("distuv.Beta", distuv.Beta{Alpha: 1.5, Beta: 3, Src: on("b")}),
		of("distuv.Weibull", distuv.Weibull{K: 1.8, Lambda: 4, Src: on("w")}),
		of("distuv.Pareto", distuv.Pareto{Xm: 1, Alpha: 9, Src: on("p")}),
		discrete(of("distuv.Bernoulli", distuv.Bernoulli{P: 0.2, Src: on("bernoulli")})),
		discrete(of("distuv.Binomial", distuv.Binomial{N: 12, P: 0.3, Src: on("binomial")})),
		discrete(of("distuv.Binomial, large", distuv.Binomial{N: 200, P: 0.4, Src: on("binomial 200")})),
		discrete(of("distuv.Poisson", distuv.Poisson{Lambda: 3, Src: on("poisson")})),
		discrete(of("distuv.Poisson, large", distuv.Poisson{Lambda: 40, Src: on("poisson 40")})),
	}
}

const sample = 40_000

// Seeds are fixed, so the outcome is too: limits that one sample in 10,000 exceeds tell
// a wrong distribution from chance.
func TestMoments(t *testing.T) {
	for _, v := range variates(t) {
		t.Run(v.name, func(t *testing.T) {
			x := draw(v, sample)
			mean, variance := stat.MeanVariance(x, nil)
			require.InDelta(t, v.mean, mean, 4*math.Sqrt(v.variance/sample))
			// The standard deviation of a sample variance, by the sample's fourth
			// moment.
			fourth := stat.Moment(4, x, nil)
			require.InDelta(t, v.variance, variance, 4*math.Sqrt((fourth-variance*variance)/sample))
		})
	}
}

// Kolmogorov-Smirnov for continuous distributions, chi-square for discrete ones (Law,
// section 6.6.2).
func TestShape(t *testing.T) {
	for _, v := range variates(t) {
		t.Run(v.name, func(t *testing.T) {
			x := draw(v, sample)
			slices.Sort(x)
			if v.discrete {
				chiSquare, freedom := chiSquare(x, v.cdf)
				require.Less(t, chiSquare, distuv.ChiSquared{K: freedom}.Quantile(0.9999))
				return
			}
			var d float64
			for i, x := range x {
				f := v.cdf(x)
				d = max(d, f-float64(i)/sample, float64(i+1)/sample-f)
			}
			require.Less(t, d*math.Sqrt(sample), 2.23) // exceeded with probability 10^-4
		})
	}
}

// chiSquare compares sorted whole numbers with their distribution; a cell joins so many
// of them that 20 are expected.
func chiSquare(sorted []float64, cdf func(float64) float64) (sum, freedom float64) {
	from, cells, n := 0.0, 0.0, float64(len(sorted))
	count := func(low, high float64) float64 { // of low < x <= high
		i, _ := slices.BinarySearch(sorted, low+0.5)
		j, _ := slices.BinarySearch(sorted, high+0.5)
		return float64(j - i)
	}
	last := -1.0
	for k := 0.0; ; k++ {
		expected := n * (cdf(k) - from)
		end := n*(1-cdf(k)) < 20
		if end {
			expected, k = n*(1-from), math.MaxInt32
		}
		if expected < 20 {
			continue
		}
		observed := count(last, k)
		sum += (observed - expected) * (observed - expected) / expected
		cells++
		if end {
			return sum, cells - 1
		}
		from, last = cdf(k), k
	}
}

func draw(v variate, n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = v.draw()
	}
	return x
}

// Numbers of each distribution, which must never change. Eight digits are compared
// because another architecture may round exp and log differently.
func TestGoldenDistributions(t *testing.T) {
	want := map[string]string{
		"ExpFloat64":              "0.18020588 1.049142 0.40343242",
		"NormFloat64":             "0.38511385 0.8945826 -0.51608966",
		"Discrete":                "2 2 2",
		"HyperExponential":        "3.1670377 1.8789616 0.00080725533",
		"Truncated":               "0.35582165 0.73300716 -0.22411839",
		"Empirical":               "0.0022342702 1.0822613 0.058415116",
		"Geometric":               "0 10 1",
		"distuv.Uniform":          "4.455489 3.9793197 3.7657398",
		"distuv.Triangle":         "1.7352121 2.8886882 4.4001008",
		"distuv.Exponential":      "1.5048877 0.51591312 2.5285525",
		"distuv.Normal":           "5.9551884 3.7669647 2.1578275",
		"distuv.LogNormal":        "2.2386491 1.0312307 1.4859619",
		"distuv.Gamma, an Erlang": "3.295463 3.4319187 11.340425",
		"distuv.Gamma, steep":     "0.085497812 1.8165928e-06 0.11817304",
		"distuv.Beta":             "0.43516387 0.27621287 0.32232937",
		"distuv.Weibull":          "5.0009611 4.5325375 0.84631725",
		"distuv.Pareto":           "1.0327535 1.0284462 1.1001582",
		"distuv.Bernoulli":        "0 0 0",
		"distuv.Binomial":         "3 7 5",
		"distuv.Binomial, large":  "77 71 81",
		"distuv.Poisson":          "2 1 4",
		"distuv.Poisson, large":   "31 35 47",
	}
	got := map[string]string{}
	for _, v := range variates(t) {
		got[v.name] = fmt.Sprintf("%.8g %.8g %.8g", v.draw(), v.draw(), v.draw())
	}
	require.Equal(t, want, got)
}

func TestDistributionsDoNotAllocate(t *testing.T) {
	for _, v := range variates(t) {
		require.Zero(t, testing.AllocsPerRun(1000, func() { v.draw() }), v.name)
	}
	s := random.New(1, "inverse")
	d := distuv.Triangle{}
	require.Zero(t, testing.AllocsPerRun(100, func() { random.Inverse(s, d) }))
}

// However weights are rounded, an index without weight is never drawn, and each other
// has its share of the table.
func TestDiscreteTable(t *testing.T) {
	s := random.New(5, "weights")
	for n := 1; n < 60; n++ {
		weights := make([]float64, n)
		for i := range weights {
			if s.IntN(3) > 0 {
				weights[i] = s.ExpFloat64() * math.Pow(10, float64(s.IntN(4)))
			}
		}
		weights[s.IntN(n)] = 1
		d, err := random.NewDiscrete(weights, s)
		require.NoError(t, err)
		sum := 0.0
		for _, w := range weights {
			sum += w
		}
		for i, share := range d.Shares() {
			if weights[i] == 0 {
				require.Zero(t, share)
			}
			require.InDelta(t, weights[i]/sum, share, 1e-12)
		}
	}
}

func TestDiscreteQuantile(t *testing.T) {
	d, err := random.NewDiscrete([]float64{0, 1, 0, 3, 0}, random.New(1))
	require.NoError(t, err)
	for p, want := range map[float64]float64{1e-300: 1, 0.2: 1, 0.25: 1, 0.2500001: 3, 0.9: 3, 1 - 1e-16: 3} {
		require.Equal(t, want, d.Quantile(p), p)
	}
	// A sum that is rounded down must not lead to an index without weight.
	d, err = random.NewDiscrete([]float64{0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0}, random.New(1))
	require.NoError(t, err)
	require.Equal(t, 9.0, d.Quantile(1-1.0/(1<<53)))
}

// The Geometric that is drawn and the one that is inverted are the same.
func TestGeometricQuantile(t *testing.T) {
	g := random.Geometric{P: 0.3}
	for k := range 20 {
		cdf := 1 - math.Pow(0.7, float64(k+1))
		require.Equal(t, float64(k), g.Quantile(cdf-1e-9))
		require.Equal(t, float64(k+1), g.Quantile(cdf+1e-9))
	}
	always := random.Geometric{P: 1, Src: random.New(1)}
	require.Zero(t, always.Rand())
	require.Zero(t, always.Quantile(0.5))
	for _, p := range []float64{0, -1, 1.1, math.NaN()} {
		require.Panics(t, func() { random.Geometric{P: p, Src: random.New(1)}.Rand() })
	}
}

func TestTruncatedStaysInside(t *testing.T) {
	s := random.New(1, "truncated")
	inf := math.Inf(1)
	for _, c := range []struct {
		dist      random.Continuous
		low, high float64
	}{
		{distuv.UnitNormal, -inf, inf},
		{distuv.UnitNormal, -inf, -5},
		{distuv.UnitNormal, 5, inf},
		{distuv.UnitNormal, 1, 1.0000001},
		{distuv.Gamma{Alpha: 0.5, Beta: 1}, 0, 0.001},
		{distuv.Exponential{Rate: 1}, 3, inf},
	} {
		d, err := random.NewTruncated(c.dist, c.low, c.high, s)
		require.NoError(t, err)
		for _, p := range []float64{1.0 / (1 << 53), 0.5, 1 - 1.0/(1<<53)} {
			x := d.Quantile(p)
			require.True(t, c.low <= x && x <= c.high && !math.IsInf(x, 0), "%v truncated to (%v, %v): quantile of %v is %v", c.dist, c.low, c.high, p, x)
		}
	}
}

func TestBadParametersAreErrors(t *testing.T) {
	s := random.New(1)
	inf, nan := math.Inf(1), math.NaN()
	for _, weights := range [][]float64{nil, {0, 0}, {1, -1}, {nan}, {inf}, {math.MaxFloat64, math.MaxFloat64}} {
		_, err := random.NewDiscrete(weights, s)
		require.ErrorContains(t, err, "must be", "%v", weights)
		_, err = random.NewHyperExponential(weights, make([]float64, len(weights)), s)
		require.ErrorContains(t, err, "branches", "%v", weights)
	}
	for _, means := range [][]float64{nil, {1}, {1, -1}, {1, nan}, {inf, 1}} {
		_, err := random.NewHyperExponential([]float64{1, 1}, means, s)
		require.Error(t, err, "%v", means)
	}
	for _, values := range [][]float64{nil, {nan}, {1, inf}} {
		_, err := random.NewEmpirical(values, s)
		require.Error(t, err, "%v", values)
	}
	for _, limits := range [][2]float64{{1, 1}, {2, 1}, {nan, 1}, {0, nan}, {20, 21}, {7, inf}} {
		_, err := random.NewTruncated(distuv.UnitNormal, limits[0], limits[1], s)
		require.ErrorContains(t, err, "must be", "%v", limits)
	}
}

// What lies between equal values is that value, to the last bit.
func TestEmpiricalOfEqualValues(t *testing.T) {
	for _, v := range []float64{0.1, -0.3, 1e-300, 123.456, math.MaxFloat64, -math.MaxFloat64} {
		e, err := random.NewEmpirical([]float64{v, v, v}, random.New(1, "equal"))
		require.NoError(t, err)
		for range 1000 {
			if x := e.Rand(); x != v {
				require.Equal(t, v, x)
			}
		}
	}
}

func TestEmpiricalOfOneValue(t *testing.T) {
	e, err := random.NewEmpirical([]float64{4}, random.New(1))
	require.NoError(t, err)
	require.Equal(t, 4.0, e.Rand())
}
