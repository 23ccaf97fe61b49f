package stat

import (
	"fmt"
	"math"
)

// QuantileError is the relative error of [Quantiles]: an estimate x̂ of a quantile x is
// within QuantileError*|x| of it.
const QuantileError = 0.01

// Quantiles estimates quantiles without keeping the observations, at any number of
// them, with a relative error of at most 1%. Its zero value is empty and ready for use.
//
// The method is DDSketch (C. Masson, J. E. Rim and H. K. Lee, "DDSketch: A Fast and
// Fully-Mergeable Quantile Sketch with Relative-Error Guarantees", Proceedings of the
// VLDB Endowment 12(12), 2019), unbounded as in its section 2: observations are counted
// in buckets whose limits grow by the factor gamma = (1+a)/(1-a), where a is the error.
// The estimate depends neither on the order of observations nor on which of them came
// by Merge.
//
// Memory depends on how many orders of magnitude the observations span: about 1 KiB for
// each, and never more than 1.2 MiB, when it holds all sizes of floating-point numbers
// of both signs.
type Quantiles struct {
	n         uint64
	negative  buckets // of -x
	zeros     uint64
	positive  buckets
	min, max  float64 // if n > 0
	notFinite uint64
}

// gamma is the factor between the limits of a bucket.
const gamma = (1 + QuantileError) / (1 - QuantileError)

var logGamma = math.Log(gamma)

// Add adds an observation. NaNs and infinities are counted apart.
func (q *Quantiles) Add(x float64) {
	if x-x != 0 {
		q.notFinite++
		return
	}
	if q.n == 0 {
		q.min, q.max = x, x
	}
	q.n++
	q.min, q.max = min(q.min, x), max(q.max, x)
	// Below this, numbers have too few digits for the relative error.
	const smallestNormal = 0x1p-1022
	switch {
	case x >= smallestNormal:
		q.positive.add(bucket(x), 1)
	case x <= -smallestNormal:
		q.negative.add(bucket(-x), 1)
	default:
		q.zeros++
	}
}

// bucket returns the i for which gamma^(i-1) < x <= gamma^i.
func bucket(x float64) int { return int(math.Ceil(math.Log(x) / logGamma)) }

// middle returns the number whose relative distance from both limits of bucket i is the
// same.
func middle(i int) float64 { return math.Exp(float64(i)*logGamma + math.Log(2/(gamma+1))) }

// Merge adds all observations of o.
func (q *Quantiles) Merge(o *Quantiles) {
	q.notFinite += o.notFinite
	if o.n == 0 {
		return
	}
	if q.n == 0 {
		q.min, q.max = o.min, o.max
	}
	q.n += o.n
	q.min, q.max = min(q.min, o.min), max(q.max, o.max)
	q.zeros += o.zeros
	q.positive.merge(&o.positive)
	q.negative.merge(&o.negative)
}

// Quantile returns an estimate of the p-quantile: of the observation that has place
// floor(p*(n-1)) in order of size, counted from 0. The least and the largest
// observation are exact. It is NaN if there is no observation, and panics unless 0 <= p
// <= 1.
func (q *Quantiles) Quantile(p float64) float64 {
	if !(p >= 0 && p <= 1) {
		panic(fmt.Sprintf("stat: quantile of probability %v; it must be in [0, 1], 0.5 for the median", p))
	}
	if q.n == 0 {
		return math.NaN()
	}
	place := uint64(p * float64(q.n-1))
	switch place {
	case 0:
		return q.min
	case q.n - 1:
		return q.max
	}
	return min(max(q.at(place), q.min), q.max)
}

// at estimates the observation of the given place.
func (q *Quantiles) at(place uint64) float64 {
	for i := len(q.negative.counts) - 1; i >= 0; i-- {
		n := q.negative.counts[i]
		if place < n {
			return -middle(q.negative.first + i)
		}
		place -= n
	}
	if place < q.zeros {
		return 0
	}
	place -= q.zeros
	for i, n := range q.positive.counts {
		if place < n {
			return middle(q.positive.first + i)
		}
		place -= n
	}
	return q.max
}

// Count returns the number of observations that are finite.
func (q *Quantiles) Count() uint64 { return q.n }

// NotFinite returns the number of NaNs and infinities, which do not count.
func (q *Quantiles) NotFinite() uint64 { return q.notFinite }

// buckets counts by index, from first on.
type buckets struct {
	first  int
	counts []uint64
}

func (b *buckets) add(i int, n uint64) {
	at := i - b.first
	if uint(at) >= uint(len(b.counts)) {
		b.grow(i)
		at = i - b.first
	}
	b.counts[at] += n
}

// grow makes room for index i, in blocks, so that it happens rarely.
func (b *buckets) grow(i int) {
	const block = 64
	low := i &^ (block - 1)
	high := low + block
	if len(b.counts) > 0 {
		low, high = min(low, b.first), max(high, b.first+len(b.counts))
	}
	counts := make([]uint64, high-low)
	if len(b.counts) > 0 {
		copy(counts[b.first-low:], b.counts)
	}
	b.first, b.counts = low, counts
}

func (b *buckets) merge(o *buckets) {
	for i, n := range o.counts {
		if n > 0 {
			b.add(o.first+i, n)
		}
	}
}
