package sim

import (
	"errors"
	"slices"
	"time"

	"github.com/simrun/simrun/scheduler"
)

// failGrace is how long a run that has failed goes on with the steps that come before
// the one that has, or with the setup_done of others.
const failGrace = 5 * time.Second

// failing is a run after the failure of a step. Simulators run ahead of each other, so
// an earlier step may still be to come, and may fail, too. Those are made first: then
// what fails, and what has been recorded by then, is the same in every run.
type failing struct {
	in    *Instance
	at    scheduler.Stamp // of the step
	err   error
	until time.Time // wall time, when to wait no longer
}

// fail notes that a step has failed. An error that is not of a simulator ends the run
// at once.
func (r *run) fail(in *Instance, at scheduler.Stamp, err error) error {
	if !errors.As(err, new(*SimulatorError)) {
		return err
	}
	until := time.Now().Add(failGrace)
	if r.failing != nil {
		until = r.failing.until
		if !r.beforeFailure(in, at) {
			return nil
		}
	}
	r.failing = &failing{in, at, err, until}
	return nil
}

// beforeFailure reports whether a step comes before the one that has failed.
func (r *run) beforeFailure(in *Instance, at scheduler.Stamp) bool {
	return scheduler.CompareSteps(r.coord.Places(in.lp), at, r.coord.Places(r.failing.in.lp), r.failing.at) < 0
}

// awaitsEarlier reports whether a step is under way that comes before the one that has
// failed, and there is time left.
func (r *run) awaitsEarlier() bool {
	return time.Now().Before(r.failing.until) && slices.ContainsFunc(r.w.instances, func(in *Instance) bool {
		return in.stepping && r.beforeFailure(in, in.stamp)
	})
}

// forgetLater drops the rows that were recorded by steps that come after the one that
// has failed, and those that are as of a later time.
func (r *run) forgetLater() {
	place := r.coord.Places(r.failing.in.lp)[0]
	for _, out := range r.w.outputs {
		for _, rec := range out.recordings {
			rec.rows = slices.DeleteFunc(rec.rows, func(row Row) bool {
				in := rec.by[row.Series-rec.first]
				return row.Time > r.failing.at.Time || row.Time == r.failing.at.Time && r.coord.Places(in.lp)[0] > place
			})
		}
	}
}
