package stat

import (
	"fmt"
	"math"
)

// ReplicationDeletion returns the confidence interval for the steady-state mean from
// independent replications of a run, each without its first warmup observations: the
// means of replications are independent whatever the observations of one are
// (replication/deletion; Law, section 9.5.2). It panics unless 0 < level < 1 and warmup
// >= 0.
//
// It fails with [ErrFew] unless there are two replications, each longer than the
// warm-up, and with [ErrNotFinite].
func ReplicationDeletion(replications [][]float64, warmup int, level float64) (Interval, error) {
	if warmup < 0 {
		panic(fmt.Sprintf("stat: warm-up of %d observations; it must not be negative", warmup))
	}
	var means Tally
	for i, r := range replications {
		if warmup >= len(r) {
			return Interval{math.NaN(), math.NaN(), level}, fmt.Errorf("replication %d: %w: there are %d, %d are to be left out", i, ErrFew, len(r), warmup)
		}
		var mean Tally
		for _, x := range r[warmup:] {
			mean.Add(x)
		}
		means.Add(mean.mean)
	}
	return intervalOf(&means, "replication/deletion", level)
}

// PairedT returns the confidence interval for the mean of a[i]-b[i]: of how much one
// system differs from another, given a result of each from every replication (paired-t;
// Law, section 10.2.1). If the interval does not contain 0, the systems differ at that
// level. The two results of a pair may depend on each other, and with common random
// numbers they should: the interval is then narrower. It panics unless 0 < level < 1.
//
// It fails if there are not as many results of one system as of the other; with
// [ErrFew] if there are fewer than two pairs; with [ErrNotFinite].
func PairedT(a, b []float64, level float64) (Interval, error) {
	if len(a) != len(b) {
		return Interval{math.NaN(), math.NaN(), level}, fmt.Errorf("paired t: there are %d results of one and %d of the other; each replication needs both", len(a), len(b))
	}
	var differences Tally
	for i := range a {
		differences.Add(a[i] - b[i])
	}
	return intervalOf(&differences, "paired t", level)
}

// intervalOf is the interval of t, or says why there is none.
func intervalOf(t *Tally, what string, level float64) (Interval, error) {
	interval := t.Interval(level)
	switch {
	case t.n < 2:
		return interval, fmt.Errorf("%s: %w: there are %d, 2 are needed at least", what, ErrFew, t.n)
	case finite(interval.HalfWidth) != interval.HalfWidth:
		return interval, fmt.Errorf("%s: %w", what, ErrNotFinite)
	}
	return interval, nil
}
