package stat

import (
	"fmt"
	"math"
)

// mserBatch is the 5 of MSER-5.
const mserBatch = 5

// MSER5 returns how many of the first observations of a run to leave out because they
// show how the run began rather than its steady state. It chooses the cut that makes
// the standard error of the rest least, over means of batches of five observations, as
// if they were independent: MSER-5 (K. P. White, "An Effective Truncation Heuristic for
// Bias Reduction in Simulation Output", Simulation 69(6), 1997; K. P. White, M. J. Cobb
// and S. C. Spratt, "A Comparison of Five Steady-State Truncation Heuristics for
// Simulation", Proceedings of the Winter Simulation Conference, 2000).
//
// It fails with [ErrFew] if there are fewer than 50 observations, and if the cut is in
// the second half, which says that the run is too short to tell; with [ErrNotFinite].
// As the authors advise, the last five batches are no candidates: few of them may be
// alike by chance.
func MSER5(x []float64) (int, error) {
	const atEnd = 5 // batches that are no candidates
	n := len(x) / mserBatch
	if n < 2*atEnd {
		return 0, fmt.Errorf("MSER-5: %w: there are %d, %d are needed at least", ErrFew, len(x), 2*atEnd*mserBatch)
	}
	for _, v := range x[n*mserBatch:] { // they fill no batch
		if finite(v) != v {
			return 0, fmt.Errorf("MSER-5: %w", ErrNotFinite)
		}
	}
	// From the end to the start, so that each cut adds one batch to the rest.
	var rest Tally
	cut, least := 0, math.Inf(1)
	for d := n - 1; d >= 0; d-- {
		var batch Tally
		for _, v := range x[d*mserBatch : (d+1)*mserBatch] {
			batch.Add(v)
		}
		rest.Add(batch.mean)
		kept := float64(n - d)
		if statistic := rest.squares / (kept * kept); n-d > atEnd && statistic <= least {
			cut, least = d, statistic
		}
	}
	switch {
	case finite(rest.squares) != rest.squares:
		return 0, fmt.Errorf("MSER-5: %w", ErrNotFinite)
	case cut > n/2:
		return 0, fmt.Errorf("MSER-5: %w: the best cut, after %d of %d, is in the second half; make the run longer", ErrFew, cut*mserBatch, len(x))
	}
	return cut * mserBatch, nil
}

// Welch returns the curve that shows where the warm-up of a run ends: where it becomes
// flat. It is the mean over replications, smoothed by a moving average of 2*window+1
// observations, and of fewer at the start (Law, section 9.5.1). Replications of
// different lengths count as far as the shortest. It is shorter than that by window,
// and empty if there is nothing to average. Window must not be negative.
func Welch(replications [][]float64, window int) []float64 {
	if window < 0 {
		panic(fmt.Sprintf("stat: Welch with a window of %d; it must not be negative", window))
	}
	if len(replications) == 0 {
		return nil
	}
	shortest := len(replications[0])
	for _, r := range replications {
		shortest = min(shortest, len(r))
	}
	mean := make([]float64, shortest)
	for i := range mean {
		var over Tally
		for _, r := range replications {
			over.Add(r[i])
		}
		mean[i] = over.mean
	}
	smooth := make([]float64, max(0, shortest-window))
	for i := range smooth {
		w := min(i, window)
		var around Tally
		for _, v := range mean[i-w : i+w+1] {
			around.Add(v)
		}
		smooth[i] = around.mean
	}
	return smooth
}
