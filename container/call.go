package container

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/simrun/simrun/codec"
	"github.com/simrun/simrun/rpc"
	"github.com/simrun/simrun/scheduler"
)

// Call is a call of an agent's exposed method. [rpc.Kwargs] as the last of Args are
// arguments by name.
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
	c := a.container
	g := &gather{agent: a, process: p, replies: make([]Reply, len(calls)), ids: make([]uint64, 0, len(calls))}
	defer c.forget(g)
	for i, call := range calls {
		args, kwargs, err := c.copyArgs(call.Agent, call.Args)
		if err != nil {
			g.replies[i].Err = &CallError{Agent: call.Agent, Method: call.Method, Err: err}
			continue
		}
		m := message{kind: callMessage, from: a.Name(), to: call.Agent, method: call.Method, args: args, kwargs: kwargs}
		m.id = c.open.add(g, i, call.Agent, call.Method)
		g.ids = append(g.ids, m.id)
		g.left++
		if err := c.send(a.actor, m); err != nil {
			return nil, err
		}
	}
	if g.left == 0 {
		return g.replies, nil
	}
	defer c.watch(ctx, g)()
	if err := p.Wait(); err != nil {
		return nil, a.waited(err)
	}
	return g.replies, nil
}

// copyArgs returns what arrives of the arguments of a call. What leaves the container
// is not copied, because it is encoded at once.
func (c *Container) copyArgs(to string, args []any) (positional []any, kwargs codec.Object, err error) {
	if n := len(args); n > 0 {
		if named, ok := args[n-1].(rpc.Kwargs); ok {
			args = args[:n-1]
			for _, name := range slices.Sorted(maps.Keys(named)) {
				kwargs = append(kwargs, codec.Member{Key: name, Value: named[name]})
			}
		}
	}
	if c.leaves(to) {
		return args, kwargs, nil
	}
	return mapArgs(args, kwargs, c.copyOf)
}

// mapArgs returns arguments that f makes of the given ones.
func mapArgs(args []any, kwargs codec.Object, f func(any) (any, error)) (mapped []any, mappedKwargs codec.Object, err error) {
	mapped = make([]any, len(args))
	for i, arg := range args {
		if mapped[i], err = f(arg); err != nil {
			return nil, nil, fmt.Errorf("argument %d: %w", i+1, err)
		}
	}
	for _, m := range kwargs {
		v, err := f(m.Value)
		if err != nil {
			return nil, nil, fmt.Errorf("argument '%s': %w", m.Key, err)
		}
		mappedKwargs = append(mappedKwargs, codec.Member{Key: m.Key, Value: v})
	}
	return mapped, mappedKwargs, nil
}

// gather is a behaviour that waits for the answers to calls.
type gather struct {
	agent   *Agent
	process *scheduler.Process
	replies []Reply
	ids     []uint64 // of the calls
	left    int      // that have not been answered
}

// forget drops the calls that will get no answer any more. Those of a container
// that was closed stay, for Waiting.
func (c *Container) forget(g *gather) {
	if g.left == 0 || c.closed {
		return
	}
	for _, id := range g.ids {
		c.open.remove(id)
	}
}

// answered takes the answer to a call of an agent. An answer for which nobody
// waits any more is dropped.
func (c *Container) answered(a *Agent, m message) error {
	o := c.open.get(m.id)
	if o == nil || o.gather.agent != a {
		return nil
	}
	g, reply := o.gather, &o.gather.replies[o.index]
	reply.Value = m.value
	switch {
	case m.err != nil:
		reply.Err = &CallError{Agent: o.callee, Method: o.method, Err: m.err}
	case m.lost != nil:
		reply.Err = &CallError{Agent: o.callee, Method: o.method, Err: m.lost}
	}
	c.open.remove(m.id)
	if g.left--; g.left > 0 {
		return nil
	}
	return g.process.Wake()
}
