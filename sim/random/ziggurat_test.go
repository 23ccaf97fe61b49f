package random_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/simrun/simrun/sim/random"
)

// What makes a ziggurat right: all layers have the same area, that of the lowest one includes
// the tail, the highest ends at the top of the density. It is all that Marsaglia and Tsang
// ask for, so a table that fulfils it needs no other proof.
func TestLayers(t *testing.T) {
	for name, z := range random.Ziggurats() {
		t.Run(name, func(t *testing.T) {
			top := len(z.Edges) - 1
			require.Equal(t, 256, top)
			require.Zero(t, z.Edges[top])
			lowest := z.Edges[1]*z.Density(z.Edges[1]) + z.Tail(z.Edges[1])
			require.InEpsilon(t, lowest, z.Edges[0]*z.Density(z.Edges[1]), 1e-14)
			for i := 1; i < top; i++ {
				require.Less(t, z.Edges[i+1], z.Edges[i])
				area := z.Edges[i] * (z.Density(z.Edges[i+1]) - z.Density(z.Edges[i]))
				require.InEpsilon(t, lowest, area, 1e-12, "layer %d", i)
			}
		})
	}
}

// variateOf is one of the fast distributions, with what is known of it.
type variateOf struct {
	draw     func(*random.Stream) float64
	cdf      func(x float64) float64
	survival func(x float64) float64
	moments  [4]float64 // about zero
	edge     float64    // where the tail begins
}

var fast = map[string]variateOf{
	"exponential": {
		draw:     (*random.Stream).ExpFloat64,
		cdf:      func(x float64) float64 { return -math.Expm1(-x) },
		survival: func(x float64) float64 { return math.Exp(-x) },
		moments:  [4]float64{1, 2, 6, 24}, // n!
		edge:     7.69711747013105,
	},
	"normal": {
		draw:     (*random.Stream).NormFloat64,
		cdf:      distuv.UnitNormal.CDF,
		survival: func(x float64) float64 { return math.Erfc(x/math.Sqrt2) / 2 },
		moments:  [4]float64{0, 1, 0, 3}, // (n-1)!! if n is even
		edge:     3.654152885361009,
	},
	"minus normal": {
		draw:     func(s *random.Stream) float64 { return -s.NormFloat64() },
		cdf:      distuv.UnitNormal.CDF,
		survival: func(x float64) float64 { return math.Erfc(x/math.Sqrt2) / 2 },
		moments:  [4]float64{0, 1, 0, 3},
		edge:     3.654152885361009,
	},
}

// Four million variates in 1,000 cells of equal probability, and their first four moments. The
// limit is exceeded by one sample in 10,000; seeds are fixed.
func TestZigguratShape(t *testing.T) {
	const n, cells = 4_000_000, 1000
	for name, v := range fast {
		t.Run(name, func(t *testing.T) {
			var counts [cells]float64
			var sums, squares [4]float64
			s := random.New(1, "shape", name)
			for range n {
				x := v.draw(s)
				counts[min(int(v.cdf(x)*cells), cells-1)]++
				power := 1.0
				for i := range sums {
					power *= x
					sums[i] += power
					squares[i] += power * power
				}
			}
			var chiSquare float64
			for _, c := range counts {
				chiSquare += (c - n/cells) * (c - n/cells) / (n / cells)
			}
			require.Less(t, chiSquare, distuv.ChiSquared{K: cells - 1}.Quantile(0.9999))
			for i, want := range v.moments {
				mean := sums[i] / n
				deviation := math.Sqrt((squares[i]/n - mean*mean) / n)
				require.InDelta(t, want, mean, 4*deviation, "moment %d", i+1)
			}
		})
	}
}

// In the tail, and where the layers are cut, Anderson and Darling's test is sharper ("A Test of
// Goodness of Fit", Journal of the American Statistical Association 49, 1954; its limit of
// 6.0 is exceeded by one sample in a thousand): of all variates beyond half the edge, and of
// those beyond the edge.
func TestZigguratTail(t *testing.T) {
	for name, v := range fast {
		for _, from := range []float64{v.edge / 2, v.edge} {
			s := random.New(2, "tail", name)
			const n = 4_000_000
			var p []float64 // of those beyond, uniform if the distribution is right
			for range n {
				if x := v.draw(s); x > from {
					p = append(p, v.survival(x)/v.survival(from))
				}
			}
			expected := n * v.survival(from)
			require.InDelta(t, expected, len(p), 4*math.Sqrt(expected), "%s beyond %v", name, from)
			require.Less(t, andersonDarling(p), 6.0, "%s beyond %v", name, from)
		}
	}
}

func andersonDarling(p []float64) float64 {
	slices.Sort(p)
	n := len(p)
	sum := 0.0
	for i := range p {
		sum += float64(2*i+1) * (math.Log(p[i]) + math.Log1p(-p[n-1-i]))
	}
	return -float64(n) - sum/float64(n)
}

// A variate is never 0, so that its logarithm exists, and it is placed with 53 bits: of two
// million with the 40 that math/rand/v2 has for place and layer, two would be there twice.
func TestVariatesAreFine(t *testing.T) {
	for _, name := range []string{"exponential", "normal"} {
		s := random.New(3, "fine", name)
		x := make([]uint64, 2_000_000)
		for i := range x {
			x[i] = math.Float64bits(fast[name].draw(s))
		}
		slices.Sort(x)
		if x[0] == 0 || len(slices.Compact(x)) < 2_000_000 {
			t.Errorf("%s: a variate is 0, or there twice", name)
		}
	}
}

// The same numbers as those of rand.Rand, which draws from the same source.
func TestOwnMethodsAreThoseOfRand(t *testing.T) {
	own := random.New(4, "own")
	std := rand.New(random.New(4, "own"))
	for _, n := range []int{1, 2, 3, 10, 1 << 10, 1<<31 - 1, 1 << 31, 3 << 30, 1<<32 - 1, 1 << 32, 3 << 61} {
		for range 1000 {
			require.Equal(t, std.IntN(n), own.IntN(n), n)
			require.Equal(t, std.Float64(), own.Float64())
		}
	}
	require.Panics(t, func() { own.IntN(0) })
	require.Panics(t, func() { own.IntN(-1) })
}
