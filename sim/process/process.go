package process

import (
	"errors"
	"fmt"

	"github.com/simrun/simrun/scheduler"
)

// Process is an activity that takes virtual time: a customer, a machine, a source
// of arrivals. Its function runs until it waits; only one runs at a time.
//
// Everything that waits takes the process that waits. It returns nil when what
// was waited for has come, and otherwise why not: an *InterruptedError, a
// *TimeoutError, ErrCancelled, or scheduler.ErrClosed when the model was closed.
// The process is then in no queue any more and has taken nothing.
type Process struct {
	co    scheduler.Process
	body  func(p *Process) error // nil once it has begun
	ended occurrence

	waits reason // what it waits for, unless that is a time, see waiting
	node  waiter // its place in a line

	deadlines *deadline // innermost first
	rare      *rare     // nil if there is none of it
}

// rare is what few processes have. The others are smaller by that.
type rare struct {
	units      *holder // of preemptive resources
	interrupts *notice // that it has not been told, the first first
	cancelled  bool
	told       bool // of that: it may not wait any more
}

// rarely returns where to note something rare.
func (p *Process) rarely() *rare {
	if p.rare == nil {
		p.rare = new(rare)
	}
	return p.rare
}

// notice is an interrupt that comes at the next wait.
type notice struct {
	err  *InterruptedError
	next *notice
}

// reason is what a process can wait for.
type reason interface {
	describe() string
	leave(p *Process) // the process waits no longer
}

// ErrCancelled is returned by the wait of a process that was cancelled.
var ErrCancelled = errors.New("the process was cancelled")

// Start begins a process at the present time, ahead of what else is due now. An
// error that body returns, or a panic in it, ends the run; it never surfaces in
// another process. The error of a process that was cancelled, or is ended by
// Close, does not count.
func (s *Simulation) Start(name string, body func(p *Process) error) *Process {
	return s.StartAt(s.Now(), name, body)
}

// StartAt begins a process at time t, see Start. It panics if t is in the past.
func (s *Simulation) StartAt(t scheduler.Time, name string, body func(p *Process) error) *Process {
	p := &Process{body: body}
	p.node.then = p
	if err := p.begin(s, t, name); err != nil {
		panic(fmt.Sprintf("process %q cannot start: %v", name, err))
	}
	return p
}

// Name returns the name given to Start. Names need not be unique.
func (p *Process) Name() string { return p.co.Name() }

// Simulation returns the model of the process.
func (p *Process) Simulation() *Simulation { return p.co.Actor().Owner.(*Simulation) }

// Now returns the present virtual time.
func (p *Process) Now() scheduler.Time { return p.co.Now() }

// Ended reports whether the process has come to its end.
func (p *Process) Ended() bool { return p.ended.hasHappened() }

func (p *Process) begun() bool     { return p.body == nil }
func (p *Process) cancelled() bool { return p.rare != nil && p.rare.cancelled }

func (p *Process) occurrence() *occurrence { return &p.ended }
func (p *Process) leave(other *Process)    { p.ended.line.leave(&other.node) }
func (p *Process) describe() string        { return fmt.Sprintf("the end of process %q", p.Name()) }

// Interrupt ends the wait of a process: it returns an *InterruptedError with the
// cause. A process that does not wait, or for which what it waits for has just
// come, is told at its next wait. Interrupt fails if the process has ended or is
// the one that runs.
func (p *Process) Interrupt(cause error) error {
	switch {
	case p.Ended():
		return fmt.Errorf("process %q cannot be interrupted; it has ended", p.Name())
	case p.running():
		return fmt.Errorf("process %q cannot interrupt itself", p.Name())
	}
	p.disturb(&InterruptedError{Cause: cause})
	return nil
}

// Cancel ends a process: its wait, or the next one, returns ErrCancelled, and it
// should clean up and return. If it waits once more it is unwound: its deferred
// functions run, nothing else. A process that has not begun never does. Cancelling
// a process that has ended does nothing.
func (p *Process) Cancel() {
	if p.Ended() || p.cancelled() {
		return
	}
	rare := p.rarely()
	rare.cancelled = true
	p.co.Alert()
	if r := p.waiting(); p.begun() && r != nil {
		rare.told = true
		p.end(r, ErrCancelled)
	}
}

// InterruptedError is what a wait returns that was interrupted.
type InterruptedError struct {
	Cause error
}

func (e *InterruptedError) Error() string { return fmt.Sprintf("interrupted: %v", e.Cause) }
func (e *InterruptedError) Unwrap() error { return e.Cause }

// disturb tells a process something at its wait, or else its next one.
func (p *Process) disturb(err *InterruptedError) {
	if r := p.waiting(); p.begun() && r != nil {
		p.end(r, err)
		return
	}
	p.co.Alert()
	last := &p.rarely().interrupts
	for *last != nil {
		last = &(*last).next
	}
	*last = &notice{err: err}
}

// end ends a wait without what was waited for.
func (p *Process) end(r reason, err error) {
	p.resume(err) // before others who were behind it
	r.leave(p)
}
