package stat

import "fmt"

// StudentT is the quantile that intervals use.
var StudentT = studentT

// BadLevel is how an interval panics.
func BadLevel(level float64) string {
	return fmt.Sprintf("stat: confidence level %v; it must be in (0, 1), 0.95 for 95%%", level)
}

// Buckets returns how many buckets there is memory for.
func (q *Quantiles) Buckets() int { return len(q.negative.counts) + len(q.positive.counts) }
