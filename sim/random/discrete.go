package random

import (
	"fmt"
	"math"
	"math/bits"
	"slices"
	"sort"
)

// Discrete is the distribution of a number 0, 1, ..., n-1, each with a probability of
// its own. It is made by [NewDiscrete].
//
// Index takes the same short time for any n: the alias method (A. J. Walker, "An
// Efficient Method for Generating Discrete Random Variables with General
// Distributions", ACM TOMS 3(3), 1977; the table is made as by M. D. Vose, "A Linear
// Algorithm for Generating Random Numbers with a Given Distribution", IEEE Transactions
// on Software Engineering 17(9), 1991).
type Discrete struct {
	src        *Stream
	cells      []cell
	cumulative []float64 // probability of an index up to this one
}

// A cell of the alias table stands for its own index in a share of own/2^64, else for
// alias.
type cell struct {
	own   uint64
	alias int
}

// NewDiscrete returns the distribution in which i has probability weights[i] over the
// sum of weights. It fails unless weights are finite, none is negative, and one is
// positive.
func NewDiscrete(weights []float64, src *Stream) (*Discrete, error) {
	d := &Discrete{src: src, cells: make([]cell, len(weights)), cumulative: make([]float64, len(weights))}
	sum := 0.0
	for i, w := range weights {
		if !(w >= 0) || math.IsInf(w, 1) {
			return nil, fmt.Errorf("discrete distribution: weight %d is %v; it must be finite and not negative", i, w)
		}
		sum += w
		d.cumulative[i] = sum
	}
	if sum == 0 || math.IsInf(sum, 1) {
		return nil, fmt.Errorf("discrete distribution: the sum of %d weights is %v; it must be positive and finite", len(weights), sum)
	}
	for i := range d.cumulative {
		d.cumulative[i] /= sum
	}

	// A cell holds 1/n of all probability. One whose index has less is filled up from
	// one that has more.
	share := make([]float64, len(weights)) // in cells
	var small, large []int
	for i, w := range weights {
		share[i] = w / sum * float64(len(weights))
		if share[i] < 1 {
			small = append(small, i)
		} else {
			large = append(large, i)
		}
	}
	for len(small) > 0 && len(large) > 0 {
		s, l := small[len(small)-1], large[len(large)-1]
		small = small[:len(small)-1]
		d.cells[s] = cell{own: uint64(share[s] * (1 << 64)), alias: l}
		share[l] -= 1 - share[s]
		if share[l] < 1 {
			large = large[:len(large)-1]
			small = append(small, l)
		}
	}
	// What is left over is full, but for rounding.
	heaviest := slices.Index(weights, slices.Max(weights))
	for _, i := range slices.Concat(small, large) {
		d.cells[i] = cell{alias: i}
		if weights[i] == 0 {
			d.cells[i].alias = heaviest
		}
	}
	return d, nil
}

// Index draws an index. One of weight 0 is never drawn.
func (d *Discrete) Index() int {
	// The high part of u*n is uniform over cells, the low part within one.
	i, within := bits.Mul64(d.src.Uint64(), uint64(len(d.cells)))
	if c := &d.cells[i]; within >= c.own {
		return c.alias
	}
	return int(i)
}

// Quantile returns the least index whose cumulative probability is at least p, which
// must be in (0, 1). It is for [Inverse], and takes time that grows with the logarithm
// of n.
func (d *Discrete) Quantile(p float64) float64 {
	return float64(min(sort.SearchFloat64s(d.cumulative, p), len(d.cumulative)-1))
}
