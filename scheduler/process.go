package scheduler

import (
	"errors"
	"fmt"
	"iter"
	"runtime/debug"
	"time"
)

// Process is a sequence of actions in virtual time: a function that runs until
// it waits, and goes on when it is woken. It is a coroutine: while it runs the
// loop stands still, and so does every other process. A process that waits holds
// its stack, about 3 kB.
type Process struct {
	loop  *Loop
	actor *Actor
	name  string
	body  Body

	co         *coroutine // on which it runs, from its beginning to its end
	prev, next *Process   // of the actor

	since Time  // when it began to wait
	due   Time  // when it begins, or the last wait for a time ends
	err   error // outcome of the wait, and of the body

	// The event that lets it begin or go on at a later time, an EventID: so it takes less.
	serial uint64
	slot   uint32

	state processState
	woken bool // the event that lets it go on at the present time is scheduled
	alert bool // before it waits again there is something to ask
	told  bool // a wait has returned ErrClosed
}

// Body is what a process does. If it is a Guard, it has a say in waits.
type Body interface{ Run(*Process) error }

// Guard is a Body that can refuse waits of its process.
type Guard interface {
	// MayWait is asked before a wait if Alert was called, again and again until it returns
	// nil, and also before one in the wrong place, outside the process. An error is what the
	// wait returns, at once.
	MayWait() error

	// Leave is called when a wait is about to return ErrClosed.
	Leave()
}

type bodyFunc func(*Process) error

func (f bodyFunc) Run(p *Process) error { return f(p) }

type processState uint8

const (
	processReady    processState = iota // has not begun, or runs
	processWaiting                      // in Wait, or in WaitUntil and was woken
	processTimed                        // in WaitUntil or WaitFor
	processSleeping                     // in SleepUntil
	processEnded

	processTimedFor // what stop is told of one that is to be processTimed, but for a duration
)

// errUnwinding is what a process panics with that is to end, such as one that waits again
// although it has been told that everything is over.
var errUnwinding = errors.New("the process is unwound")

// Spawn makes a process of an actor. It begins to run as an event of the actor
// at the present time and round. An error that body returns, or a panic in it,
// ends the run with an *EventError that names the process.
func (l *Loop) Spawn(actor *Actor, name string, body func(*Process) error) (*Process, error) {
	return l.SpawnAt(l.now, Normal, actor, name, body)
}

// SpawnAt is Spawn with a time at which the process begins, and with a priority
// for its beginning.
func (l *Loop) SpawnAt(t Time, priority Priority, actor *Actor, name string, body func(*Process) error) (*Process, error) {
	p := new(Process)
	if err := l.Begin(p, t, priority, actor, name, bodyFunc(body)); err != nil {
		return nil, err
	}
	return p, nil
}

// Begin is SpawnAt for a process that is part of something larger. It must be new.
func (l *Loop) Begin(p *Process, t Time, priority Priority, actor *Actor, name string, body Body) (err error) {
	if l.closed || actor.retired {
		return ErrClosed
	}
	*p = Process{loop: l, actor: actor, name: name, body: body, since: l.now, due: t}
	if t == l.now {
		err = l.soon(actor, priority, (*wakening)(p))
	} else {
		err = p.scheduleAt(t, priority)
	}
	if err != nil {
		return err
	}
	actor.processes.append(p)
	l.processes++
	return nil
}

// Name returns the name given to Spawn.
func (p *Process) Name() string { return p.name }

// Now returns the present virtual time.
func (p *Process) Now() Time { return p.loop.now }

// Actor returns whose process it is.
func (p *Process) Actor() *Actor { return p.actor }

// Body returns what the process does.
func (p *Process) Body() Body { return p.body }

// Running reports whether it is this process that runs at the moment.
func (p *Process) Running() bool { return p.loop.running == p }

// Alert has the Guard asked before the next wait.
func (p *Process) Alert() { p.alert = true }

// MayWait returns why the process cannot wait now, as a wait would.
func (p *Process) MayWait() error {
	if p.loop.running == p && !p.alert {
		return nil
	}
	return p.mayWait()
}

func (p *Process) mayWait() error {
	running := p.loop.running == p
	if running && p.told {
		p.Exit()
	}
	if g, ok := p.body.(Guard); ok {
		if err := g.MayWait(); err != nil {
			return err
		}
	}
	if !running {
		return fmt.Errorf("process %q of %q does not run now; only a process itself may wait", p.name, p.actor.name)
	}
	p.alert = false
	return nil
}

// Wait stops the process until somebody calls Wake. Only the process itself may
// call it, while it runs. It returns ErrClosed when the process is to end,
// because its loop or actor was closed; a process that waits once more after
// that is ended by a panic that runs its deferred functions.
func (p *Process) Wait() error { return suspend(p, processWaiting, Never) }

