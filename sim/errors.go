package sim

import (
	"errors"
	"fmt"

	"github.com/simrun/simrun/scheduler"
)

// ErrInterrupted is wrapped by the error of a Run whose context was cancelled.
var ErrInterrupted = errors.New("interrupted")

// SimulatorError is a failure of one simulator: it answered with an error, died,
// hung, or did what it must not do.
type SimulatorError struct {
	Sim string // its name in the world
	Op  string // what it was asked: "init", "create PV", "step", ...
	At  *Time  // virtual time of the step; nil before the run
	Err error
}

func (e *SimulatorError) Error() string {
	if e.At != nil {
		return fmt.Sprintf("t=%v: simulator %q: %s: %v", *e.At, e.Sim, e.Op, e.Err)
	}
	return fmt.Sprintf("simulator %q: %s: %v", e.Sim, e.Op, e.Err)
}

func (e *SimulatorError) Unwrap() error { return e.Err }

// CycleError says that connections without a shift form a cycle.
type CycleError = scheduler.CycleError

// SinkError is a failure of a recording: the disk is full, a pipe was closed.
type SinkError struct{ Err error }

func (e *SinkError) Error() string { return "recording: " + e.Err.Error() }
func (e *SinkError) Unwrap() error { return e.Err }
