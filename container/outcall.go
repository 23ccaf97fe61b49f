package container

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unsafe"

	"github.com/simrun/simrun/channel"
	"github.com/simrun/simrun/codec"
	"github.com/simrun/simrun/scheduler"
)

// outCall is a call of an agent to one that lives elsewhere, or a one-way message,
// which on the wire is a call, too. It is used again.
type outCall struct {
	link   *link
	caller uint64 // the id of the call where it comes from; 0: a one-way message
	agent  string // its name there
	method string
	args   []any
	kwargs codec.Object

	// What Complete was told.
	result any
	failed error
}

// outCall returns one that is new, or not used any more.
func (e *Endpoint) outCall() *outCall {
	n := len(e.spare)
	if n == 0 {
		return new(outCall)
	}
	o := e.spare[n-1]
	e.spare = e.spare[:n-1]
	return o
}

func (o *outCall) release() {
	e := o.link.endpoint
	*o = outCall{}
	e.spare = append(e.spare, o)
}

// send sends a message at the end of the turn, or when there is a connection.
func (l *link) send(m *message, agent string) {
	o := l.endpoint.outCall()
	o.link, o.agent, o.method, o.args, o.kwargs = l, agent, m.method, m.args, m.kwargs
	if m.kind == callMessage {
		o.caller = m.id
	}
	l.endpoint.calling++
	l.engage()
	l.queue = append(l.queue, o)
	switch {
	case l.conn == nil:
		o.args, o.kwargs, o.failed = mapArgs(o.args, o.kwargs, l.encoded)
	case !o.keep():
		l.flush()
	case len(l.queue) >= flushAt && !l.early:
		l.early = true
		_, err := l.endpoint.c.loop.AtPriority(l.endpoint.c.loop.Now(), scheduler.Urgent, l.endpoint.actor, l.flushEarly)
		l.endpoint.clock.fail(err)
	}
}

// flushAt is how many calls do not wait for the end of the turn, so that the peer has
// something to do.
const flushAt = 32

// flushEarly is flush as an event: ahead of what is due, but not on the stack of a
// behaviour.
func (l *link) flushEarly() error {
	l.early = false
	if l.conn != nil {
		l.flush()
	}
	return nil
}

// keep copies the arguments, which their sender may change before the turn ends, if
// that is a quick thing to do. It is better than to encode them at once: that takes a
// deep stack, which coroutines have to be given and the garbage collector looks at.
func (o *outCall) keep() bool {
	e := o.link.endpoint
	args, ok := e.kept(o.args, 0)
	if !ok {
		return false
	}
	o.args = args
	for i, m := range o.kwargs { // made for the call
		kept, ok := e.keptValue(m.Value, 0)
		if !ok {
			return false
		}
		o.kwargs[i].Value = kept
	}
	return true
}

// maxKeptDepth is the deepest nesting of lists that are copied.
const maxKeptDepth = 4

// kept copies a list, which is valid until the end of the turn.
func (e *Endpoint) kept(list []any, depth int) (kept []any, ok bool) {
	begin := len(e.arena)
	e.arena = append(e.arena, list...)
	kept = e.arena[begin:len(e.arena):len(e.arena)]
	for i, v := range kept {
		switch v.(type) {
		case nil, bool, int, int64, float64, string:
		default:
			if kept[i], ok = e.keptValue(v, depth); !ok {
				return nil, false
			}
		}
	}
	return kept, true
}

func (e *Endpoint) keptValue(v any, depth int) (any, bool) {
	switch v := v.(type) {
	case nil, bool, int, int64, float64, string:
		return v, true
	case []any:
		if depth < maxKeptDepth {
			return e.kept(v, depth+1)
		}
	}
	return nil, false
}

// encoded returns what a value is on the wire.
func (l *link) encoded(v any) (any, error) {
	raw, err := l.codec.Append(nil, v)
	return codec.Raw(raw), err
}

// flush puts what waits on the wire. What cannot go there is left.
func (l *link) flush() {
	left := l.queue[:0]
	for _, o := range l.queue {
		if o.failed == nil {
			err := l.conn.Begin(o, o)
			if err == nil {
				// The answer may be there already: what Complete sets is not touched.
				l.waiting++
				o.args, o.kwargs = nil, nil
				continue
			}
			o.failed = err
		}
		left = append(left, o)
	}
	l.endpoint.traffic.Add(uint64(len(l.queue) - len(left)))
	clear(l.queue[len(left):])
	l.queue = left
}