// Wake lets a process that is in Wait go on, as an event of its actor at the
// present time and round. It fails if the process is not in Wait, or was woken
// already.
func (p *Process) Wake() error { return p.WakeWith(nil) }

// WakeWith is Wake with an error that the wait returns.
func (p *Process) WakeWith(outcome error) error {
	if p.state != processWaiting && p.state != processTimed || p.woken {
		return fmt.Errorf("process %q of %q cannot be woken; it does not wait", p.name, p.actor.name)
	}
	if err := p.loop.soon(p.actor, Normal, (*wakening)(p)); err != nil {
		return err
	}
	if p.state == processTimed {
		p.cancelEvent()
		p.state = processWaiting
	}
	p.woken, p.err = true, outcome
	return nil
}

// WaitUntil is a Wait that ends by itself at time t, if Wake is not called before.
// If t is the present time, it ends after what is due there already, in the
// present round.
func (p *Process) WaitUntil(t Time) error { return suspend(p, processTimed, t) }

// WaitFor is WaitUntil for the time after duration d. It fails if d is negative, or leads
// beyond the range of Time.
func (p *Process) WaitFor(d time.Duration) error {
	return suspend(p, processTimedFor, Time(d))
}

// Timed reports whether the process waits for a time, and was not woken.
func (p *Process) Timed() bool { return p.state == processTimed }

// Due returns, for one that waits for a time or has not begun, when that is over.
func (p *Process) Due() Time { return p.due }

// Since returns when the process began to wait; before it runs, when it was made.
func (p *Process) Since() Time { return p.since }

// Exit ends the process, which runs, by a panic that runs its deferred functions, and is
// nobody's failure.
func (p *Process) Exit() { panic(errUnwinding) }

// Told reports whether a wait has returned ErrClosed: the process is to end.
func (p *Process) Told() bool { return p.told }

// Sleep stops the process for duration d, which must not be negative. A sleep of
// 0 ends in the next round of the present time.
func (p *Process) Sleep(d time.Duration) error {
	if d < 0 {
		return fmt.Errorf("a sleep of %v is negative; nothing can happen in the past", d)
	}
	t := p.loop.now.Add(d)
	if t == Never {
		return p.loop.beyond("a sleep", d)
	}
	return p.SleepUntil(t)
}

// SleepUntil stops the process until time t. If that is the present time, it
// goes on in the next round. A sleep until Never ends when the loop is closed.
// See Wait for who may call it and for ErrClosed.
func (p *Process) SleepUntil(t Time) error { return suspend(p, processSleeping, t) }

// suspend is every wait: until time t, or for the duration t, if it is one that ends by itself. All of it
// but stop is compiled into the body of the process, because processors do not foresee where those return to that have
// been called on another stack: each call between the body and the switch costs a fifth of the switch.
func suspend(p *Process, as processState, t Time) error {
	return inline(func() error {
		if next, yield := p.stop(as, t); next != nil {
			next()
		} else if yield != nil {
			yield(struct{}{})
		} else {
			return p.loop.outcome
		}
		if l := p.loop; l.active != p.co {
			l.switchTo(p.co, l.active) // it is not its turn yet
		}
		return p.loop.outcome
	})
}

// inline calls f. Go compiles a function literal that is called once into who calls it, however long it is.
func inline(f func() error) error { return f() }

// stop begins a wait. It returns nothing when the wait is over, and the loop has the outcome; or else the
// function that lets another one go on.
func (p *Process) stop(as processState, t Time) (next func() (struct{}, bool), yield func(struct{}) bool) {
	l := p.loop
	if l.running != p || p.alert || l.outcome != nil {
		return p.stopRarely(as, t)
	}
	p.since = l.now
	var to *Process
	if as != processWaiting {
		if as == processTimedFor {
			d := time.Duration(t)
			if as, t = processTimed, l.now.Add(d); d < 0 || t == Never {
				l.refuse(d)
				return nil, nil
			}
		}
		p.due = t
		if l.alone(t) && p.actor.hasOrder(Normal) {
			if l.queue.nearAfter(t) {
				if t <= l.until {
					l.skipTo(t, p.actor.takeOrder(Normal))
					return nil, nil
				}
			} else {
				to = l.passOn(p, t)
			}
		}
		if to == nil {
			if l.outcome = p.schedule(as, t); l.outcome != nil {
				return nil, nil
			}
		}
	}
	p.state = as
	if to == nil {
		if to = l.nextProcess(); to == p {
			return nil, nil
		}
	}
	active := &l.main
	if to != nil {
		active = to.co
	}
	c, slot := p.co, active.in
	l.active, c.in = active, slot // as in park
	if slot.toggle() {
		return slot.next, nil
	}
	return nil, slot.yield
}

