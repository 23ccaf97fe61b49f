package sim

import (
	"sync/atomic"
	"time"
)

// status is what Status reads while the run goes on.
type status struct {
	reached, until atomic.Int64
	steps, lag     atomic.Int64
}

func (s *status) begin(until Time) { s.until.Store(int64(until)) }

func (s *status) set(reached Time, steps int64) {
	s.reached.Store(int64(reached))
	s.steps.Store(steps)
}

// Status tells how far the run is. It may be called from any goroutine.
func (w *World) Status() Status {
	return Status{Reached: Time(w.status.reached.Load()), Until: Time(w.status.until.Load()), Steps: w.status.steps.Load(), Lag: time.Duration(w.status.lag.Load())}
}

// Stepping is a simulator in the middle of a step.
type Stepping struct {
	Sim   string
	At    Time      // virtual time of the step
	Since time.Time // wall time at which it began
	Waits string    // for whom it waits; "" if only the simulator itself could tell
}

// Waiter is implemented by simulators whose steps wait for others than themselves.
// Waiting names those that have not answered, as in `container "north"`; "" if there
// are none. It is called from any goroutine, also during a step.
type Waiter interface{ Waiting() string }

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
			all = append(all, in.steppingSince(in.doneAt))
		}
	}
	return all
}

func (in *Instance) steppingSince(began time.Time) Stepping {
	s := Stepping{Sim: in.name, At: in.step.time, Since: began}
	if w, ok := in.sim.(Waiter); ok {
		s.Waits = w.Waiting()
	}
	return s
}
