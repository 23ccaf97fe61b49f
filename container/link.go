package container

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"

	"github.com/simrun/simrun/channel"
	"github.com/simrun/simrun/codec"
	"github.com/simrun/simrun/rpc"
)

// A link is a connection to another container, or one that is being made.
type link struct {
	endpoint *Endpoint
	name     string          // what the addresses of agents there begin with
	codec    codec.Codec     // with the types of the connection
	ctx      context.Context // ends with the connection
	cancel   context.CancelFunc

	// Of the connection's goroutines, one at a time.
	arrivals   *batch
	traffic    uint64         // among arrivals
	understood bool           // the peer has asked for something
	invocation rpc.Invocation // the call that is read

	// Of the loop's goroutine.
	conn    *channel.Conn
	queue   []*outCall         // wait for the connection
	waiters []chan<- linkNews  // outside, for the same; each has room
	number  uint32             // of the connection: a later one may have the same name
	calls   []*channel.Request // that have come and are not answered, by place; nil: free
	free    []uint32           // of these
	waiting int                // calls that have left and are not answered
	gone    bool               // the connection has ended
	engaged bool               // it is among those of this turn
	corked  bool               // what is sent leaves at the end of the turn
	early   bool               // flushEarly is scheduled
}

func (e *Endpoint) newLink(name string) *link {
	l := &link{endpoint: e, name: name, arrivals: newBatch()}
	l.ctx, l.cancel = context.WithCancel(e.ctx)
	l.codec = e.cfg.Codec.WithTypes(e.c.withAgents(l.encodeAgent, l.decodeAgent))
	return l
}

// An agent travels as its path from the root of what its container serves, as in
// aiomas 2.0.1, or between extended ends, if it lives in a third container, as its
// address.
const agentsPath = "agents/"

func (l *link) encodeAgent(p Proxy) (any, error) {
	if name, own := strings.CutPrefix(p.address, l.endpoint.c.base); own {
		return agentsPath + name, nil
	}
	if l.endpoint.cfg.Extended && !strings.HasPrefix(p.address, peerPrefix) {
		return p.address, nil
	}
	return nil, fmt.Errorf("agent %q does not live in container %q, so that it cannot be passed on; pass its Address as text", p.address, l.endpoint.c.name)
}

func (l *link) decodeAgent(data string) (Proxy, error) {
	if name, ok := strings.CutPrefix(data, agentsPath); ok {
		return Proxy{l.name + "/" + name}, nil
	}
	if l.endpoint.cfg.Extended && distant(data) {
		return Proxy{data}, nil
	}
	// A service that is no agent, such as the container itself, is not below the agents.
	return Proxy{l.name + "//" + data}, nil
}

// config is the configuration of the link's connection.
func (l *link) config() channel.Config {
	cfg := l.endpoint.cfg
	cfg.Codec = l.codec
	cfg.Handler = nil
	cfg.Receive = l.receive
	cfg.AfterBatch = l.deliver
	cfg.Failure = nil
	return cfg
}

// dial makes the connection.
func (l *link) dial() {
	e := l.endpoint
	e.dialing++
	e.wg.Go(func() {
		conn, err := channel.Dial(l.ctx, l.name, l.config())
		e.clock.enter(news(func() { e.dialing-- }))
		if err != nil {
			l.cancel()
			e.clock.enter(news(func() { l.over(err) }))
			return
		}
		l.opened(conn)
	})
}

// review gives up connections that are being made and for which nobody waits any
// more.
func (e *Endpoint) review() {
	for _, l := range e.links {
		if l.conn == nil && !l.wanted() {
			l.cancel()
			l.drop()
		}
	}
}

func (l *link) wanted() bool {
	if len(l.waiters) > 0 {
		return true
	}
	for _, o := range l.queue {
		if o.caller == 0 || l.endpoint.c.open.get(o.caller) != nil {
			return true
		}
	}
	return false
}

