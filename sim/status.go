package sim

import (
	"sync/atomic"
	"time"
)

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

// Stepping is a simulator in the middle of a step.
type Stepping struct {
	Sim   string
	At    Time      // virtual time of the step
	Since time.Time // wall time at which it began
}

// Stepping tells which simulators are in the middle of a step, in the order in
// which they were added; nobody before and after a run. It may be called from
// any goroutine.
func (w *World) Stepping() []Stepping {
	r := w.run.Load()
	if r == nil {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.stepping()
}

func (r *run) stepping() []Stepping {
	var all []Stepping
	for _, in := range r.w.instances {
		if in.stepping {
			all = append(all, Stepping{in.name, in.step.time, in.doneAt})
		}
	}
	return all
}
