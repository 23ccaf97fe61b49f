package shards

import (
	"cmp"

	"github.com/simrun/simrun/scheduler"
)

// compare tells which of two events of different shards comes first.
func compare(a, b *scheduler.Occurrence) int {
	return cmp.Or(cmp.Compare(a.Time, b.Time), cmp.Compare(a.Round, b.Round), cmp.Compare(a.Key, b.Key))
}

// mergeTraces tells of all events of a window, in the order in which one loop would have
// run them: that takes the first of all that wait, which is the first of those that
// come next on the shards.
func (g *Group) mergeTraces(turn int) {
	for done := make([]int, len(g.shards)); ; {
		var (
			first *scheduler.Occurrence
			from  int
		)
		for i, s := range g.shards {
			if rest := s.told[turn].trace[done[i]:]; len(rest) > 0 && (first == nil || compare(&rest[0], first) < 0) {
				first, from = &rest[0], i
			}
		}
		if first == nil {
			return
		}
		g.trace(*first)
		done[from]++
	}
}
