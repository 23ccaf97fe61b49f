package sim

import (
	"context"
	"errors"
	"fmt"
	"strings"
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

// noticeable is how long something takes that kept a run waiting.
const noticeable = time.Second

// interruption is the end of a run whose context was cancelled. It tells why, if the
// context does, and who kept the run waiting.
type interruption struct {
	at    Time
	kept  []string // who had been at what, and for how long
	cause error
}

func (e *interruption) Error() string {
	text := fmt.Sprintf("t=%v: %v", e.at, ErrInterrupted)
	if e.cause != context.Canceled && e.cause != context.DeadlineExceeded {
		text += fmt.Sprintf(": %v", e.cause)
	}
	return strings.Join(append([]string{text}, e.kept...), "; ")
}

// add notes who has been at what since some time, if that is long.
func (e *interruption) add(sim, what string, since time.Time, waits string) {
	took := time.Since(since)
	if took < noticeable {
		return
	}
	text := fmt.Sprintf("simulator %q had been in %s for %v", sim, what, took.Round(100*time.Millisecond))
	if waits != "" {
		text += ", waiting for " + waits
	}
	e.kept = append(e.kept, text)
}

func (e *interruption) Unwrap() []error { return []error{ErrInterrupted, e.cause} }

// SinkError is a failure of a recording: the disk is full, a pipe was closed.
type SinkError struct{ Err error }

func (e *SinkError) Error() string { return "recording: " + e.Err.Error() }
func (e *SinkError) Unwrap() error { return e.Err }
