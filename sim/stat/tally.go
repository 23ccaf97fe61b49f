package stat

import "math"

// A Tally collects observations that count the same, one for each customer, say. Its
// zero value is empty and ready for use.
//
// Mean and variance are updated with each observation (B. P. Welford, "Note on a Method
// for Calculating Corrected Sums of Squares and Products", Technometrics 4(3), 1962),
// so that a small variance far from zero does not drown in rounding.
//
// After a NaN or an infinity all figures but Count are NaN: a mistake stays visible.
type Tally struct {
	n        uint64
	mean     float64
	squares  float64 // sum of squared distances from the mean
	min, max float64 // if n > 0
}

// Add adds an observation.
func (t *Tally) Add(x float64) {
	x = finite(x)
	t.n++
	if t.n == 1 {
		t.min, t.max = x, x
	}
	t.min, t.max = min(t.min, x), max(t.max, x)
	d := x - t.mean
	t.mean += d / float64(t.n)
	t.squares += d * (x - t.mean)
}

// Merge adds all observations of o. The result is that of adding them one by one, but
// for rounding (T. F. Chan, G. H. Golub and R. J. LeVeque, "Algorithms for Computing
// the Sample Variance: Analysis and Recommendations", The American Statistician 37(3),
// 1983, formula 2.1b).
func (t *Tally) Merge(o Tally) {
	switch {
	case o.n == 0:
		return
	case t.n == 0:
		*t = o
		return
	}
	n, m := float64(t.n), float64(o.n)
	d := o.mean - t.mean
	t.n += o.n
	t.mean += d * (m / (n + m))
	t.squares += o.squares + d*d*(n*m/(n+m))
	t.min, t.max = min(t.min, o.min), max(t.max, o.max)
}

// Count returns the number of observations.
func (t *Tally) Count() uint64 { return t.n }

// Mean returns the mean; NaN if there is no observation.
func (t *Tally) Mean() float64 {
	if t.n == 0 {
		return math.NaN()
	}
	return t.mean
}

// Variance returns the sample variance, with divisor n-1; NaN if there are fewer than
// two observations.
func (t *Tally) Variance() float64 {
	if t.n < 2 {
		return math.NaN()
	}
	return t.squares / float64(t.n-1)
}

// StdDev returns the square root of the variance.
func (t *Tally) StdDev() float64 { return math.Sqrt(t.Variance()) }

// StdErr returns the standard error of the mean of independent observations; NaN if
// there are fewer than two. Most observations within one run are not independent: see
// [BatchMeans].
func (t *Tally) StdErr() float64 { return math.Sqrt(t.Variance() / float64(t.n)) }

// Min returns the least observation; NaN if there is none.
func (t *Tally) Min() float64 {
	if t.n == 0 {
		return math.NaN()
	}
	return t.min
}

// Max returns the largest observation; NaN if there is none.
func (t *Tally) Max() float64 {
	if t.n == 0 {
		return math.NaN()
	}
	return t.max
}

// Interval returns the confidence interval, for the mean, of independent observations
// that are about normal, such as the means of replications (Law, section 4.5 and
// 9.4.1). Its half-width is NaN if there are fewer than two observations. It panics
// unless 0 < level < 1.
func (t *Tally) Interval(level float64) Interval {
	return Interval{Mean: t.Mean(), HalfWidth: studentT(level, float64(t.n)-1) * t.StdErr(), Level: level}
}

// finite returns x, or NaN in place of an infinity.
func finite(x float64) float64 {
	if x-x != 0 {
		return math.NaN()
	}
	return x
}
