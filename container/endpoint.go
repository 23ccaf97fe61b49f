package container

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/simrun/simrun/channel"
	"github.com/simrun/simrun/codec"
	"github.com/simrun/simrun/rpc"
	"github.com/simrun/simrun/scheduler"
)

// EndpointConfig describes how a container is reached and reaches others. The zero
// value is what aiomas 2.0.1 has by default: JSON without TLS.
type EndpointConfig struct {
	// Config is that of all connections. With Retry, connections to other
	// containers are tried as long as a call waits for them. MaxRequests is how many
	// calls of one connection agents may work on, by default 65,536. Handler,
	// Receive, AfterBatch and Failure are not used.
	channel.Config
	// Service is what peers may call beside agents; its functions run on goroutines
	// of their own. Default: nothing.
	Service *rpc.Router
}

// An Endpoint joins a container with others, in this process or elsewhere: those of
// this package and those of aiomas 2.0.1, whose protocol it speaks.
//
// Agents can be called at their addresses ([Agent.Address]), and call agents
// elsewhere at theirs, as in
//
//	price, err := container.As[float64](a.Call(ctx, "tcp://market:5555/seller", "offer", 3))
//
// Peers reach the exposed methods of the container's agents, whether there is an
// agent, and nothing else. An agent that is an argument or a result becomes a [Proxy]
// at the other end, which leads back over the same connection.
//
// There is one connection for each address that agents call. It is made for the
// first call, used for all, and forgotten when it ends or cannot be made: the next
// call makes another. A call that it takes with it fails with a *CallError, whose
// chain has the reason; whether the callee worked on it nobody knows.
//
// Calls begin and are answered at the virtual times at which they and their answers
// come in; in real time they depend on the wall clock.
//
// An agent waits for an answer from elsewhere until it comes, or the context of the
// behaviour ends. Whether it will still come at the present virtual time cannot be
// known from here. What External and Manager take for quiet is this: the container at
// the other end of each connection over which answers are outstanding is asked several
// times in a row whether it has some agent, and has answered all of that before any
// call or answer comes. Containers of this package answer such a question only after all that their
// agents can do at their time is done. A callee that waits for the answer of a third
// container, for a thread or for a device seems to be quiet, too.
type Endpoint struct {
	c        *Container
	clock    *driver
	cfg      channel.Config
	service  *rpc.Router
	actor    *scheduler.Actor  // stands for all others
	listener *channel.Listener // nil: it only calls
	ctx      context.Context
	cancel   context.CancelCauseFunc
	wg       sync.WaitGroup // of all goroutines

	traffic atomic.Uint64 // counts calls and answers over all connections

	// Of the loop's goroutine:
	links     map[string]*link
	connected uint32       // connections so far
	engaged   []*link      // with something to send at the end of this turn
	asked     []question   // answered at the end of this turn
	serving   int          // calls that have come and are not answered
	calling   int          // calls that have left, or are to, and are not answered
	asking    int          // calls by Ask that have left, or are to, and are not answered
	dialing   int          // connections that are being made
	beginning []*selfAsked // who may not have begun to ask
	settler   settler
	closing   bool          // no more calls from outside
	closed    bool          // no more calls at all
	idle      chan struct{} // closed when it is closing and no call is open
	scratch   []byte
	arena     []any      // of arguments that leave at the end of the turn
	spare     []*outCall // that are not used
}

// ErrShutdown is the error of calls that an [Endpoint] does not make any more.
var ErrShutdown = errors.New("the container has left the network")

// Listen joins a container, whose loop the clock runs, with others, and lets them
// come in at addr, in the forms of channel.Listen; port 0 is any free one. With an
// empty addr agents can only call. The addresses of the container's agents begin
// with the endpoint's from now on. Call it before the clock runs, or inside of Do.
// A container has one endpoint.
func Listen(c *Container, clock Clock, addr string, cfg EndpointConfig) (*Endpoint, error) {
	d := clock.core()
	switch {
	case d.loop != c.loop:
		return nil, fmt.Errorf("container %q lives on another loop than the clock runs", c.name)
	case c.endpoint != nil:
		return nil, fmt.Errorf("container %q has an endpoint already, at %s", c.name, c.endpoint.Address())
	}
	if cfg.Codec == nil {
		cfg.Codec = codec.JSON
	}
	if cfg.MaxRequests <= 0 {
		cfg.MaxRequests = channel.MaxOpenCalls
	}
	e := &Endpoint{c: c, clock: d, cfg: cfg.Config, service: cfg.Service, links: make(map[string]*link), idle: make(chan struct{})}
	base := strings.TrimSuffix(c.base, "/")
	if addr != "" {
		l, err := channel.Listen(addr, channel.Config{TLS: cfg.TLS})
		if err != nil {
			return nil, fmt.Errorf("container %q: %w", c.name, err)
		}
		e.listener = l
		base = reachable(l.Addr())
	}
	var err error
	if e.actor, err = c.loop.Actor("peers of " + base); err != nil {
		if e.listener != nil {
			_ = e.listener.Close() // the first error counts
		}
		return nil, fmt.Errorf("container %q: %w", c.name, err)
	}
	c.base, c.endpoint = base+"/", e
	e.ctx, e.cancel = context.WithCancelCause(context.Background())
	d.endpoints = append(d.endpoints, e)
	if e.listener != nil {
		e.wg.Go(e.accept)
	}
	return e, nil
}