// opened has the connection used, and waits for its end.
func (l *link) opened(conn *channel.Conn) {
	e := l.endpoint
	e.clock.enter(news(func() { l.use(conn) }))
	e.wg.Go(func() {
		select {
		case <-conn.Done():
		case <-l.ctx.Done():
		}
		l.cancel()
		_ = conn.Close() // always nil
		e.clock.enter(news(func() { l.over(conn.Err()) }))
	})
}

// ended reports whether the connection cannot be used any more.
func (l *link) ended() bool { return l.gone || l.conn != nil && l.conn.Err() != nil }

// use begins to use the connection. Whoever brings the first news of it calls it,
// which may be something that came over it.
func (l *link) use(conn *channel.Conn) {
	if l.conn != nil || l.gone {
		return
	}
	l.conn = conn
	l.endpoint.connected++
	l.number = l.endpoint.connected
	l.endpoint.links[l.name] = l
	l.logLink(slog.LevelInfo, "connected", "peer", conn.RemoteAddr())
	l.engage()
	for _, waiter := range l.waiters {
		waiter <- linkNews{conn: conn}
	}
	l.waiters = nil
}

// over is called when the connection has ended, or could not be made.
func (l *link) over(err error) {
	l.drop()
	l.logEnd(err)
	for _, o := range l.queue {
		o.failed = cmp.Or(o.failed, err)
		o.end()
	}
	for _, waiter := range l.waiters {
		waiter <- linkNews{err: err}
	}
	for _, r := range l.calls {
		if r != nil {
			l.endpoint.serving--
		}
	}
	l.queue, l.waiters, l.calls, l.free = nil, nil, nil, nil
	l.conn, l.arrivals = nil, nil // agents may remember the link
}

// drop forgets the link.
func (l *link) drop() {
	l.gone = true
	if e := l.endpoint; e.links[l.name] == l {
		delete(e.links, l.name)
	}
}

// engage has what is sent leave at the end of the turn.
func (l *link) engage() {
	if !l.engaged {
		l.engaged = true
		l.endpoint.engaged = append(l.endpoint.engaged, l)
	}
	if !l.corked && l.conn != nil {
		l.corked = true
		l.conn.Cork()
	}
}

// turnEnds sends what has been left to the end of the turn.
func (l *link) turnEnds() {
	l.engaged = false
	if l.conn == nil {
		return
	}
	l.flush()
	for i, o := range l.queue {
		l.queue[i] = nil
		o.end()
	}
	l.queue = l.queue[:0]
	l.corked = false
	l.conn.Uncork()
}

// batch is what has come over a connection at once, in its order.
type batch struct {
	link  *link
	items []arrival
	args  []any // of items
}

// arrival is a call, or the end of a call of ours.
type arrival struct {
	in  inCall // request is nil if it is not a call
	out *outCall
}

var batches = sync.Pool{New: func() any { return new(batch) }}

func newBatch() *batch { return batches.Get().(*batch) }

// deliver hands what has gathered to the loop.
func (l *link) deliver() {
	b := l.arrivals
	if len(b.items) == 0 {
		return
	}
	l.arrivals = newBatch()
	b.link = l
	l.endpoint.traffic.Add(l.traffic)
	l.traffic = 0
	if e := l.endpoint; e.service == nil && !e.cfg.Extended {
		e.clock.bring(b)
	} else { // the connection is to be read while agents work: for services, or for signs of life
		e.clock.enter(b)
	}
}

func (b *batch) visit() {
	for i := range b.items {
		if in := &b.items[i].in; in.request != nil {
			b.link.use(in.request.Conn())
			b.link.serve(in)
		} else {
			b.link.waiting--
			b.items[i].out.end()
		}
	}
	b.release()
}

func (b *batch) refuse(why error) {
	for i := range b.items {
		if r := b.items[i].in.request; r != nil {
			refuse(r, why)
		}
	}
	b.release()
}

func (b *batch) release() {
	clear(b.items)
	clear(b.args)
	b.link, b.items, b.args = nil, b.items[:0], b.args[:0]
	batches.Put(b)
}
