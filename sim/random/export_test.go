package random

import "math"

// Ziggurat is a table of edges and what it is to cover.
type Ziggurat struct {
	Edges         []float64
	Density, Tail func(x float64) float64
}

// Ziggurats returns the tables.
func Ziggurats() map[string]Ziggurat {
	return map[string]Ziggurat{
		"exponential": {exponentialEdges[:], exponentialDensity, exponentialDensity},
		"normal": {normalEdges[:], normalDensity, func(x float64) float64 {
			return math.Sqrt(math.Pi/2) * math.Erfc(x/math.Sqrt2)
		}},
	}
}

// Shares returns the probability that the table gives each index.
func (d *Discrete) Shares() []float64 {
	shares := make([]float64, len(d.cells))
	for i, c := range d.cells {
		own := float64(c.own) / (1 << 64)
		shares[i] += own / float64(len(shares))
		shares[c.alias] += (1 - own) / float64(len(shares))
	}
	return shares
}
