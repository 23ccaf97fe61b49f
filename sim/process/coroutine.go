package process

import (
	"fmt"
	"time"

	"github.com/simrun/simrun/scheduler"
)

// This file is all that a Process has to do with its coroutine. There are few calls
// within each other: a process that waits should not need more than the 2 KiB of stack
// that it begins with, and each costs time, see the scheduler's Process.

// story is a process as the scheduler sees it.
type story Process

func (t *story) Run(*scheduler.Process) (err error) {
	p := (*Process)(t)
	defer func() {
		if p.cancelled() || p.co.Told() {
			err = nil
		}
		p.ended.happen(err)
	}()
	body := p.body
	p.body = nil
	if p.cancelled() {
		return nil
	}
	return body(p)
}

// MayWait says what the process has not been told yet.
func (t *story) MayWait() error {
	p := (*Process)(t)
	if !p.running() {
		return p.errNotRunning()
	}
	if r := p.rare; r != nil {
		switch n := r.interrupts; {
		case r.told:
			p.co.Exit()
		case r.cancelled:
			r.told = true
			t.Leave() // it may have cancelled itself when it was about to wait
			return ErrCancelled
		case n != nil:
			r.interrupts = n.next
			return n.err
		}
	}
	for d := p.deadlines; d != nil; d = d.outer {
		if d.passed {
			return &TimeoutError{Deadline: d.at}
		}
	}
	return nil
}

// Leave leaves the line where the process waits, because the model is being closed.
func (t *story) Leave() {
	if r := t.waits; r != nil {
		t.waits = nil
		r.leave((*Process)(t))
	}
}

// begin lets the process begin at time t, before what else is due then.
func (p *Process) begin(s *Simulation, t scheduler.Time, name string) error {
	return s.loop.Begin(&p.co, t, scheduler.Urgent, s.actor, name, (*story)(p))
}

func (p *Process) running() bool { return p.co.Running() }

// mayWait comes first in everything that may wait.
func (p *Process) mayWait() error { return p.co.MayWait() }

// Hold lets duration d of virtual time pass. It fails if d is negative, or leads beyond the
// range of scheduler.Time. A hold of 0 lets everything happen first that is due now.
func (p *Process) Hold(d time.Duration) error { return p.co.WaitFor(d) }

// HoldUntil waits until virtual time t. It fails if t is in the past. A hold until
// scheduler.Never lasts until the process is interrupted or cancelled.
func (p *Process) HoldUntil(t scheduler.Time) error { return p.co.WaitUntil(t) }

// wait stops the process, which has entered where it waits. It returns how the wait
// has ended.
func (p *Process) wait(r reason) error {
	p.waits = r
	return p.co.Wait()
}

// happened tells the process that what it waits for has come.
func (p *Process) happened(err error) { p.resume(err) }

// resume lets the process go on, which is in nobody's line any more.
func (p *Process) resume(err error) {
	p.waits = nil
	mustSchedule(p.co.WakeWith(err)) // it waits
}

// mustSchedule panics if a model has had more events than it can tell apart: it must not go on
// as if nothing had happened. In one that is closed nothing happens any more.
func mustSchedule(err error) {
	if err != nil && err != scheduler.ErrClosed {
		panic(err)
	}
}

// waiting returns what the process waits for; nil while it runs or is about to.
func (p *Process) waiting() reason {
	switch {
	case !p.begun():
		return (*starting)(p)
	case p.co.Timed():
		return (*holding)(p)
	}
	return p.waits
}

// starting is the reason of a process that has not begun.
type starting Process

func (p *starting) describe() string { return fmt.Sprintf("its beginning at %v", p.co.Due()) }
func (*starting) leave(*Process)     {}

// holding is the reason of a process that holds.
type holding Process

func (p *holding) describe() string { return fmt.Sprintf("time %v", p.co.Due()) }
func (*holding) leave(*Process)     {} // being woken sooner takes the time back
