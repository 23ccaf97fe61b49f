package container

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/simrun/simrun/channel"
	"github.com/simrun/simrun/codec"
)

// existsPath is what peers ask whether there is an agent.
const existsPath = "validate_aid"

// inCall is a call of a peer, for an agent or about one.
type inCall struct {
	request  *channel.Request
	question bool   // whether there is an agent
	rest     string // its name, or of a call the agent and its method
	args     []any  // valid until its batch is released
	kwargs   codec.Object
}

// receive takes a request of the peer. A goroutine of the connection calls it, so
// that what can be done without the loop is done at the same time as other things.
func (l *link) receive(r *channel.Request) {
	l.understood = true
	in := inCall{request: r}
	switch ours, err := l.read(&in); {
	case err != nil:
		r.Fail(err)
	case ours:
		l.arrivals.items = append(l.arrivals.items, arrival{in: in})
		if !in.question {
			l.traffic++
		}
	default:
		l.serveOther(r)
	}
}

// read reads a call, unless it is for somebody else than agents.
func (l *link) read(in *inCall) (ours bool, err error) {
	message := &l.invocation
	message.Conn = in.request.Conn()
	if err := message.ParsePath(in.request.Content()); err != nil {
		return true, err
	}
	rest, found := strings.CutPrefix(message.Path, agentsPath)
	switch {
	case found:
		in.rest = rest
		b := l.arrivals
		begin := len(b.args)
		if b.args, found = message.DecodeArguments(b.args, l.codec); !found {
			return true, l.decode(in)
		}
		in.args = b.args[begin:len(b.args):len(b.args)]
		return true, nil
	case message.Path == existsPath:
		if err := message.ParseArguments(); err != nil {
			return true, err
		}
		if err := message.Expect(1, 1); err != nil {
			return true, err
		}
		in.question = true
		in.rest, err = message.String(0)
		return true, err
	case l.endpoint.service != nil:
		return false, nil
	}
	name, _, _ := strings.Cut(message.Path, "/")
	return true, lookupErrorIn("", name)
}

// decode decodes the arguments one by one.
func (l *link) decode(in *inCall) error {
	serialization := func(what string, err error) error {
		return &channel.RemoteError{Type: "SerializationError", Message: what + ": " + err.Error()}
	}
	if err := l.invocation.ParseArguments(); err != nil {
		return err
	}
	for i, raw := range l.invocation.Args {
		v, err := l.codec.Decode(raw)
		if err != nil {
			return serialization(fmt.Sprintf("argument %d", i+1), err)
		}
		in.args = append(in.args, v)
	}
	for _, m := range l.invocation.Kwargs {
		v, err := l.codec.Decode(m.Value)
		if err != nil {
			return serialization(fmt.Sprintf("argument '%s'", m.Key), err)
		}
		in.kwargs = append(in.kwargs, codec.Member{Key: string(m.Key), Value: v})
	}
	return nil
}

// lookupErrorIn says in the words of aiomas that a path leads nowhere.
func lookupErrorIn(path, name string) *channel.RemoteError {
	return &channel.RemoteError{Type: "LookupError", Message: fmt.Sprintf("Name %q not found in %q", name, path)}
}

// serveOther has a function called that is no agent's.
func (l *link) serveOther(r *channel.Request) {
	conn, content := r.Conn(), r.Content()
	l.endpoint.wg.Go(func() {
		result, err := l.endpoint.service.Serve(l.ctx, conn, content)
		if err != nil {
			r.Fail(err)
			return
		}
		r.Reply(result)
	})
}

// serve has an agent work on a call, or a question answered at the end of the turn.
func (l *link) serve(in *inCall) {
	e := l.endpoint
	if in.question {
		e.asked = append(e.asked, question{l, in.request, in.rest})
		return
	}
	if e.closing && e.calling == 0 || e.c.closed {
		in.request.Fail(&channel.RemoteError{Type: "RuntimeError", Message: "the container is leaving the network"})
		return
	}
	a, do, err := e.c.callee(in.rest)
	if err != nil {
		in.request.Fail(err)
		return
	}
	e.serving++
	p := e.c.parcel()
	p.kind, p.from, p.to, p.id, p.method = callMessage, l.name, a.Name(), l.add(in.request), do.name
	p.args, p.kwargs = append(p.room[:0], in.args...), in.kwargs
	p.by, p.in, p.recipient, p.link, p.do = a.actor, e.c, a, l, do.method
	if do.instant {
		e.clock.fail(e.c.loop.PostHandler(a.actor, p))
	} else {
		e.clock.fail(a.work(p, do.method))
	}
}

// callee finds the agent that a path means, and the method.
func (c *Container) callee(path string) (a *Agent, do *named, err error) {
	for i := strings.LastIndexByte(path, '/'); i > 0; i = strings.LastIndexByte(path[:i], '/') {
		if a := c.agents[path[:i]]; a != nil {
			method := path[i+1:]
			if do = a.methods.named(method); do == nil {
				return nil, nil, a.noMethod(agentsPath+path[:i], method)
			}
			return a, do, nil
		}
	}
	if c.agents[path] != nil {
		return nil, nil, &channel.RemoteError{Type: "TypeError", Message: fmt.Sprintf("%q is not a function", agentsPath+path)}
	}
	name, _, _ := strings.Cut(path, "/")
	return nil, nil, lookupErrorIn(strings.TrimSuffix(agentsPath, "/"), name)
}

// noMethod says how far the path of a method leads.
func (a *Agent) noMethod(path, method string) error {
	name, rest, more := strings.Cut(method, "/")
	if more && a.methods.get(name) != nil {
		path += "/" + name
		name, _, _ = strings.Cut(rest, "/")
	}
	return lookupErrorIn(path, name)
}

// add notes a call that is not answered, and returns its id: its place, and in the
// upper half the number of the connection.
func (l *link) add(r *channel.Request) uint64 {
	var at uint32
	if n := len(l.free); n > 0 {
		at, l.free = l.free[n-1], l.free[:n-1]
		l.calls[at] = r
	} else {
		at = uint32(len(l.calls))
		l.calls = append(l.calls, r)
	}
	return uint64(l.number)<<32 | uint64(at)
}

// answer sends the answer to a call.
func (l *link) answer(m *message) {
	e, at := l.endpoint, uint32(m.id)
	if m.id>>32 != uint64(l.number) || int(at) >= len(l.calls) || l.calls[at] == nil {
		return // the connection has ended
	}
	r := l.calls[at]
	l.calls[at] = nil
	l.free = append(l.free, at)
	e.serving--
	e.traffic.Add(1)
	l.engage()
	if m.err != nil {
		r.Fail(m.err)
	} else {
		r.Reply(m.value)
	}
}

// abandon answers the calls of peers that are open: nobody will work on them.
func (e *Endpoint) abandon(why error) {
	for _, l := range e.links {
		for _, r := range l.calls {
			if r != nil {
				refuse(r, why)
			}
		}
		l.calls, l.free = nil, nil
	}
}

// refuse answers a call on which no agent works because the loop has stopped.
func refuse(r *channel.Request, why error) {
	r.Fail(&channel.RemoteError{Type: "RuntimeError", Message: text(why.Error())})
}

// question is whether there is an agent.
type question struct {
	link    *link
	request *channel.Request
	name    string
}

// tell answers with the name of the agent's type, or null.
func (e *Endpoint) tell(q question) {
	if !q.link.gone {
		q.link.engage()
	}
	if a := e.c.agents[q.name]; a != nil {
		q.request.Reply(reflect.TypeOf(a.member).Elem().Name())
	} else {
		q.request.Reply(nil)
	}
}
