package sim

import (
	"slices"

	"github.com/simrun/simrun/scheduler"
)

// instantEdge is a connection, or the like, without a delay in time.
type instantEdge struct {
	to     *Instance
	groups int // that both ends are in
	weak   bool
}

// instantPaths holds them by where they begin.
type instantPaths map[*Instance][]instantEdge

func (p instantPaths) add(from *Instance, e instantEdge) {
	if !slices.Contains(p[from], e) {
		p[from] = append(p[from], e)
	}
}

func (p instantPaths) clone() instantPaths {
	q := make(instantPaths)
	for from, edges := range p {
		q[from] = slices.Clone(edges)
	}
	return q
}

// outside reports whether the requester waits for all rounds of the source at one time in the
// groups that they are in.
func (p instantPaths) outside(a *asyncLink) bool {
	return p.any(a.source.lp, a.requester.lp, func(least, weakest int) bool { return least < min(a.groups(), weakest) })
}

// any reports whether something holds of one of the paths from one simulator to another: of how many groups all on the
// path are in, and of the fewest that the ends of a weak connection on it are in (more than there can be if none is weak).
func (p instantPaths) any(from, to *Instance, holds func(least, weakest int) bool) bool {
	type place struct {
		at             *Instance
		least, weakest int
	}
	const none = scheduler.TierLevels + 1
	start := place{from, none, none}
	visited := map[place]bool{start: true}
	for queue := []place{start}; len(queue) > 0; queue = queue[1:] {
		at := queue[0]
		if at.at == to {
			if holds(at.least, at.weakest) {
				return true
			}
			continue
		}
		for _, e := range p[at.at] {
			next := place{e.to, min(at.least, e.groups), at.weakest}
			if e.weak {
				next.weakest = min(next.weakest, e.groups)
			}
			if !visited[next] {
				visited[next] = true
				queue = append(queue, next)
			}
		}
	}
	return false
}