// Complete takes the answer. A goroutine of the connection calls it.
func (o *outCall) Complete(reply codec.Raw, err error) {
	if err == nil {
		if o.result, err = o.link.codec.Decode(reply); err != nil {
			err = fmt.Errorf("the answer: %w", err)
		}
	}
	o.failed = err
	l := o.link
	l.arrivals.items = append(l.arrivals.items, arrival{out: o})
	l.traffic++
}

// end tells the caller. It is not called while the caller runs.
func (o *outCall) end() {
	e := o.link.endpoint
	e.calling--
	if open := e.c.open.get(o.caller); open != nil && !e.c.closed {
		answer := message{kind: answerMessage, id: o.caller, value: o.result}
		if remote, ok := o.failed.(*channel.RemoteError); ok {
			answer.err = remote
		} else {
			answer.lost = o.failed
		}
		e.clock.fail(e.c.answered(open.gather.behaviour.agent, &answer))
	}
	o.release()
}

// existsMethod is the method of a message that asks whether there is an agent. No
// method can be called so.
const existsMethod = "/exists"

var _ codec.Array = (*outCall)(nil)

// Len and AppendElement make the content of a request of a call, so that none has
// to be made on the heap.
func (*outCall) Len() int { return 3 }

// AppendElement appends the path, the arguments, or those by name.
func (o *outCall) AppendElement(dst []byte, c codec.Codec, i int) ([]byte, error) {
	switch {
	case i == 0 && o.method == existsMethod:
		return c.AppendString(dst, existsPath)
	case i == 0:
		e := o.link.endpoint
		e.scratch = appendPath(e.scratch[:0], o.agent, o.method)
		return c.AppendString(dst, unsafe.String(&e.scratch[0], len(e.scratch))) // it is only read, and now
	case i == 1:
		return c.Append(dst, (*outArgs)(o))
	case len(o.kwargs) == 0:
		return c.Append(dst, noKwargs)
	}
	encoded, err := c.Append(dst, o.kwargs)
	if err != nil {
		for _, m := range o.kwargs {
			if _, err := c.Append(nil, m.Value); err != nil {
				return dst, fmt.Errorf("argument '%s': %w", m.Key, err)
			}
		}
	}
	return encoded, err
}

// appendPath appends the path of a method.
func appendPath(dst []byte, agent, method string) []byte {
	service, no := strings.CutPrefix(agent, "/")
	if !no {
		dst = append(dst, agentsPath...)
	}
	if service != "" {
		dst = append(append(dst, service...), '/')
	}
	return append(dst, method...)
}

// noKwargs is an empty object, boxed once.
var noKwargs any = codec.Object{}

// outArgs are the arguments of an outCall.
type outArgs outCall

func (o *outArgs) Len() int {
	if o.method == existsMethod {
		return 1
	}
	return len(o.args)
}

func (o *outArgs) AppendElement(dst []byte, c codec.Codec, i int) ([]byte, error) {
	if o.method == existsMethod {
		return c.AppendString(dst, o.agent)
	}
	encoded, err := c.Append(dst, o.args[i])
	if err != nil {
		return dst, fmt.Errorf("argument %d: %w", i+1, err)
	}
	return encoded, nil
}

// Connect makes sure that there is an agent at an address, and returns its Proxy.
// The connection to its container is made if there is none. It fails with a
// *CallError, whose chain has a *channel.RemoteError of type ConnectionError if the
// container is there and the agent is not.
func (a *Agent) Connect(ctx context.Context, address string) (Proxy, error) {
	failed := func(err error) (Proxy, error) {
		return Proxy{}, &CallError{Agent: address, Method: "connect", Err: err}
	}
	at, err := ParseAddress(address)
	if err != nil {
		return failed(err)
	}
	there, err := a.Call(ctx, at.String(), existsMethod)
	if call, ok := errors.AsType[*CallError](err); ok {
		return failed(call.Err)
	}
	if err != nil {
		return failed(err)
	}
	if there == nil {
		return failed(noSuchAgent(at))
	}
	return Proxy{at.String()}, nil
}

func noSuchAgent(at Address) error {
	return &channel.RemoteError{Type: "ConnectionError", Message: fmt.Sprintf("there is no agent %q in the container at %s", at.Agent, at.Container)}
}
