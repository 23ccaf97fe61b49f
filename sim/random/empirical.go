package random

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// Empirical is the continuous distribution of observed values: its distribution
// function is linear between neighbours in order of size, so that nothing below the
// least or above the largest is drawn (Law, section 8.3.16). It is made by
// [NewEmpirical].
//
// To draw the observed values themselves, choose one by IntN.
type Empirical struct {
	src    *Stream
	sorted []float64
}

// NewEmpirical returns the distribution of values, which it copies. It fails if there
// are none, or if one is not finite.
func NewEmpirical(values []float64, src *Stream) (*Empirical, error) {
	if len(values) == 0 {
		return nil, errors.New("empirical distribution: there are no values; pass one at least")
	}
	for i, x := range values {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return nil, fmt.Errorf("empirical distribution: value %d is %v; it must be finite", i, x)
		}
	}
	return &Empirical{src, slices.Sorted(slices.Values(values))}, nil
}

// Rand draws a value, by inversion.
func (e *Empirical) Rand() float64 { return Inverse(e.src, e) }

// Quantile returns the value below which a share p of values lies; p must be in [0, 1].
func (e *Empirical) Quantile(p float64) float64 {
	last := len(e.sorted) - 1
	whole, part := math.Modf(p * float64(last))
	i := int(whole)
	if i == last {
		return e.sorted[last]
	}
	low, high := e.sorted[i], e.sorted[i+1]
	// Sums that rise with part, also when they are rounded, and never leave the interval.
	if difference := high - low; !math.IsInf(difference, 1) {
		return min(low+float64(part*difference), high)
	}
	low, high = low/2, high/2
	return 2 * min(low+float64(part*(high-low)), high)
}
