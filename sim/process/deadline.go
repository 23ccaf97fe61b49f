package process

import (
	"errors"
	"fmt"
	"time"

	"github.com/simrun/simrun/scheduler"
)

// ErrTimeout is in the chain of every *TimeoutError.
var ErrTimeout = errors.New("the time is over")

// TimeoutError is what a wait returns when the deadline has passed.
type TimeoutError struct{ Deadline scheduler.Time }

func (e *TimeoutError) Error() string        { return fmt.Sprintf("the time was over at %v", e.Deadline) }
func (e *TimeoutError) Is(target error) bool { return target == ErrTimeout }

// deadline is a time after which a process waits no longer.
type deadline struct {
	p      *Process
	at     scheduler.Time
	passed bool
	event  scheduler.EventID
	fire   func() error // pass, made once
	outer  *deadline    // the next outer one of the process, or the next spare one
}

// Within calls do, whose waits together may last for d: what the process waits
// for then ends with a *TimeoutError, and so does every further wait in do. It
// returns what do returns. A customer that reneges:
//
//	err := p.Within(patience, func() error { return counter.Acquire(p) })
//	if errors.Is(err, process.ErrTimeout) {
//		return nil // gone without being served
//	}
//
// What comes at the very time of the deadline counts as come if it happens first. A deadline
// beyond the range of scheduler.Time is none.
func (p *Process) Within(d time.Duration, do func() error) error {
	if d < 0 {
		return errNegative(d)
	}
	return p.Before(p.Now().Add(d), do)
}

// Before is Within with the time of the deadline. It fails if t is in the past.
func (p *Process) Before(t scheduler.Time, do func() error) error {
	if !p.running() {
		return p.errNotRunning()
	}
	s := p.Simulation()
	l := s.spare
	if l == nil {
		l = &deadline{}
		l.fire = l.pass
	} else {
		s.spare = l.outer
	}
	event, err := s.loop.At(t, s.actor, l.fire)
	if err != nil {
		l.outer, s.spare = s.spare, l
		return err
	}
	l.p, l.at, l.passed, l.event, l.outer = p, t, false, event, p.deadlines
	p.deadlines = l
	defer func() {
		p.deadlines = l.outer
		s.loop.Cancel(l.event)
		l.p, l.outer, s.spare = nil, s.spare, l
	}()
	return do()
}

func (d *deadline) pass() error {
	d.passed = true
	d.p.co.Alert()
	if r := d.p.waiting(); r != nil {
		d.p.end(r, &TimeoutError{Deadline: d.at})
	}
	return nil
}
