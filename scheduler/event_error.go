package scheduler

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// ErrClosed is returned to a process that waits when its loop or its actor is
// closed, and for what is asked of a closed loop.
var ErrClosed = errors.New("the event loop is closed")

// EventError is the failure of an event: its handler, or the process that it
// let run, returned an error or panicked. It ends the run.
type EventError struct {
	Time    Time
	Round   int
	Actor   string
	Process string // "" if it was not a process
	Event   string // what a Handler that is a fmt.Stringer calls itself, else ""
	Err     error  // a *PanicError if it panicked
}

func (e *EventError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "t=%v", e.Time)
	if e.Round > 0 {
		fmt.Fprintf(&b, " round %d", e.Round)
	}
	fmt.Fprintf(&b, ": %q: ", e.Actor)
	if e.Process != "" {
		fmt.Fprintf(&b, "%s: ", e.Process)
	}
	if e.Event != "" {
		fmt.Fprintf(&b, "%s: ", e.Event)
	}
	return b.String() + e.Err.Error()
}

func (e *EventError) Unwrap() error { return e.Err }

// PastError reports an event, or a move of the clock, to before the present.
type PastError struct{ Time, Now Time }

func (e *PastError) Error() string {
	return fmt.Sprintf("%v is before the present, %v; nothing can happen in the past", e.Time, e.Now)
}

// EventsError reports that a run had more events than it may. It comes in the
// *EventError of the first that did not happen.
type EventsError struct{ Limit uint64 } // Config.MaxEvents

func (e *EventsError) Error() string {
	return fmt.Sprintf("no end after %d events (MaxEvents); end the run earlier, or allow more", e.Limit)
}

// WallTimeError reports that a run took longer than it may, by the clock on the wall. A
// loop knows no such clock; its driver gives it a context that ends:
//
//	ctx, cancel := context.WithTimeoutCause(ctx, limit, &scheduler.WallTimeError{Limit: limit})
type WallTimeError struct{ Limit time.Duration }

func (e *WallTimeError) Error() string {
	return fmt.Sprintf("no end after %v by the clock on the wall; end the run earlier, or allow more", e.Limit)
}

// Unwrap returns what the error of such a context is.
func (e *WallTimeError) Unwrap() error { return context.DeadlineExceeded }

// RoundsError reports that the rounds at one time did not come to an end.
type RoundsError struct {
	Time   Time
	Limit  int      // Config.MaxRounds
	Actors []string // who caused the last of them, in order of names
}

func (e *RoundsError) Error() string {
	const most = 8
	who := make([]string, 0, most)
	for i, name := range e.Actors {
		if i == most {
			who = append(who, fmt.Sprintf("and %d more", len(e.Actors)-most))
			break
		}
		who = append(who, fmt.Sprintf("%q", name))
	}
	return fmt.Sprintf("t=%v: no end after %d rounds at one time (MaxRounds), the last were caused by %s; "+
		"let them stop, or let time pass between their messages", e.Time, e.Limit, strings.Join(who, ", "))
}
