package sim

import (
	"time"

	"github.com/simrun/simrun/scheduler"
)

// State is what a simulator does at a moment of a run.
type State string

// The states.
const (
	StateSetup    State = "setting up"
	StateStepping State = "stepping"
	StateWaiting  State = "waiting" // for another simulator, with a step to make
	StateHeld     State = "held"    // its step is due later by the wall clock, or the run is paused
	StateIdle     State = "idle"    // it has no step to make unless something triggers it
	StateDone     State = "done"    // it has made all its steps
)

// Activity is what one simulator does at a moment of a run, and what it has cost
// until then.
type Activity struct {
	Sim   string
	State State
	At    Time      // virtual time of the step under way, or of the next one; Never: there is none
	Since time.Time // wall time at which the step began, or the last one ended
	// For is the simulator that it waits for, which is stepping or about to. For a
	// simulator that is stepping it is what Waiter says.
	For   string
	Stats Stats
}

// Activities tells what the simulators do, in the order in which they were added. It
// may be called from any goroutine. It holds the run up for about a
// microsecond for each simulator. Before and after a run it returns nil.
func (w *World) Activities() []Activity {
	r := w.run.Load()
	if r == nil {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	all := make([]Activity, len(r.w.instances))
	for i, in := range r.w.instances {
		all[i] = r.activity(in)
	}
	return all
}

// activity is that of one simulator. r.mu is held.
func (r *run) activity(in *Instance) Activity {
	a := Activity{Sim: in.name, State: StateSetup, At: Never, Since: in.doneAt}
	if !r.looping {
		return a // its simulator may be working
	}
	a.Stats = in.Stats()
	a.At = r.coord.Due(in.lp)
	on := r.coord.WaitsFor(in.lp)
	switch {
	case in.stepping:
		a.State, a.For = StateStepping, in.steppingSince(in.doneAt).Waits
	case on != scheduler.NoLP && !r.held(on):
		a.State, a.For = StateWaiting, r.byLP[on].name
	case a.At < r.until:
		a.State = StateHeld
	case r.coord.Progress(in.lp) < r.until:
		a.State = StateIdle
	default:
		a.State = StateDone
	}
	if a.At >= r.until {
		a.At = Never
	}
	return a
}

// held reports whether a simulator that may step must not yet: because of the clock, or
// of a pause. r.mu is held.
func (r *run) held(lp scheduler.LP) bool {
	return !r.byLP[lp].stepping && r.coord.Due(lp) > r.coord.Limit()
}
