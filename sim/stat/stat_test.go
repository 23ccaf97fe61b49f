package stat_test

import (
	"math"

	"github.com/simrun/simrun/sim/random"
	"github.com/simrun/simrun/sim/stat"
)

var (
	nan = math.NaN()
	inf = math.Inf(1)
)

// ar1 returns the next numbers of an autoregressive process of order 1 with standard
// normal noise, in its steady state, whose mean is 0.
func ar1(s *random.Stream, phi float64, n int) []float64 {
	x := make([]float64, n)
	v := s.NormFloat64() / math.Sqrt(1-phi*phi)
	for i := range x {
		x[i] = v
		v = phi*v + s.NormFloat64()
	}
	return x
}

func tally(x ...float64) *stat.Tally {
	var t stat.Tally
	for _, v := range x {
		t.Add(v)
	}
	return &t
}
