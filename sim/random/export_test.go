package random

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
