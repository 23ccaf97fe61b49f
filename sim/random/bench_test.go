package random_test

import (
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/simrun/simrun/sim/random"
)

var sink float64

// Beside each kind of draw stands that of math/rand/v2 on its PCG.
func BenchmarkStream(b *testing.B) {
	s := random.New(1, "a")
	std := rand.New(rand.NewPCG(1, 2))
	for _, c := range []struct {
		name string
		draw func() float64
	}{
		{"Float64", s.Float64}, {"Float64/std", std.Float64},
		{"ExpFloat64", s.ExpFloat64}, {"ExpFloat64/std", std.ExpFloat64},
		{"NormFloat64", s.NormFloat64}, {"NormFloat64/std", std.NormFloat64},
		{"Inverse/exponential", func() float64 { return random.Inverse(s, distuv.Exponential{Rate: 1}) }},
		{"Inverse/normal", func() float64 { return random.Inverse(s, distuv.UnitNormal) }},
	} {
		benchmark(b, c.name, c.draw)
	}
}

func BenchmarkDistributions(b *testing.B) {
	for _, v := range variates(b) {
		benchmark(b, v.name, v.draw)
	}
}

func benchmark(b *testing.B, name string, draw func() float64) {
	b.Run(name, func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			sink = draw()
		}
	})
}

func BenchmarkNew(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		sink = random.New(1, "house-3", "demand").Float64()
	}
}
