package random

import (
	"fmt"
	"math"
)

// HyperExponential is the distribution of a time that is exponential with one of
// several means, chosen at random each time: more variable than an exponential one
// (Law, section 8.3.2 and the method of composition, section 8.2.2). It is made by
// [NewHyperExponential].
type HyperExponential struct {
	src    *Stream
	branch *Discrete
	means  []float64
}

// NewHyperExponential returns the distribution that has mean means[i] with probability
// weights[i] over the sum of weights. It fails if the weights do not make a [Discrete],
// if there is another number of means, or if a mean is negative or not finite.
func NewHyperExponential(weights, means []float64, src *Stream) (*HyperExponential, error) {
	if len(weights) != len(means) {
		return nil, fmt.Errorf("hyperexponential distribution: there are %d weights and %d means; each branch needs both", len(weights), len(means))
	}
	for i, mean := range means {
		if !(mean >= 0) || math.IsInf(mean, 1) {
			return nil, fmt.Errorf("hyperexponential distribution: mean %d is %v; it must be finite and not negative", i, mean)
		}
	}
	branch, err := NewDiscrete(weights, src)
	if err != nil {
		return nil, fmt.Errorf("hyperexponential distribution: branches: %w", err)
	}
	return &HyperExponential{src, branch, append([]float64(nil), means...)}, nil
}

// Rand draws a variate.
func (h *HyperExponential) Rand() float64 {
	return h.means[h.branch.Index()] * h.src.ExpFloat64()
}
