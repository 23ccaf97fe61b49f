package container

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/simrun/simrun/codec"
	"github.com/simrun/simrun/rpc"
)

// Call is a call of an agent's exposed method. [rpc.Kwargs] as the last of Args are
// arguments by name.
type Call struct {
	Agent  string // its name, or its address if it lives elsewhere, see [Endpoint]
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
// the answer; [As] gives it a type. agent and args are as in [Call]. The error is a
// *CallError, whose chain has scheduler.ErrClosed if the container was closed
// meanwhile, ErrRemoved if the caller was removed.
func (a *Agent) Call(ctx context.Context, agent, method string, args ...any) (any, error) {
	b, err := a.running(ctx)
	var p *parcel
	if err == nil {
		p, err = a.parcel(callMessage, agent, method, args)
	}
	if err != nil {
		return nil, &CallError{Agent: agent, Method: method, Err: err}
	}
	// 500 callers no longer fit into a processor's cache if each touches much of its stack.
	g := b.gather(nil)
	switch err = g.call(0, p); {
	case err != nil:
	case g.left == 0 || g.limitedBy(ctx):
		err = g.wait(ctx)
	default: // g.wait, but one call less from which to return on another stack
		err = g.waited(b.process.Wait())
	}
	if err != nil {
		return nil, &CallError{Agent: agent, Method: method, Err: err}
	}
	value, err := g.one[0].Value, g.one[0].Err
	g.release()
	return value, err
}

// Gather makes all calls at once and waits until the last is answered. The
// replies are in the order of the calls. It fails as a whole only if the
// behaviour itself cannot wait, as with scheduler.ErrClosed.
func (a *Agent) Gather(ctx context.Context, calls ...Call) ([]Reply, error) {
	b, err := a.running(ctx)
	if err != nil {
		return nil, err
	}
	replies := make([]Reply, len(calls))
	g := b.gather(replies)
	for i, call := range calls {
		p, err := a.parcel(callMessage, call.Agent, call.Method, call.Args)
		if err != nil { // becomes the reply
			replies[i].Err = &CallError{Agent: call.Agent, Method: call.Method, Err: err}
			continue
		}
		if err := g.call(i, p); err != nil {
			return nil, err
		}
	}
	if err := g.wait(ctx); err != nil {
		return nil, err
	}
	g.release()
	return replies, nil
}

// parcel returns a message of the agent with what arrives of arguments. What leaves
// the container is not copied, because it is encoded at once.
func (a *Agent) parcel(kind messageKind, to, method string, args []any) (*parcel, error) {
	c := a.container
	p := c.parcel()
	p.kind, p.from, p.to, p.method = kind, a.Name(), to, method
	p.sender = a
	if last := a.last; last != nil && last.name == to {
		p.recipient = last.agent
		if last.method == method {
			p.do = last.do
		}
		if last.link != nil && !last.link.ended() {
			p.link = last.link
		}
	}
	if p.recipient != nil && p.putPlain(args) {
		return p, nil
	}
	if err := p.put(args); err != nil {
		p.release()
		return nil, err
	}
	return p, nil
}

// putPlain is put for few arguments of the most frequent types to an agent on the loop.
// It needs little of a stack, see [Agent.Call].
func (p *parcel) putPlain(args []any) bool {
	if len(args) > fewArgs {
		return false
	}
	for i, arg := range args {
		var ok bool
		if list, is := arg.([]any); is {
			p.room[i], ok = p.home.lists.copy(list)
		} else {
			p.room[i], ok = p.home.lists.plain(arg, 0)
		}
		if !ok {
			return false
		}
	}
	p.args = p.room[:len(args)]
	return true
}

// put puts what arrives of arguments into the parcel.
func (p *parcel) put(args []any) error {
	positional, kwargs := splitArgs(args)
	p.args, p.kwargs = append(p.room[:0], positional...), kwargs
	if p.link != nil || p.recipient == nil && p.home.leaves(p.to) {
		return nil
	}
	return mapInPlace(p.args, p.kwargs, p.home.copyOf)
}

// splitArgs returns the arguments by position, and those by name in the order of the
// names.
func splitArgs(args []any) (positional []any, kwargs codec.Object) {
	n := len(args) - 1
	if n < 0 {
		return args, nil
	}
	named, ok := args[n].(rpc.Kwargs)
	if !ok {
		return args, nil
	}
	for _, name := range slices.Sorted(maps.Keys(named)) {
		kwargs = append(kwargs, codec.Member{Key: name, Value: named[name]})
	}
	return args[:n], kwargs
}

// mapArgs returns arguments that f makes of the given ones.
func mapArgs(args []any, kwargs codec.Object, f func(any) (any, error)) (mapped []any, mappedKwargs codec.Object, err error) {
	mapped, mappedKwargs = append(make([]any, 0, len(args)), args...), slices.Clone(kwargs)
	if err := mapInPlace(mapped, mappedKwargs, f); err != nil {
		return nil, nil, err
	}
	return mapped, mappedKwargs, nil
}

// mapInPlace replaces arguments by what f makes of them.
func mapInPlace(args []any, kwargs codec.Object, f func(any) (any, error)) (err error) {
	for i, arg := range args {
		if args[i], err = f(arg); err != nil {
			return fmt.Errorf("argument %d: %w", i+1, err)
		}
	}
	for i, m := range kwargs {
		if kwargs[i].Value, err = f(m.Value); err != nil {
			return fmt.Errorf("argument '%s': %w", m.Key, err)
		}
	}
	return nil
}

// gather is a behaviour that waits for the answers to calls. It is used again.
type gather struct {
	behaviour *behaviour
	replies   []Reply
	one       [1]Reply
	ids       []uint64 // of the calls
	left      int      // that have not been answered
	watched   bool     // somebody may still know it when it is answered
}

// gather makes one that writes replies; nil: one reply, to one.
func (b *behaviour) gather(replies []Reply) *gather {
	c := b.agent.container
	var g *gather
	if n := len(c.gathers); n > 0 {
		g, c.gathers = c.gathers[n-1], c.gathers[:n-1]
	} else {
		g = &gather{}
	}
	if g.behaviour, g.replies = b, replies; replies == nil {
		g.replies = g.one[:]
	}
	return g
}

func (g *gather) release() {
	if g.watched {
		return
	}
	c := g.behaviour.agent.container
	*g = gather{ids: g.ids[:0]}
	c.gathers = append(c.gathers, g)
}

// call makes a call, whose reply is that of a number.
func (g *gather) call(i int, p *parcel) error {
	a := g.behaviour.agent
	p.id = a.container.open.add(g, i, p.to, p.method)
	g.ids = append(g.ids, p.id)
	g.left++
	err := a.container.send(a.actor, p)
	if err != nil {
		g.forget()
	}
	return err
}

// wait waits until all calls have been answered.
func (g *gather) wait(ctx context.Context) error {
	switch {
	case g.left == 0:
		return nil
	case g.limitedBy(ctx):
		return g.waitWithin(ctx)
	}
	return g.waited(g.behaviour.process.Wait())
}

// limitedBy reports whether something else than answers may end the wait.
func (g *gather) limitedBy(ctx context.Context) bool {
	return ctx != context.Context(g.behaviour) || g.behaviour.limited
}

// waitWithin is wait with a context that may end it.
func (g *gather) waitWithin(ctx context.Context) error {
	c := g.behaviour.agent.container
	defer c.watch(ctx, g)()
	deadline, err := g.limit(ctx)
	if err != nil {
		g.forget()
		return err
	}
	defer c.loop.Cancel(deadline)
	return g.waited(g.behaviour.process.Wait())
}

// waited is what the behaviour is told of a wait.
func (g *gather) waited(err error) error {
	if err == nil {
		return nil
	}
	a := g.behaviour.agent
	// Waiting tells of those that waited when the container was closed.
	if !a.container.closed {
		g.forget()
	}
	return a.waited(err)
}

// forget drops the calls that have not been answered.
func (g *gather) forget() {
	for _, id := range g.ids {
		g.behaviour.agent.container.open.remove(id)
	}
	g.left = 0
}

// answered takes the answer to a call of an agent. An answer for which nobody
// waits any more is dropped.
func (c *Container) answered(a *Agent, m *message) error {
	o := c.open.get(m.id)
	if o == nil || o.gather.behaviour.agent != a {
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
	return g.behaviour.process.Wake()
}
