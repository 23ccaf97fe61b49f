package random

import "math"

// Exponential and normal variates by the ziggurat method (G. Marsaglia and W. W. Tsang, "The
// Ziggurat Method for Generating Random Variables", Journal of Statistical Software 5(8),
// 2000). The area below the density, not normalized, is covered by layers of equal area: the
// lowest one is a rectangle and the tail to its right, each of the others a rectangle from 0 to
// its edge. A point of a random layer is the variate if it is below the density, which it
// surely is if it is left of the edge of the layer above.
//
// Where we differ: There are 256 layers for both. The layer and the place within it come from
// different bits of one number, which J. A. Doornik ("An Improved Ziggurat Method to Generate
// Normal Random Samples", University of Oxford, 2005) found to matter, and the place has 53
// bits, one more for the sign. It is never 0. Tails are made of exponential variates.

const layers = 256

// A ziggurat has the edges of its layers, the lowest first, and the density at these. Of
// the lowest, whose tail has no end, the edge is that of a rectangle of the same area.
type ziggurat struct {
	edge    [layers + 1]float64
	scale   [layers]float64 // edges, in the unit of places
	density [layers + 1]float64
}

// unit is that of places: 2^53 of them are the width of a layer.
const unit = 1.0 / (1 << 53)

func newZiggurat(edges *[layers + 1]float64, density func(x float64) float64) *ziggurat {
	z := &ziggurat{edge: *edges}
	for i, x := range edges {
		z.density[i] = density(x)
		if i < layers {
			z.scale[i] = x * unit
		}
	}
	return z
}

var (
	exponential = newZiggurat(&exponentialEdges, exponentialDensity)
	normal      = newZiggurat(&normalEdges, normalDensity)
)

func exponentialDensity(x float64) float64 { return math.Exp(-x) }
func normalDensity(x float64) float64      { return math.Exp(-x * x / 2) }

// ExpFloat64 returns an exponential variate with mean 1. It is positive.
func (s *Stream) ExpFloat64() float64 {
	u := s.next
	s.next = s.pcg.next() ^ s.mirror // as Uint64 does, which is not compiled into others
	i := uint8(u)
	x := float64(int64(u>>11|1)) * exponential.scale[i]
	if x < exponential.edge[int(i)+1] {
		return x
	}
	return s.exponentialAt(i, x)
}

// exponentialAt returns the variate when x is not left of the edge above its layer.
func (s *Stream) exponentialAt(i uint8, x float64) float64 {
	switch {
	case i == 0:
		// What is more than the edge is distributed like the whole.
		return exponential.edge[1] + s.ExpFloat64()
	case s.between(exponential, i) < exponentialDensity(x):
		return x
	}
	return s.ExpFloat64()
}

// NormFloat64 returns a normal variate with mean 0 and standard deviation 1.
func (s *Stream) NormFloat64() float64 {
	u := s.next
	s.next = s.pcg.next() ^ s.mirror // as Uint64 does, which is not compiled into others
	i := uint8(u)
	x := float64(int64(u)>>10|1) * normal.scale[i]
	if math.Abs(x) < normal.edge[int(i)+1] {
		return x
	}
	return s.normalAt(i, x)
}

// normalAt returns the variate when x is not left of the edge above its layer.
func (s *Stream) normalAt(i uint8, x float64) float64 {
	switch {
	case i == 0:
		return math.Copysign(s.normalTail(), x)
	case s.between(normal, i) < normalDensity(x):
		return x
	}
	return s.NormFloat64()
}

// normalTail returns a variate that is more than the first edge (G. Marsaglia, "Generating a
// Variable from the Tail of the Normal Distribution", Technometrics 6(1), 1964).
func (s *Stream) normalTail() float64 {
	edge := normal.edge[1]
	for {
		more := s.ExpFloat64() / edge
		if 2*s.ExpFloat64() > more*more {
			return edge + more
		}
	}
}

// between returns a number between the densities at both edges of the layer. The product is
// rounded before it is added, so that all machines do the same.
func (s *Stream) between(z *ziggurat, i uint8) float64 {
	low, high := z.density[i], z.density[int(i)+1]
	return low + float64(s.Float64()*(high-low))
}
