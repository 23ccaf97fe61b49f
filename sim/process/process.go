package process

import (
	"errors"
	"fmt"
	"time"

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
	sim        *Simulation
	proc       *scheduler.Process
	name       string
	next, prev *Process // in the list of those that have not ended
	ended      occurrence

	waits reason // what it waits for; nil while it runs or is about to
	since scheduler.Time
	err   error   // outcome of the wait
	node  waiter  // its place in a queue
	hold  holding // the reason when it holds

	deadlines  *deadline // innermost first
	interrupts []error   // that it has not been told
	cancelled  bool
	told       bool // a wait has returned ErrCancelled
}

// reason is what a process can wait for.
type reason interface {
	describe() string
	leave(p *Process) // the process waits no longer
}

// ErrCancelled is returned by the wait of a process that was cancelled.
var ErrCancelled = errors.New("the process was cancelled")

// errCancelling ends a cancelled process that waits once more.
var errCancelling = errors.New("the process is unwound")

// Start begins a process at the present time, ahead of what else is due now. An
// error that body returns, or a panic in it, ends the run; it never surfaces in
// another process. The error of a process that was cancelled, or is ended by
// Close, does not count.
func (s *Simulation) Start(name string, body func(p *Process) error) *Process {
	return s.StartAt(s.Now(), name, body)
}

// StartAt begins a process at time t, see Start. It panics if t is in the past.
func (s *Simulation) StartAt(t scheduler.Time, name string, body func(p *Process) error) *Process {
	p := &Process{sim: s, name: name}
	p.ended.sim, p.ended.what, p.ended.name = s, "process", name
	p.node.p = p
	p.waits, p.since = starting{t}, s.Now()
	var err error
	p.proc, err = s.loop.SpawnAt(t, scheduler.Urgent, s.actor, name, func(*scheduler.Process) error {
		return p.run(body)
	})
	if err != nil {
		panic(fmt.Sprintf("process %q cannot start: %v", name, err))
	}
	s.alive.add(p)
	return p
}

func (p *Process) run(body func(p *Process) error) (err error) {
	defer func() {
		if p.cancelled {
			if v := recover(); v != nil && v != errCancelling {
				panic(v)
			}
			err = nil
		}
		p.sim.alive.remove(p)
		p.ended.happen(err)
	}()
	p.waits = nil
	if p.cancelled {
		return nil
	}
	return body(p)
}

// Name returns the name given to Start. Names need not be unique.
func (p *Process) Name() string { return p.name }

// Simulation returns the model of the process.
func (p *Process) Simulation() *Simulation { return p.sim }

// Now returns the present virtual time.
func (p *Process) Now() scheduler.Time { return p.sim.Now() }

// Ended reports whether the process has come to its end.
func (p *Process) Ended() bool { return p.ended.happened }

func (p *Process) occurrence() *occurrence { return &p.ended }

// Hold lets duration d of virtual time pass. It fails if d is negative. A hold of
// 0 lets everything happen first that is due now.
func (p *Process) Hold(d time.Duration) error {
	if d < 0 {
		return errNegative(d)
	}
	return p.HoldUntil(p.sim.loop.Now().Add(d))
}

// HoldUntil waits until virtual time t. It fails if t is in the past. A hold until
// scheduler.Never lasts until the process is interrupted or cancelled.
func (p *Process) HoldUntil(t scheduler.Time) error {
	if err := p.mayWait(); err != nil {
		return err
	}
	if now := p.sim.loop.Now(); t < now {
		return &scheduler.PastError{Time: t, Now: now}
	}
	p.waits, p.since, p.err = &p.hold, p.sim.loop.Now(), nil
	p.hold.until = t
	err := p.proc.WaitUntil(t)
	p.waits = nil
	if err == nil {
		err = p.err
	}
	return err
}

// Interrupt ends the wait of a process: it returns an *InterruptedError with the
// cause. A process that does not wait, or for which what it waits for has just
// come, is told at its next wait. Interrupt fails if the process has ended or is
// the one that runs.
func (p *Process) Interrupt(cause error) error {
	switch {
	case p.Ended():
		return fmt.Errorf("process %q cannot be interrupted; it has ended", p.name)
	case p.proc.Running():
		return fmt.Errorf("process %q cannot interrupt itself", p.name)
	}
	p.disturb(&InterruptedError{Cause: cause})
	return nil
}

// Cancel ends a process: its wait, or the next one, returns ErrCancelled, and it
// should clean up and return. If it waits once more it is unwound: its deferred
// functions run, nothing else. A process that has not begun never does. Cancelling
// a process that has ended does nothing.
func (p *Process) Cancel() {
	if p.Ended() || p.cancelled {
		return
	}
	p.cancelled = true
	if _, waits := p.waits.(starting); !waits && p.waits != nil {
		p.told = true
		p.end(ErrCancelled)
	}
}

// InterruptedError is what a wait returns that was interrupted.
type InterruptedError struct {
	Cause error
}

func (e *InterruptedError) Error() string { return fmt.Sprintf("interrupted: %v", e.Cause) }
func (e *InterruptedError) Unwrap() error { return e.Cause }

// disturb tells a process something at its wait, or else its next one.
func (p *Process) disturb(err error) {
	if _, begins := p.waits.(starting); p.waits == nil || begins {
		p.interrupts = append(p.interrupts, err)
		return
	}
	p.end(err)
}

// end ends a wait without what was waited for.
func (p *Process) end(err error) {
	r := p.waits
	p.resume(err) // before others who were behind it
	r.leave(p)
}

// mayWait comes first in everything that may wait: it returns what the process
// has not been told yet.
func (p *Process) mayWait() error {
	if !p.proc.Running() {
		return errNotRunning
	}
	if p.cancelled {
		if p.told {
			panic(errCancelling)
		}
		p.told = true
		return ErrCancelled
	}
	if len(p.interrupts) > 0 {
		err := p.interrupts[0]
		p.interrupts = p.interrupts[1:]
		return err
	}
	for d := p.deadlines; d != nil; d = d.outer {
		if d.passed {
			return &TimeoutError{Deadline: d.at}
		}
	}
	return nil
}

// wait stops the process, which has entered what it waits for.
func (p *Process) wait(r reason) error {
	p.waits, p.since, p.err = r, p.sim.loop.Now(), nil
	err := p.proc.Wait()
	if err == nil {
		return p.err
	}
	if p.waits != nil { // the model is being closed
		p.waits.leave(p)
		p.waits = nil
	}
	return err
}

// resume lets the process go on, which is in nobody's queue any more.
func (p *Process) resume(err error) {
	p.waits, p.err = nil, err
	_ = p.proc.Wake() // it waits
}

// starting is the reason of a process that has not begun.
type starting struct{ at scheduler.Time }

func (s starting) describe() string { return fmt.Sprintf("its beginning at %v", s.at) }
func (starting) leave(*Process)     {}

// holding is the reason of a process that holds.
type holding struct{ until scheduler.Time }

func (h *holding) describe() string { return fmt.Sprintf("time %v", h.until) }
func (*holding) leave(*Process)     {} // being woken sooner takes the time back

// processList is the processes of a model, in the order of their start.
type processList struct{ first, last *Process }

func (l *processList) add(p *Process) {
	if p.prev = l.last; l.last != nil {
		l.last.next = p
	} else {
		l.first = p
	}
	l.last = p
}

func (l *processList) remove(p *Process) {
	if p.prev != nil {
		p.prev.next = p.next
	} else {
		l.first = p.next
	}
	if p.next != nil {
		p.next.prev = p.prev
	} else {
		l.last = p.prev
	}
	p.next, p.prev = nil, nil
}
