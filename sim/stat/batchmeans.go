package stat

import (
	"errors"
	"fmt"
	"math"
)

// BatchMeans estimates the mean of a stationary series of observations that depend on
// each other, such as the waiting times of successive customers in one long run, with a
// confidence interval that respects this. Its zero value is empty and ready for use.
//
// The method is that of nonoverlapping batch means (Law, section 9.5.3): the means of
// long enough batches are almost independent. 16 to 31 batches make the interval,
// because more of them gain little (B. Schmeiser, "Batch Size Effects in the Analysis
// of Simulation Output", Operations Research 30(3), 1982). Whether they are long enough
// is tested on batches of a quarter of their size, where correlation is larger and
// their number gives the test more power (the idea of A. M. Law and J. S. Carson, "A
// Sequential Procedure for Determining the Length of a Steady-State Simulation",
// Operations Research 27(5), 1979): by the ratio of von Neumann, one-sided, at the 5%
// level (G. S. Fishman, "Grouping Observations in Digital Simulation", Management
// Science 24(5), 1978).
//
// Any number of observations takes the same memory, about 1 KiB: when 128 batches are
// complete, neighbours become one, and batches are twice as long from then on.
//
// Add nothing from the warm-up of the run; see [MSER5]. For a quantity that lasts, such
// as the length of a queue, add its mean over equal spans of time: [TimeWeighted.Mean],
// then [TimeWeighted.Reset].
type BatchMeans struct {
	means   [maxBatches]float64
	n       int     // complete batches
	size    uint64  // observations of a batch; 0 stands for 1
	current float64 // sum of the observations of the batch that is not complete
	count   uint64  // number of them
}

const (
	maxBatches = 128
	// A batch of the interval is made of as many of the batches that are tested.
	testedPerBatch = 4
	// What makes the fewest batches of an interval, 16.
	minBatches = maxBatches / 2
)

var (
	// ErrFew says that there are not enough observations for an interval.
	ErrFew = errors.New("too few observations")
	// ErrCorrelated says that batches are too short to be independent, so that the
	// interval is too narrow.
	ErrCorrelated = errors.New("batch means are correlated")
	// ErrNotFinite says that there is a NaN or an infinity among the observations, or
	// that their sum is too large.
	ErrNotFinite = errors.New("an observation is not finite, or their sum")
)

// Add adds the next observation of the series.
func (b *BatchMeans) Add(x float64) {
	b.current += x
	b.count++
	if b.count < b.size {
		return
	}
	b.means[b.n] = b.current / float64(b.count)
	b.n++
	b.current, b.count = 0, 0
	if b.n == maxBatches {
		for i := range b.n / 2 {
			b.means[i] = b.means[2*i]/2 + b.means[2*i+1]/2
		}
		b.n /= 2
		b.size = 2 * max(b.size, 1)
	}
}

// Interval returns the confidence interval for the mean of the series. Observations
// that fill no batch, some of the oldest and the latest, are left out. It panics unless
// 0 < level < 1.
//
// It fails with [ErrFew] when there are fewer than 64 observations; with
// [ErrNotFinite]; and with [ErrCorrelated], when the run should be longer: the interval
// comes with this error, but is too narrow.
func (b *BatchMeans) Interval(level float64) (Interval, error) {
	if b.n < minBatches {
		studentT(level, 1) // for the check of level
		return Interval{math.NaN(), math.NaN(), level}, fmt.Errorf("batch means: %w: there are %d, %d are needed at least",
			ErrFew, uint64(b.n)*max(b.size, 1)+b.count, minBatches)
	}
	tested := b.means[b.n%testedPerBatch : b.n]
	var batches Tally
	for i := 0; i < len(tested); i += testedPerBatch {
		batch := 0.0
		for _, mean := range tested[i : i+testedPerBatch] {
			batch += mean / testedPerBatch
		}
		batches.Add(batch)
	}
	interval := batches.Interval(level)
	leftOut := math.Abs(b.current)
	for _, mean := range b.means[:b.n-len(tested)] {
		leftOut = max(leftOut, math.Abs(mean)) // NaN if one is
	}
	if finite(interval.HalfWidth) != interval.HalfWidth || finite(leftOut) != leftOut {
		return interval, fmt.Errorf("batch means: %w", ErrNotFinite)
	}
	if r, significant := vonNeumann(tested); significant {
		return interval, fmt.Errorf("batch means: %w: two successive batches of %d observations by %.2g; make the run at least %d times as long",
			ErrCorrelated, max(b.size, 1), r, testedPerBatch)
	}
	return interval, nil
}

// vonNeumann estimates the correlation of successive numbers, and says whether it is
// positive beyond the 5% level. With C of Fishman (1978), from the ratio of the mean
// square successive difference to the variance, C*sqrt((n^2-1)/(n-2)) is about standard
// normal if the numbers are independent.
func vonNeumann(x []float64) (correlation float64, significant bool) {
	var all Tally
	var successive float64
	for i, v := range x {
		all.Add(v)
		if i > 0 {
			successive += (v - x[i-1]) * (v - x[i-1])
		}
	}
	if all.squares == 0 { // all numbers are the same
		return 0, false
	}
	n := float64(len(x))
	c := 1 - successive/(2*all.squares)
	const normal95 = 1.6448536269514722
	return c, c*math.Sqrt((n*n-1)/(n-2)) > normal95
}
