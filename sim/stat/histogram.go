package stat

import (
	"fmt"
	"math"
)

// A Bin is one bar of a histogram: the number of observations x with Low <= x < High.
type Bin struct {
	Low, High float64
	Count     uint64
}

// A Histogram counts observations in bins of equal width between two limits (Law, section
// 6.4.2). It is made by [NewHistogram]; [AutoHistogram] finds the limits itself.
type Histogram struct {
	low, high   float64
	counts      []uint64
	under, over uint64
	notFinite   uint64
}

// NewHistogram returns an empty histogram of bins between low and high. It fails unless
// there is a bin, low < high, and both and their difference are finite.
func NewHistogram(low, high float64, bins int) (*Histogram, error) {
	if bins < 1 {
		return nil, fmt.Errorf("histogram: %d bins; there must be one at least", bins)
	}
	if width := high - low; !(width > 0) || math.IsInf(width, 1) {
		return nil, fmt.Errorf("histogram: limits %v and %v; they must be finite, and the first less than the second", low, high)
	}
	return &Histogram{low: low, high: high, counts: make([]uint64, bins)}, nil
}

// Add adds an observation.
func (h *Histogram) Add(x float64) {
	switch {
	case x-x != 0:
		h.notFinite++
	case x < h.low:
		h.under++
	case x >= h.high:
		h.over++
	default:
		h.counts[h.bin(x)]++
	}
}

// bin returns the bin of x, which is between the limits. Rounding may lead to a
// neighbour; the edges as Bins tells them decide.
func (h *Histogram) bin(x float64) int {
	n := len(h.counts)
	i := min(int((x-h.low)/(h.high-h.low)*float64(n)), n-1)
	for i > 0 && x < h.edge(i) {
		i--
	}
	for i < n-1 && x >= h.edge(i+1) {
		i++
	}
	return i
}

// edge returns the lower end of bin i, or the upper limit.
func (h *Histogram) edge(i int) float64 {
	if i == len(h.counts) {
		return h.high
	}
	return h.low + (h.high-h.low)*(float64(i)/float64(len(h.counts)))
}

// Merge adds all observations of o. It fails, and changes nothing, if limits or number
// of bins are others.
func (h *Histogram) Merge(o *Histogram) error {
	if h.low != o.low || h.high != o.high || len(h.counts) != len(o.counts) {
		return fmt.Errorf("merge histograms: %d bins from %v to %v, and %d from %v to %v; they must be the same",
			len(h.counts), h.low, h.high, len(o.counts), o.low, o.high)
	}
	for i, n := range o.counts {
		h.counts[i] += n
	}
	h.under += o.under
	h.over += o.over
	h.notFinite += o.notFinite
	return nil
}

// Bins returns all bins, in order.
func (h *Histogram) Bins() []Bin {
	bins := make([]Bin, len(h.counts))
	for i, n := range h.counts {
		bins[i] = Bin{h.edge(i), h.edge(i + 1), n}
	}
	return bins
}

// Under returns the number of observations below the lower limit.
func (h *Histogram) Under() uint64 { return h.under }

// Over returns the number of observations at or above the upper limit.
func (h *Histogram) Over() uint64 { return h.over }

// NotFinite returns the number of NaNs and infinities, which are in no bin.
func (h *Histogram) NotFinite() uint64 { return h.notFinite }
