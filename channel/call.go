package channel

import (
	"context"
	"sync/atomic"

	"github.com/simrun/simrun/codec"
)

// A Pending is a request that has been sent. Not waiting for it is harmless: its
// reply is then dropped.
type Pending struct {
	conn  *Conn
	id    uint64
	state atomic.Int32
	wake  chan struct{} // closed when done; made by the first who waits
	reply codec.Raw     // valid, as err is, when done
	err   error
}

// The states of a Pending.
const (
	pendingOpen    = iota
	pendingWaiting // wake is set
	pendingDone
)

// completed is a Pending as the channel sees it.
type completed Pending

func (p *completed) Complete(reply codec.Raw, err error) {
	p.reply, p.err = reply, err
	if p.state.Swap(pendingDone) == pendingWaiting {
		close(p.wake)
	}
}

// single is what a Call needs. It is used again and again, on the same connection.
type single struct {
	draft draft
	reply codec.Raw
	err   error
	wake  chan struct{} // gets a token when reply and err are set
}

func newSingle() any { return &single{wake: make(chan struct{}, 1)} }

func (s *single) Complete(reply codec.Raw, err error) {
	s.reply, s.err = reply, err
	s.wake <- struct{}{} // has room
}

// Call sends a request and waits for its reply. The error is a *RemoteError if
// the peer replied with a failure, the cause of ctx if that ended first, or what
// Start returns.
func (c *Conn) Call(ctx context.Context, content any) (codec.Raw, error) {
	s := c.singles.Get().(*single)
	var reply codec.Raw
	err := s.draft.add(c.cfg.Codec, content)
	if err == nil {
		var id uint64
		if id, err = c.start(ctx, &s.draft, s); err == nil {
			c.await(ctx, s.wake, id, s)
			reply, err = s.reply, s.err
		}
	}
	// Nobody else knows it now: it is answered, given up or was never sent.
	s.draft.reset()
	s.reply, s.err = nil, nil
	c.singles.Put(s)
	return reply, err
}

// Start sends requests in one write, in order, and does not wait for replies. It
// waits while too much is already waiting to be written. If it fails, none of the
// requests is sent; the error is that of the codec, a *FrameTooLargeError,
// ErrTooManyCalls, the reason why the connection ended, or the cause of ctx.
//
// Contents are encoded before Start returns.
func (c *Conn) Start(ctx context.Context, contents ...any) ([]*Pending, error) {
	d := c.drafts.Get().(*draft)
	defer c.discard(d)
	calls := make([]Pending, len(contents))
	pending := make([]*Pending, len(contents))
	to := make([]Completer, len(contents))
	for i, content := range contents {
		if err := d.add(c.cfg.Codec, content); err != nil {
			return nil, err
		}
		pending[i], to[i] = &calls[i], (*completed)(&calls[i])
	}
	if err := c.out.lock(ctx); err != nil {
		return nil, err
	}
	first, err := c.begin(d, to...)
	for i := range calls {
		calls[i].conn, calls[i].id = c, first+uint64(i)
	}
	c.out.unlock(c.waiting.Load() == int64(len(calls)))
	if err != nil {
		return nil, err
	}
	return pending, nil
}

// Go is Start for one request.
func (c *Conn) Go(ctx context.Context, content any) (*Pending, error) {
	d := c.drafts.Get().(*draft)
	defer c.discard(d)
	if err := d.add(c.cfg.Codec, content); err != nil {
		return nil, err
	}
	p := &Pending{conn: c}
	id, err := c.start(ctx, d, (*completed)(p))
	if err != nil {
		return nil, err
	}
	p.id = id
	return p, nil
}

// start sends the content of d as a request, once there is room.
func (c *Conn) start(ctx context.Context, d *draft, to Completer) (id uint64, err error) {
	if err := c.out.lock(ctx); err != nil {
		return 0, err
	}
	id, err = c.begin(d, to)
	c.out.unlock(c.waiting.Load() == 1)
	return id, err
}

// begin puts requests with the contents of d into the outbox, which must be
// locked, and opens their calls, the ids of which count up from first. On an
// error nothing is changed.
func (c *Conn) begin(d *draft, to ...Completer) (first uint64, err error) {
	o := &c.out
	if o.closed {
		return 0, c.Err()
	}
	if o.calls.len()+len(to) > MaxOpenCalls {
		return 0, ErrTooManyCalls
	}
	start := len(o.buf)
	for i := range to {
		if err := c.append(outgoing{typ: typeRequest, number: o.nextID + uint64(i), content: d.content(i)}); err != nil {
			o.buf = o.buf[:start]
			return 0, err
		}
	}
	first = o.nextID
	for i, to := range to {
		o.calls.put(first+uint64(i), to)
	}
	o.nextID += uint64(len(to))
	c.waiting.Add(int64(len(to)))
	c.wakeReader()
	if c.errand.underWay.Load() { // after waiting has risen: see leave
		c.relieve()
	}
	c.sent(start)
	return first, nil
}

func (c *Conn) discard(d *draft) {
	d.reset()
	c.drafts.Put(d)
}

// Wait waits for the reply. The error is a *RemoteError if the peer replied with
// a failure, or the reason why the connection ended. If ctx ends first, the call
// is given up: Wait returns the cause of ctx, now and when called again.
func (p *Pending) Wait(ctx context.Context) (codec.Raw, error) {
	if p.state.Load() != pendingDone {
		p.conn.await(ctx, p.waiter(), p.id, (*completed)(p))
	}
	return p.reply, p.err
}

// waiter returns what is closed when p is done.
func (p *Pending) waiter() <-chan struct{} {
	p.conn.out.mu.Lock() // many may wait
	defer p.conn.out.mu.Unlock()
	if p.wake == nil {
		p.wake = make(chan struct{})
		if !p.state.CompareAndSwap(pendingOpen, pendingWaiting) {
			close(p.wake)
		}
	}
	return p.wake
}

// await waits until wake is told that the call is complete. When ctx ends first
// the call is given up.
func (c *Conn) await(ctx context.Context, wake <-chan struct{}, id uint64, to Completer) {
	ended := ctx.Done()
	if ended == nil {
		<-wake
		return
	}
	select {
	case <-wake:
	case <-ended:
		c.giveUp(id, to, context.Cause(ctx))
		<-wake
	}
}

// giveUp completes a call without a reply, unless the reply has just come.
func (c *Conn) giveUp(id uint64, to Completer, cause error) {
	c.out.mu.Lock()
	is, _ := c.out.calls.get(id)
	if is == to {
		c.out.calls.giveUp(id) // the reply, when it comes, is known and dropped
	}
	c.out.mu.Unlock()
	if is == to {
		c.waiting.Add(-1)
		to.Complete(nil, cause)
	}
}
