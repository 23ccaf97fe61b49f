package process

import (
	"github.com/simrun/simrun/scheduler"
	"github.com/simrun/simrun/sim/stat"
)

// Usage is what a monitored resource, store or level was used for. To leave out a
// warm-up, monitor it anew at the end of that.
type Usage struct {
	Content stat.TimeWeighted // units taken, items in store, or the level
	Queue   stat.TimeWeighted // processes that wait; of a store or level those of both kinds
	Waits   stat.Tally        // of everybody who got what was wanted: how long it took, in seconds
}

func newUsage(now scheduler.Time, content float64, queue int) *Usage {
	u := &Usage{}
	u.Content.Set(now, content)
	u.Queue.Set(now, float64(queue))
	return u
}

// These do nothing if nothing is monitored.

func (u *Usage) holds(now scheduler.Time, content float64) {
	if u != nil {
		u.Content.Set(now, content)
	}
}

func (u *Usage) queued(now scheduler.Time, length int) {
	if u != nil {
		u.Queue.Set(now, float64(length))
	}
}

func (u *Usage) served(now, since scheduler.Time) {
	if u != nil {
		u.Waits.Add(scheduler.Time(now.Sub(since)).Seconds())
	}
}
