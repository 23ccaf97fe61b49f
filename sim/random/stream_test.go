package random_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/sim/random"
)

// TestGolden holds numbers of every kind. If it fails, scenarios no longer reproduce
// what they gave before: undo the change that did it, or, if Go itself changed, say so
// in CHANGELOG.md as breaking. The integers were computed apart from this package, from
// the hash as documented at state and the PCG-DXSM recurrence.
func TestGolden(t *testing.T) {
	for _, c := range []struct {
		seed  uint64
		names []string
		want  [3]uint64
	}{
		{0, nil, [3]uint64{0xab7675839b9cf4d5, 0x4d68503cd1c67bce, 0x2c525f452ddc2fbe}},
		{1, nil, [3]uint64{0x1b2e2da084d6fb4c, 0x4f5b0b625abb929a, 0x9d871cdfe4212489}},
		{1, []string{""}, [3]uint64{0x2a71170689f8b503, 0x427ce26a274ff45e, 0x529bf47dac5da9a4}},
		{1, []string{"load-17"}, [3]uint64{0x88308478cec96262, 0x930ee66cfda51b41, 0x70533b483f722f1d}},
		{1, []string{"load-17", "arrivals"}, [3]uint64{0x0b61b5ae6be39f60, 0x603fe8c7ea932af5, 0xc2225e5aba5b442a}},
		{math.MaxUint64, []string{"Zürich"}, [3]uint64{0xcb232dbde6351bcf, 0x2952891a0897ca4c, 0xbeac301a81e05e0b}},
	} {
		t.Run(fmt.Sprintf("%d %q", c.seed, c.names), func(t *testing.T) {
			s := random.New(c.seed, c.names...)
			require.Equal(t, c.want, [3]uint64{s.Uint64(), s.Uint64(), s.Uint64()})
		})
	}

	s := random.New(1, "load-17", "every kind")
	var got []string
	for range 2 {
		got = append(got,
			fmt.Sprint("Float64 ", s.Float64()),
			fmt.Sprint("IntN ", s.IntN(1000)),
			fmt.Sprint("NormFloat64 ", s.NormFloat64()),
			fmt.Sprint("ExpFloat64 ", s.ExpFloat64()),
			fmt.Sprint("Perm ", s.Perm(5)),
		)
	}
	require.Equal(t, []string{
		"Float64 0.18399075000099296",
		"IntN 614",
		"NormFloat64 0.08094384664722286",
		"ExpFloat64 3.2309521262711844",
		"Perm [2 0 1 3 4]",
		"Float64 0.4234708948982775",
		"IntN 612",
		"NormFloat64 -0.4239793701159898",
		"ExpFloat64 0.9936740833470243",
		"Perm [4 3 1 2 0]",
	}, got)
}

func TestNewStartsAtTheBeginning(t *testing.T) {
	used := random.New(7, "pv", "clouds")
	first := used.Uint64()
	require.NotEqual(t, first, used.Uint64())
	require.Equal(t, first, random.New(7, "pv", "clouds").Uint64())
}

func TestNamesAreUnambiguous(t *testing.T) {
	seen := map[uint64]string{}
	for _, names := range [][]string{
		nil, {""}, {"", ""}, {"abc"}, {"a", "bc"}, {"ab", "c"}, {"abc", ""}, {"", "abc"}, {"a", "b", "c"},
		{"c", "b", "a"}, {"a\x00bc"}, {"a/bc"}, {"a bc"}, {"a,bc"}, {"ABC"},
	} {
		for _, seed := range []uint64{0, 1, 1 << 32, 1 << 63} {
			what := fmt.Sprintf("%d %q", seed, names)
			first := random.New(seed, names...).Uint64()
			require.Empty(t, seen[first], "%s gives the numbers of", what)
			seen[first] = what
		}
	}
}

// The numbers of one entity do not depend on who else draws, how much or when.
func TestOthersChangeNothing(t *testing.T) {
	draw := func(entities ...string) (house []float64) {
		streams := make([]*random.Stream, len(entities))
		for i, name := range entities {
			streams[i] = random.New(3, name)
		}
		for range 10 {
			for i, s := range streams {
				if entities[i] == "house" {
					house = append(house, s.Float64())
				} else {
					s.Perm(20)
				}
			}
		}
		return house
	}
	alone := draw("house")
	require.Len(t, alone, 10)
	require.Equal(t, alone, draw("pv", "house", "battery"))
	require.Equal(t, alone, draw("battery", "house"))
}

// Streams with names that differ by little are uncorrelated: with n numbers each, the
// correlation of two independent streams has a standard deviation of 1/sqrt(n). Seeds
// are fixed, so the outcome is too.
func TestNeighboursAreIndependent(t *testing.T) {
	const streams, n = 30, 4000
	numbers := make([][]float64, streams)
	for i := range numbers {
		s := random.New(1, fmt.Sprintf("house-%d", i), "demand")
		for range n {
			numbers[i] = append(numbers[i], s.NormFloat64())
		}
	}
	var sumOfSquares float64
	var pairs int
	for i, a := range numbers {
		for _, b := range numbers[:i] {
			var sum float64
			for k := range a {
				sum += a[k] * b[k]
			}
			z := sum / math.Sqrt(n)
			require.Less(t, math.Abs(z), 4.5, "correlation of a pair, in standard deviations")
			sumOfSquares += z * z
			pairs++
		}
	}
	// Over all pairs the mean square is 1, with a standard deviation of sqrt(2/pairs).
	require.InDelta(t, 1, sumOfSquares/float64(pairs), 4*math.Sqrt(2/float64(pairs)))
}

// First numbers, taken across many streams or across many seeds, are as uniform as
// those of one stream: chi-square over 100 cells has mean 99 and standard deviation
// sqrt(2*99), about 14.
func TestFirstNumbersAreUniform(t *testing.T) {
	for name, first := range map[string]func(i int) float64{
		"across names": func(i int) float64 { return random.New(1, fmt.Sprint("e", i)).Float64() },
		"across seeds": func(i int) float64 { return random.New(uint64(i), "e").Float64() },
	} {
		t.Run(name, func(t *testing.T) {
			const n, cells = 20_000, 100
			var counts [cells]float64
			for i := range n {
				counts[int(first(i)*cells)]++
			}
			var chiSquare float64
			for _, count := range counts {
				const expected = n / cells
				chiSquare += (count - expected) * (count - expected) / expected
			}
			require.InDelta(t, 99, chiSquare, 4*14)
		})
	}
}

// Replications have streams of their own; the first is the run that one has without
// replications.
func TestReplication(t *testing.T) {
	require.Equal(t, uint64(7), random.Replication(7, 0))
	// Computed apart from this package, from the hash as documented.
	require.Equal(t, uint64(0x1b299fbf9ddf14b0), random.Replication(7, 1))
	seen := map[uint64]bool{}
	for seed := range uint64(10) {
		for n := range uint64(1000) {
			seen[random.New(random.Replication(seed, n), "e").Uint64()] = true
		}
	}
	require.Len(t, seen, 10_000)
}

func TestDrawingDoesNotAllocate(t *testing.T) {
	s := random.New(1, "load")
	require.Zero(t, testing.AllocsPerRun(100, func() {
		s.Float64()
		s.OpenFloat64()
		s.NormFloat64()
		s.ExpFloat64()
		s.IntN(10)
	}))
}

func ExampleNew() {
	demand := random.New(42, "house-3", "demand")
	fmt.Printf("%.3f %.3f\n", demand.Float64(), demand.Float64())
	// Output: 0.831 0.667
}
