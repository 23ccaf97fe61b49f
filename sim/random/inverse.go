package random

// Antithetic returns the mirror of s: a stream whose bits are the complement of those
// that s is about to draw. Where s draws u, the mirror draws 1-u: by
// [Stream.OpenFloat64] exactly, by Float64 less 2^-53. Neither stream changes what the
// other draws. The mirror of the mirror is s again.
//
// The mean of a run and of its antithetic run varies less than that of two independent
// runs if the result rises, or falls, with each number drawn (antithetic variates; Law,
// section 11.3). That asks for variates made by [Inverse]. Others, ExpFloat64 and
// NormFloat64 among them, use some bits of a number to choose a method and reject some
// numbers, and so lose step: they stay correct, but little is gained.
func (s *Stream) Antithetic() *Stream {
	m, before := new(Stream), s.pcg
	before.back()
	m.begin(before, ^s.mirror)
	return m
}

// Inverse draws a variate of distribution d by inversion: the quantile of one random
// number. Exactly one number of the stream is used for each variate, and a larger
// number gives a variate that is no smaller, but for rounding, which is what common random
// numbers and antithetic variates need to work best (Law, section 8.2.1).
//
// The distributions of stat/distuv that have a method Quantile will do, and so do
// [Discrete], [Empirical], [Geometric] and [Truncated]. Quantiles of distuv.Gamma and
// distuv.Beta are found step by step, and are coarse for numbers within 10^-11 of 0 or 1.
// Elsewhere the faster Rand of a distribution is enough.
func Inverse[D interface{ Quantile(p float64) float64 }](s *Stream, d D) float64 {
	return d.Quantile(s.OpenFloat64())
}

// OpenFloat64 returns a number of (0, 1), an odd multiple of 2^-53: one that every
// quantile function and logarithm takes.
func (s *Stream) OpenFloat64() float64 {
	return float64(s.Uint64()>>12<<1|1) / (1 << 53)
}
