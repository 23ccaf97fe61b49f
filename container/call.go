package container

import (
	"context"
	"errors"
	"fmt"

	"github.com/simrun/simrun/channel"
	"github.com/simrun/simrun/internal/suggest"
	"github.com/simrun/simrun/scheduler"
)

// Call is a call of an agent's exposed method.
type Call struct {
	Agent  string
	Method string
	Args   []any
}

// Reply is what became of a Call: a value in the terms of package codec (nil,
// bool, int64, *big.Int, float64, string, []any, codec.Object), or an error.
type Reply struct {
	Value any
	Err   error // a *CallError
}

// CallError is a call that brought no result.
type CallError struct {
	Agent, Method string // that were called
	// Err is why. It is a *channel.RemoteError if it came from the other side:
	// the method failed, or there is no such agent or method.
	Err error
}

func (e *CallError) Error() string { return fmt.Sprintf("agent %q: %s: %v", e.Agent, e.Method, e.Err) }
func (e *CallError) Unwrap() error { return e.Err }

// openCall is a call on its way there or back.
type openCall struct {
	Call   // with copied arguments
	from   *Agent
	serial uint64
	wait   Wait
	done   func(Reply) error

	at       *Agent // who works on it
	place    int    // there
	answered bool
}

// Call calls a method of another agent, or of the agent itself, and waits for
// the answer; [As] gives it a type. The error is a *CallError, whose chain has
// scheduler.ErrClosed if the container was closed meanwhile, ErrRemoved if the
// caller was removed.
func (a *Agent) Call(ctx context.Context, agent, method string, args ...any) (any, error) {
	replies, err := a.Gather(ctx, Call{Agent: agent, Method: method, Args: args})
	if err != nil {
		return nil, &CallError{Agent: agent, Method: method, Err: err}
	}
	return replies[0].Value, replies[0].Err
}

// Gather makes all calls at once and waits until the last is answered. The
// replies are in the order of the calls. It fails as a whole only if the
// behaviour itself cannot wait, as with scheduler.ErrClosed.
func (a *Agent) Gather(ctx context.Context, calls ...Call) ([]Reply, error) {
	p, err := a.process(ctx)
	if err != nil {
		return nil, err
	}
	replies := make([]Reply, len(calls))
	var opened []*openCall
	left, waits := 0, true
	defer func() {
		waits = false
		if a.removed {
			for _, o := range opened {
				delete(a.container.open, o)
			}
		}
	}()
	for i, call := range calls {
		open, err := a.newCall(p, call)
		if err != nil {
			replies[i].Err = &CallError{Agent: call.Agent, Method: call.Method, Err: err}
			continue
		}
		open.done = func(r Reply) error {
			replies[i] = r
			left--
			if left > 0 || !waits {
				return nil
			}
			return p.Wake()
		}
		if err := open.send(); err != nil {
			return nil, err
		}
		opened = append(opened, open)
		left++
	}
	if left == 0 {
		return replies, nil
	}
	if err := p.Wait(); err != nil {
		return nil, a.waited(err)
	}
	return replies, nil
}

func (a *Agent) newCall(p *scheduler.Process, call Call) (*openCall, error) {
	args := make([]any, len(call.Args))
	for i, arg := range call.Args {
		copied, err := copyOf(arg)
		if err != nil {
			return nil, fmt.Errorf("argument %d: %w", i+1, err)
		}
		args[i] = copied
	}
	call.Args = args
	c := a.container
	c.serial++
	return &openCall{Call: call, from: a, serial: c.serial,
		wait: Wait{Agent: a.Name(), Behaviour: p.Name(), Since: a.Now(), Callee: call.Agent, Method: call.Method}}, nil
}

// send puts the call on its way; it arrives in the next round.
func (o *openCall) send() error {
	c := o.from.container
	c.open[o] = true
	return c.loop.Post(o.from.actor, o.arrive)
}

// arrive lets the callee do what it is asked for.
func (o *openCall) arrive() error {
	c := o.from.container
	if c.closed {
		return nil
	}
	to := c.agents[o.Agent]
	if to == nil {
		return o.answer(o.from, nil, &channel.RemoteError{Type: "LookupError", Message: c.noAgent(o.Agent).Error()})
	}
	m := to.methods[o.Method]
	if m == nil {
		return o.answer(to, nil, &channel.RemoteError{Type: "LookupError",
			Message: fmt.Sprintf("it exposes no method %q; %s", o.Method, suggest.Sentence(o.Method, to.exposed()))})
	}
	o.at = to
	to.serve(o)
	_, err := c.loop.Spawn(to.actor, o.Method, func(p *scheduler.Process) error {
		result, err := m.call(context.WithValue(c.ctx, processKey{}, p), o.Args)
		if err == nil {
			if result, err = copyOf(result); err != nil {
				err = fmt.Errorf("its result: %w", err)
			}
		} else if to.removed && errors.Is(err, ErrRemoved) {
			err = lookupError()
		}
		return o.answer(to, result, err)
	})
	return err
}

// answer sends the answer back, as caused by an agent; it arrives in the next
// round. Only the first answer counts.
func (o *openCall) answer(by *Agent, result any, err error) error {
	c := o.from.container
	if o.answered || c.closed {
		return nil
	}
	o.answered = true
	if o.at != nil {
		o.at.served(o)
	}
	if o.from.removed {
		delete(c.open, o)
		return nil
	}
	reply := Reply{Value: result}
	if err != nil {
		reply = Reply{Err: &CallError{Agent: o.Agent, Method: o.Method, Err: asRemote(err)}}
	}
	return c.loop.Post(by.actor, func() error {
		delete(c.open, o)
		return o.done(reply)
	})
}

// asRemote is what arrives of an error: its text, and its type if it has one.
func asRemote(err error) *channel.RemoteError {
	if r, ok := errors.AsType[*channel.RemoteError](err); ok && error(r) == err {
		return &channel.RemoteError{Type: r.Type, Message: r.Message}
	}
	return &channel.RemoteError{Message: err.Error()}
}
