package stat

import "math"

// maxAutoBins is the largest number of bins of an [AutoHistogram].
const maxAutoBins = 64

// An AutoHistogram counts observations in bins of equal width (Law, section 6.4.2) whose
// limits and width follow from the observations: there are at most 64 bins from the least observation to
// the largest, and more than 31 unless a bin would be narrower than floating-point
// numbers can tell. Its zero value is empty and ready for use.
//
// A bin is 2^k wide and begins at a multiple of that. When the observations outgrow the
// bins, two neighbours become one. So the bins do not depend on the order of
// observations, nor on which of them came by Merge, and each count is exact.
type AutoHistogram struct {
	k         int                 // bins are 2^k wide
	first     int64               // counts[0] is for [first*2^k, (first+1)*2^k)
	n         int                 // bins in use; 0 if nothing was added
	counts    [maxAutoBins]uint64 // the first and the last in use are not 0
	notFinite uint64
}

// Add adds an observation.
func (h *AutoHistogram) Add(x float64) {
	if x-x != 0 {
		h.notFinite++
		return
	}
	k := finest(x)
	if h.n == 0 {
		h.k = k
	}
	h.coarsen(max(h.k, k))
	i := h.index(x)
	if h.n == 0 {
		h.first, h.n = i, 1
	}
	h.cover(i, i)
	h.counts[h.index(x)-h.first]++
}

// Merge adds all observations of o.
func (h *AutoHistogram) Merge(o AutoHistogram) {
	h.notFinite += o.notFinite
	o.notFinite = h.notFinite
	switch {
	case o.n == 0:
		return
	case h.n == 0:
		*h = o
		return
	}
	h.coarsen(max(h.k, o.k))
	o.coarsen(h.k)
	h.cover(o.first, o.first+int64(o.n)-1)
	o.coarsen(h.k)
	for i, n := range o.counts[:o.n] {
		h.counts[o.first-h.first+int64(i)] += n
	}
}

// finest returns the least k for which x/2^k is below 2^53 in size, so that all indices
// are exact.
func finest(x float64) int {
	const least = -1074 // of floating-point numbers
	if x == 0 {
		return least
	}
	_, exponent := math.Frexp(x)
	return max(exponent-53, least)
}

// index returns the index of the bin of x, where bin 0 begins at 0.
func (h *AutoHistogram) index(x float64) int64 {
	y := math.Ldexp(x, -h.k)
	if y == 0 && x < 0 { // rounded to 0
		return -1
	}
	return int64(math.Floor(y))
}

// cover extends the bins to those from index low to high, which are of the present
// width, and makes them wider as far as that needs.
func (h *AutoHistogram) cover(low, high int64) {
	low, high = min(low, h.first), max(high, h.first+int64(h.n)-1)
	k := h.k
	for high-low >= maxAutoBins {
		low, high = low>>1, high>>1
		k++
	}
	h.coarsen(k)
	copy(h.counts[h.first-low:], h.counts[:h.n])
	clear(h.counts[:h.first-low])
	h.first, h.n = low, int(high-low)+1
}

// coarsen makes bins 2^k wide, which must not be less than they are.
func (h *AutoHistogram) coarsen(k int) {
	shift := k - h.k
	if shift == 0 {
		return
	}
	first, last := h.first>>shift, (h.first+int64(h.n)-1)>>shift
	var counts [maxAutoBins]uint64
	for i, n := range h.counts[:h.n] {
		counts[(h.first+int64(i))>>shift-first] += n
	}
	h.k, h.first, h.counts = k, first, counts
	if h.n > 0 {
		h.n = int(last-first) + 1
	}
}

// Bins returns the bins from that of the least observation to that of the largest, in
// order; none if there is no observation.
func (h *AutoHistogram) Bins() []Bin {
	bins := make([]Bin, h.n)
	for i, n := range h.counts[:h.n] {
		low := h.first + int64(i)
		bins[i] = Bin{math.Ldexp(float64(low), h.k), math.Ldexp(float64(low+1), h.k), n}
	}
	return bins
}

// NotFinite returns the number of NaNs and infinities, which are in no bin.
func (h *AutoHistogram) NotFinite() uint64 { return h.notFinite }
