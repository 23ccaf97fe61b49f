package sim

import "sync/atomic"

// status is what Status reads while the run goes on.
type status struct {
	reached, until atomic.Int64
	steps          atomic.Int64
}

func (s *status) begin(until Time) { s.until.Store(int64(until)) }

func (s *status) set(reached Time, steps int64) {
	s.reached.Store(int64(reached))
	s.steps.Store(steps)
}

// Status tells how far the run is. It may be called from any goroutine.
func (w *World) Status() Status {
	return Status{Reached: Time(w.status.reached.Load()), Until: Time(w.status.until.Load()), Steps: w.status.steps.Load()}
}
