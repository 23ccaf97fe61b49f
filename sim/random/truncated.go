package random

import (
	"fmt"
	"math"
)

// Continuous is a continuous distribution as stat/distuv has them.
type Continuous interface {
	CDF(x float64) float64
	Quantile(p float64) float64
}

// Truncated is a distribution on the condition that its variate falls between two
// limits. It is made by [NewTruncated].
type Truncated struct {
	src       *Stream
	dist      Continuous
	low, high float64
	below     float64 // probability of less than low
	mass      float64 // probability between low and high
}

// minMass is the least probability between the limits of a [Truncated]. With less, too
// few digits of the distribution function tell variates apart.
const minMass = 1e-9

// NewTruncated returns d on the condition that its variate is between low and high;
// either may be infinite. It fails unless low < high and d gives what is between them a
// probability of 10^-9 at least.
func NewTruncated(d Continuous, low, high float64, src *Stream) (*Truncated, error) {
	if !(low < high) {
		return nil, fmt.Errorf("truncated distribution: the limits are %v and %v; the first must be less", low, high)
	}
	below, upTo := 0.0, 1.0
	if !math.IsInf(low, -1) {
		below = d.CDF(low)
	}
	if !math.IsInf(high, 1) {
		upTo = d.CDF(high)
	}
	mass := upTo - below
	if !(mass >= minMass) {
		return nil, fmt.Errorf("truncated distribution: the probability between %v and %v is %v; it must be %v at least", low, high, mass, minMass)
	}
	return &Truncated{src, d, low, high, below, mass}, nil
}

// Rand draws a variate, by inversion (Law, section 8.2.1).
func (t *Truncated) Rand() float64 { return Inverse(t.src, t) }

// Quantile returns the value that the variate does not exceed with probability p, which
// must be in (0, 1).
func (t *Truncated) Quantile(p float64) float64 {
	const belowOne = 1 - 1.0/(1<<53) // where the sum is rounded up to 1
	x := t.dist.Quantile(min(t.below+p*t.mass, belowOne))
	return min(max(x, t.low), t.high)
}