// reachable gives an address at all hosts the name of this one.
func reachable(addr string) string {
	transport, hostPort, _ := strings.Cut(addr, "://")
	if transport != "tcp" && transport != "tls" {
		return addr
	}
	host, port, err := net.SplitHostPort(hostPort)
	if err != nil || host != "" && !net.ParseIP(host).IsUnspecified() {
		return addr
	}
	if host, err = os.Hostname(); err != nil {
		return addr
	}
	return transport + "://" + net.JoinHostPort(host, port)
}

// Address returns what the addresses of the container's agents begin with, such as
// tcp://127.0.0.1:5555, with the real port.
func (e *Endpoint) Address() string { return strings.TrimSuffix(e.c.base, "/") }

// peerPrefix begins the names of connections that others have made.
const peerPrefix = "peer://"

// accept takes connections in.
func (e *Endpoint) accept() {
	for n := uint64(1); ; n++ {
		l := e.newLink(fmt.Sprint(peerPrefix, n))
		conn, err := e.listener.AcceptWith(e.ctx, l.config())
		if err == nil {
			l.opened(conn) // ends it if the endpoint has been shut down meanwhile
			continue
		}
		if !errors.Is(err, channel.ErrClosed) && e.ctx.Err() == nil {
			// Nobody would notice that nobody can come in any more.
			e.clock.enter(news(func() { e.clock.fail(fmt.Errorf("container %q: %w", e.c.name, err)) }))
		}
		return
	}
}

// link returns the connection to where an address leads, which is made if there is
// none, and the name of the agent there.
func (e *Endpoint) link(address string) (l *link, agent string, err error) {
	where, agent := splitAddress(address)
	if l := e.links[where]; l != nil && !l.ended() {
		return l, agent, nil
	}
	if strings.HasPrefix(where, peerPrefix) {
		return nil, "", errors.New("the connection over which the agent came has ended")
	}
	to, err := ParseAddress(address)
	if err != nil {
		return nil, "", err
	}
	if to.Container != where { // it was spelled in another way
		return e.link(to.String())
	}
	if e.ctx.Err() != nil {
		return nil, "", ErrShutdown
	}
	l = e.newLink(where)
	e.links[where] = l
	l.dial()
	return l, agent, nil
}

// leaves reports whether a message to a name leaves the container, so that it need
// not be copied.
func (c *Container) leaves(to string) bool {
	return c.endpoint != nil && distant(to) && !strings.HasPrefix(to, c.base)
}

// route sends a parcel's message to where its recipient lives.
func (e *Endpoint) route(p *parcel) error {
	m := &p.message
	if m.kind == answerMessage {
		p.link.answer(m)
		return nil
	}
	if e.closed || e.closing && e.serving == 0 {
		return e.fail(m, ErrShutdown)
	}
	if p.link == nil {
		l, there, err := e.link(m.to)
		if err != nil {
			return e.fail(m, err)
		}
		p.link = l
		p.sender.remember(acquaintance{name: m.to, link: l, there: there})
	}
	p.link.send(m, p.sender.last.there)
	return nil
}

// fail answers a call that does not get anywhere.
func (e *Endpoint) fail(m *message, err error) error {
	if m.kind != callMessage {
		return nil
	}
	answer := m.answer(nil, nil)
	answer.lost, answer.at = err, e.c.loop.Now()
	return e.c.parcelOf(e.actor, &answer).post()
}

// turnEnds is called when the loop has done all that it can do for now: what agents
// have sent meanwhile leaves.
func (e *Endpoint) turnEnds() {
	for i, q := range e.asked {
		e.asked[i] = question{}
		e.tell(q)
	}
	e.asked = e.asked[:0]
	e.tellGone()
	for i, l := range e.engaged {
		e.engaged[i] = nil
		l.turnEnds()
	}
	e.engaged = e.engaged[:0]
	clear(e.arena)
	e.arena = e.arena[:0]
	if e.dialing > 0 {
		e.review()
	}
	if e.closing && e.serving+e.calling+e.asking == 0 {
		select {
		case <-e.idle:
		default:
			close(e.idle)
		}
	}
}

// Shutdown takes the container off the network. Nobody can connect any more, and
// calls that come are refused. Calls that are open, in either direction, may come to
// their ends as long as ctx lasts; those that are left then fail. When Shutdown
// returns, no goroutine, connection or socket file of the endpoint is left. The
// error is the cause of ctx, if that ended first. A behaviour must not call it.
func (e *Endpoint) Shutdown(ctx context.Context) error {
	if ctx.Value(behaviourKey{}) != nil {
		return errors.New("Shutdown was called by an agent, for which it would wait")
	}
	var err error
	if e.listener != nil {
		err = e.listener.Close()
	}
	if cause := e.drain(ctx); cause != nil {
		err = cause
	}
	e.cancel(ErrShutdown)
	e.wg.Wait()
	return err
}

// drain waits until no call is open, and lets no more be made.
func (e *Endpoint) drain(ctx context.Context) (err error) {
	if !e.clock.begun.Load() {
		return nil // nothing has happened
	}
	if err = e.clock.Do(ctx, func() error { e.closing = true; return nil }); err == nil {
		select {
		case <-e.idle:
		case <-e.clock.stopped:
		case <-ctx.Done():
			err = context.Cause(ctx)
		}
	}
	stopped := e.clock.Do(context.WithoutCancel(ctx), func() error { e.closing, e.closed = true, true; return nil })
	if errors.Is(err, ErrStopped) || stopped != nil {
		return nil // nothing is open any more, nor can it be
	}
	return err
}
