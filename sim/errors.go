package sim

import (
	"context"
	"errors"
	"fmt"
	"time"

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

// noticeable is how long a step takes that kept a run waiting.
const noticeable = time.Second

// interruption is the end of a run whose context was cancelled. It tells why, if the
// context does, and who kept the run waiting.
type interruption struct {
	at       Time
	stepping []Stepping
	when     time.Time // wall time
	cause    error
}

func (e *interruption) Error() string {
	text := fmt.Sprintf("t=%v: %v", e.at, ErrInterrupted)
	if e.cause != context.Canceled && e.cause != context.DeadlineExceeded {
		text += fmt.Sprintf(": %v", e.cause)
	}
	for _, s := range e.stepping {
		took := e.when.Sub(s.Since)
		if took < noticeable {
			continue
		}
		text += fmt.Sprintf("; simulator %q had been in its step at %v for %v", s.Sim, s.At, took.Round(100*time.Millisecond))
		if s.Waits != "" {
			text += ", waiting for " + s.Waits
		}
	}
	return text
}

func (e *interruption) Unwrap() []error { return []error{ErrInterrupted, e.cause} }

// SinkError is a failure of a recording: the disk is full, a pipe was closed.
type SinkError struct{ Err error }

func (e *SinkError) Error() string { return "recording: " + e.Err.Error() }
func (e *SinkError) Unwrap() error { return e.Err }
