package random

import (
	"fmt"
	"math"
)

// Geometric is the distribution of the number of failures before the first success in
// independent trials (Law, section 8.4.5). P, the probability of success, must be in
// (0, 1].
type Geometric struct {
	P   float64
	Src *Stream
}

// Rand draws a number of failures. It panics if P is out of range.
func (g Geometric) Rand() float64 {
	return math.Floor(g.Src.ExpFloat64() / g.rate())
}

// Quantile returns the least number of failures that is not exceeded with probability
// p, which must be in [0, 1). It panics if P is out of range.
func (g Geometric) Quantile(p float64) float64 {
	return max(0, math.Ceil(-math.Log1p(-p)/g.rate())-1)
}

// rate is that of the exponential variate whose whole part is geometric.
func (g Geometric) rate() float64 {
	if !(g.P > 0 && g.P <= 1) {
		panic(fmt.Sprintf("random: Geometric.P is %v; it must be in (0, 1]", g.P))
	}
	return -math.Log1p(-g.P)
}
