package container

import (
	"errors"
	"fmt"
	"runtime/debug"
	"strings"

	"github.com/simrun/simrun/channel"
	"github.com/simrun/simrun/scheduler"
)

// job is a call, or a one-way message, that an agent works on, and the behaviour
// that does. It is used again, by a later event: while its process ends nobody needs
// another one.
type job struct {
	behaviour
	call       *parcel // nil: it has been answered
	method     *method
	prev, next *job // of the agent, in the order in which they came
}

// work begins a behaviour that does what a call asks for.
func (a *Agent) work(call *parcel, do *method) error {
	c := a.container
	var j *job
	if n := len(c.jobs); n > 0 {
		j, c.jobs = c.jobs[n-1], c.jobs[:n-1]
	} else {
		j = &job{}
		j.Context = c.ctx
	}
	j.agent, j.call, j.method = a, call, do
	a.jobs.append(j)
	return c.loop.Begin(&j.process, a.Now(), scheduler.Normal, a.actor, call.method, j)
}

// Run makes the job the body of its process.
func (j *job) Run(*scheduler.Process) error {
	result, err := j.method.call(&j.behaviour, j.call.args, j.call.kwargs)
	if err == nil && j.call != nil {
		if result, err = j.agent.container.copyResult(j.call, result); err != nil {
			err = fmt.Errorf("its result: %w", err)
		}
	} else if j.agent.removed && errors.Is(err, ErrRemoved) {
		err = lookupError()
	}
	if err := j.answer(result, err); err != nil {
		return err
	}
	// An agent that is removed may have left an event for the process.
	if c := j.agent.container; !j.agent.removed && !c.closed {
		j.method = nil
		c.jobs = append(c.jobs, j)
	}
	return nil
}

// serve does at once what a call or one-way message asks for.
func (a *Agent) serve(p *parcel, do *method) (err error) {
	c, name := a.container, p.method
	defer func() {
		if v := recover(); v != nil {
			err = &scheduler.PanicError{Value: v, Stack: debug.Stack()}
		}
		if err != nil { // the event is the sender's, the failure is not
			err = &scheduler.EventError{Time: a.Now(), Round: c.loop.Round(), Actor: a.Name(), Process: name, Err: err}
		}
	}()
	result, err := do.call(c.timerCtx, p.args, p.kwargs)
	if p.kind == oneWayMessage {
		if err != nil {
			return fmt.Errorf("message from %q: %w", p.from, err)
		}
		p.release()
		return nil
	}
	if err == nil {
		if result, err = c.copyResult(p, result); err != nil {
			err = fmt.Errorf("its result: %w", err)
		}
	}
	return a.reply(p, result, err)
}

// reply sends the answer to a call.
func (a *Agent) reply(call *parcel, value any, err error) error {
	if err != nil {
		call.turn(nil, asRemote(err))
	} else {
		call.turn(value, nil)
	}
	return a.container.send(a.actor, call)
}

// answer sends the answer. Only the first one counts.
func (j *job) answer(value any, err error) error {
	p := j.call
	if p == nil || j.agent.container.closed {
		return nil
	}
	j.call = nil
	j.agent.jobs.remove(j)
	if p.kind != oneWayMessage {
		return j.agent.reply(p, value, err)
	}
	if err == nil || j.agent.removed {
		p.release()
		return nil
	}
	return fmt.Errorf("message from %q: %w", p.from, err)
}

// abandon answers calls from other containers on the loop, which go on when the
// agent's own is closed.
func (a *Agent) abandon() error {
	var errs []error
	for j := a.jobs.first; j != nil; {
		next := j.next
		if caller := agentOn(a.container.loop, j.call.from); caller != nil && caller.container != a.container {
			errs = append(errs, j.answer(nil, lookupError()))
		}
		j = next
	}
	return errors.Join(errs...)
}

// asRemote is what arrives of an error: its text, and its type if it has one.
func asRemote(err error) *channel.RemoteError {
	if r, ok := errors.AsType[*channel.RemoteError](err); ok && error(r) == err {
		return &channel.RemoteError{Type: text(r.Type), Message: text(r.Message)}
	}
	return &channel.RemoteError{Message: text(err.Error())}
}

// text is what arrives of a text that may be anything.
func text(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }

// jobs is a list.
type jobs struct{ first, last *job }

func (l *jobs) append(j *job) {
	if j.prev = l.last; l.last == nil {
		l.first = j
	} else {
		l.last.next = j
	}
	l.last = j
}

func (l *jobs) remove(j *job) {
	if j.prev == nil {
		l.first = j.next
	} else {
		j.prev.next = j.next
	}
	if j.next == nil {
		l.last = j.prev
	} else {
		j.next.prev = j.prev
	}
	j.prev, j.next = nil, nil
}