// stopRarely is stop in all cases.
func (p *Process) stopRarely(as processState, t Time) (next func() (struct{}, bool), yield func(struct{}) bool) {
	l := p.loop
	l.outcome = nil
	if l.running != p || p.alert {
		if l.outcome = p.mayWait(); l.outcome != nil {
			return nil, nil
		}
	}
	return p.stop(as, t)
}

// refuse is the end of a wait for a duration that is too short or too long.
func (l *Loop) refuse(d time.Duration) {
	if d < 0 {
		l.outcome = fmt.Errorf("a duration of %v is negative; nothing can happen in the past", d)
	} else {
		l.outcome = l.beyond("a wait", d)
	}
}

// schedule schedules that the process goes on at time t.
func (p *Process) schedule(as processState, t Time) error {
	if as == processSleeping && t == p.loop.now {
		return p.loop.PostHandler(p.actor, (*wakening)(p))
	}
	return p.scheduleAt(t, Normal)
}

func (p *Process) scheduleAt(t Time, priority Priority) error {
	id, err := p.loop.Schedule(t, priority, p.actor, (*wakening)(p))
	p.slot, p.serial = id.slot, id.serial
	return err
}

func (p *Process) cancelEvent() { p.loop.Cancel(EventID{p.slot, p.serial}) }

// wakening is the event in which a process begins or goes on.
type wakening Process

// Handle lets the process run until it waits or ends, and others after it, see
// nextProcess.
func (w *wakening) Handle() error {
	p := (*Process)(w)
	if p.state == processEnded {
		return nil // unwound in the meantime
	}
	if p.co == nil {
		if p.actor.retired {
			p.end()
			return nil
		}
		p.co = p.loop.coroutine()
	}
	p.goOn()
	return p.loop.resume(p)
}

// process is the name of the process that the event lets begin or go on, or "".
func (e event) process() string {
	if w, ok := e.do.(*wakening); ok {
		return w.name
	}
	return ""
}

// goOn says that the process runs from now on.
func (p *Process) goOn() {
	l := p.loop
	p.state, p.woken = processReady, false
	l.running = p
	if p.err != nil || l.outcome != nil {
		l.outcome, p.err = p.err, nil
	}
}

func (p *Process) failed() error {
	return &EventError{Time: p.loop.now, Round: p.loop.round, Actor: p.actor.name, Process: p.name, Err: p.err}
}

// perform runs the body. It recovers panics, which would otherwise surface in
// whoever happened to resume the process.
func (p *Process) perform() {
	returned := false
	defer func() {
		p.state = processEnded
		switch v := recover(); {
		case v == nil:
			if !returned {
				p.loop.exiting = p
			}
		case v != errUnwinding:
			p.err = &PanicError{Value: v, Stack: debug.Stack()}
		}
	}()
	p.err = p.body.Run(p)
	returned = true
}

// unwind ends a process that waits, or that has not begun. An error that its
// body returns then is the consequence, and counts no more; a panic does.
func (p *Process) unwind() error {
	p.cancelEvent()
	if p.co == nil {
		p.end()
		return nil
	}
	if g, ok := p.body.(Guard); ok {
		g.Leave()
	}
	p.told, p.alert, p.err = true, true, nil
	p.loop.unwinding, p.loop.running, p.loop.outcome = true, p, ErrClosed
	err := p.loop.resume(p)
	p.loop.unwinding = false
	if _, panicked := p.err.(*PanicError); panicked {
		return err
	}
	return nil
}

func (p *Process) end() {
	p.state, p.co = processEnded, nil
	p.actor.processes.remove(p)
	p.loop.processes--
}

// Processes goes through the processes of the actor that have not ended, in order of
// creation. None may begin or end meanwhile.
func (a *Actor) Processes() iter.Seq[*Process] {
	return func(yield func(*Process) bool) {
		for p := a.processes.first; p != nil; p = p.next {
			if !yield(p) {
				return
			}
		}
	}
}

// processes is a list, in order of creation.
type processes struct{ first, last *Process }

func (l *processes) append(p *Process) {
	if p.prev = l.last; l.last == nil {
		l.first = p
	} else {
		l.last.next = p
	}
	l.last = p
}

func (l *processes) remove(p *Process) {
	if p.prev == nil {
		l.first = p.next
	} else {
		p.prev.next = p.next
	}
	if p.next == nil {
		l.last = p.prev
	} else {
		p.next.prev = p.prev
	}
	p.prev, p.next = nil, nil
}
