package process

import (
	"fmt"
	"time"

	"github.com/simrun/simrun/scheduler"
)

// This file is all that a Process has to do with its coroutine. There are few calls
// within each other: a process that waits should not need more than the 2 KiB of stack
// that it begins with.

// story is a process as the scheduler sees it.
type story Process

func (t *story) Run(*scheduler.Process) (err error) {
	p := (*Process)(t)
	defer func() {
		if p.cancelled || p.told {
			if v := recover(); v != nil && v != errUnwinding {
				panic(v)
			}
			err = nil
		}
		p.sim.alive.remove(p)
		p.ended.happen(err)
	}()
	p.begun, p.waits = true, nil
	if p.cancelled {
		return nil
	}
	return p.body(p)
}

// begin lets the process begin at time t, before what else is due then.
func (p *Process) begin(t scheduler.Time, name string) error {
	s := p.sim
	return s.loop.Begin(&p.co, t, scheduler.Urgent, s.actor, name, (*story)(p))
}

func (p *Process) running() bool { return p.co.Running() }

// wait stops the process, which has entered where it waits. It returns how the wait
// has ended.
func (p *Process) wait(r reason) error {
	p.waits, p.err, p.node.since = r, nil, p.Now()
	return p.waited(p.co.Wait())
}

// HoldUntil waits until virtual time t. It fails if t is in the past. A hold until
// scheduler.Never lasts until the process is interrupted or cancelled.
func (p *Process) HoldUntil(t scheduler.Time) error { return p.hold(t, 0) }

// hold waits until d after t.
func (p *Process) hold(t scheduler.Time, d time.Duration) error {
	if d < 0 {
		return errNegative(d)
	}
	if err := p.mayWait(); err != nil {
		return err
	}
	now := p.sim.loop.Now()
	if t < now {
		return &scheduler.PastError{Time: t, Now: now}
	}
	t = t.Add(d)
	p.waits, p.err, p.node.since, p.until = (*holding)(p), nil, now, t
	if err := p.co.WaitUntil(t); err != nil {
		return p.waited(err)
	}
	p.waits = nil
	return p.err
}

// waited returns the outcome of a wait, given that of the coroutine.
func (p *Process) waited(err error) error {
	if err != nil { // the model is being closed
		p.told, p.err = true, err
		if p.waits != nil {
			p.waits.leave(p)
		}
	}
	p.waits = nil
	return p.err
}

// resume lets the process go on, which is in nobody's line any more.
func (p *Process) resume(err error) {
	p.waits, p.err = nil, err
	_ = p.co.Wake() // it waits
}

// starting is the reason of a process that has not begun.
type starting Process

func (p *starting) describe() string { return fmt.Sprintf("its beginning at %v", p.until) }
func (*starting) leave(*Process)     {}

// holding is the reason of a process that holds.
type holding Process

func (p *holding) describe() string { return fmt.Sprintf("time %v", p.until) }
func (*holding) leave(*Process)     {} // being woken sooner takes the time back
