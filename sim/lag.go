package sim

import (
	"fmt"
	"time"
)

// LagError says that a run has fallen further behind the wall clock than
// [RunOptions].MaxLag allows.
type LagError struct {
	Sim   string        // whose step was late
	At    Time          // virtual time of the step
	Lag   time.Duration // wall time that has passed since At was due
	Began time.Duration // how much of it had passed when the step began
	Ended bool          // the step has ended; if not, it was given up
	For   string        // the simulator for which the step waited before; "" if nobody or not known
	Max   time.Duration // that is allowed
}

func (e *LagError) Error() string {
	more := ""
	if !e.Ended {
		more = " and more"
	}
	text := fmt.Sprintf("t=%v: simulator %q is behind the wall clock by %v%s, allowed are %v (max lag): its step ", e.At, e.Sim, rough(e.Lag), more, e.Max)
	if e.Began >= time.Millisecond {
		text += fmt.Sprintf("began %v late", rough(e.Began))
		if e.For != "" {
			text += fmt.Sprintf(", after %q", e.For)
		}
		text += ", and "
	}
	if e.Ended {
		text += fmt.Sprintf("took %v", rough(e.Lag-e.Began))
	} else {
		text += fmt.Sprintf("has not ended after %v", rough(e.Lag-e.Began))
	}
	return text + "; run at a lower pace, let simulators step more rarely, or allow more"
}

// rough leaves out digits that nobody reads.
func rough(d time.Duration) time.Duration {
	if d >= time.Second {
		return d.Round(10 * time.Millisecond)
	}
	return d.Round(10 * time.Microsecond)
}

// measureLag notes how far behind the wall clock the end of a step was.
func (r *run) measureLag(in *Instance) {
	if r.clock.rate == 0 || r.paused {
		return
	}
	lag := in.doneAt.Sub(r.clock.due(in.stamp.Time))
	r.lag = max(r.lag, lag)
	r.w.status.lag.Store(int64(max(lag, 0)))
	if r.maxLag > 0 && lag > r.maxLag && r.late == nil {
		r.late = r.lagError(in, lag, lag-in.stepTook, true)
	}
}

func (r *run) lagError(in *Instance, lag, began time.Duration, ended bool) *LagError {
	e := &LagError{Sim: in.name, At: in.stamp.Time, Lag: lag, Began: max(began, 0), Ended: ended, Max: r.maxLag}
	if in.waitedFor != nil {
		e.For = in.waitedFor.name
	}
	return e
}

// deadline is when the first of the steps under way is too late.
func (r *run) deadline() (first time.Time, ok bool) {
	if r.maxLag == 0 || r.clock.rate == 0 || r.paused {
		return first, false
	}
	for _, in := range r.w.instances {
		if !in.stepping {
			continue
		}
		if d := r.clock.due(in.stamp.Time).Add(r.maxLag + 1); !ok || d.Before(first) {
			first, ok = d, true
		}
	}
	return first, ok
}

// overdue gives up a step that goes on for too long.
func (r *run) overdue() error {
	now := time.Now()
	if first, ok := r.deadline(); !ok || now.Before(first) || len(r.done) > 0 {
		return nil // of one that has ended measureLag will tell
	}
	for _, in := range r.w.instances {
		due := r.clock.due(in.stamp.Time)
		if in.stepping && now.Sub(due) > r.maxLag {
			return r.lagError(in, now.Sub(due), in.doneAt.Sub(due), false)
		}
	}
	return nil
}
