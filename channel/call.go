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
	done  atomic.Bool   // reply and err are set, unless once
	wake  chan struct{} // told when done is set; nil if nobody has waited; guarded by conn.mu
	once  bool          // one goroutine waits, and once: wake gets a token instead of being closed
	reply codec.Raw
	err   error
}

// single holds the Pending of a Call and what Call needs beside it. It is used
// again and again, on the same connection.
type single struct {
	Pending
	contents [1]any
	pending  [1]*Pending
}

func newSingle() any {
	s := new(single)
	s.once, s.wake = true, make(chan struct{}, 1)
	s.pending[0] = &s.Pending
	return s
}

// Call sends a request and waits for its reply. The error is a *RemoteError if
// the peer replied with a failure, the cause of ctx if that ended first, or what
// Start returns.
func (c *Conn) Call(ctx context.Context, content any) (codec.Raw, error) {
	s := c.singles.Get().(*single)
	s.contents[0] = content
	err := c.start(ctx, s.contents[:], s.pending[:])
	var reply codec.Raw
	if err == nil {
		s.await(ctx)
		reply, err = s.reply, s.err
	}
	// Nobody else knows it now: it is answered, given up or was never sent.
	s.contents[0], s.reply, s.err = nil, nil, nil
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
	calls := make([]Pending, len(contents))
	pending := make([]*Pending, len(contents))
	for i := range calls {
		pending[i] = &calls[i]
	}
	if err := c.start(ctx, contents, pending); err != nil {
		return nil, err
	}
	return pending, nil
}

// Go is Start for one request.
func (c *Conn) Go(ctx context.Context, content any) (*Pending, error) {
	s := new(struct {
		Pending
		contents [1]any
		pending  [1]*Pending
	})
	s.contents[0], s.pending[0] = content, &s.Pending
	if err := c.start(ctx, s.contents[:], s.pending[:]); err != nil {
		return nil, err
	}
	s.contents[0] = nil
	return &s.Pending, nil
}

// start sends contents as the requests pending.
func (c *Conn) start(ctx context.Context, contents []any, pending []*Pending) error {
	if err := c.out.lock(ctx); err != nil {
		return err
	}
	alone, err := c.register(pending)
	if err != nil {
		c.out.unlock(false)
		return err
	}
	start := len(c.out.buf)
	for i, content := range contents {
		if err := c.append(outgoing{typ: typeRequest, number: pending[i].id, content: content}); err != nil {
			c.out.buf = c.out.buf[:start]
			c.unregister(pending)
			c.out.unlock(false)
			return err
		}
	}
	c.sent(start)
	c.out.unlock(alone && start == 0)
	return nil
}

// register makes open calls of pending, and says whether there are no others.
// The outbox must be locked.
func (c *Conn) register(pending []*Pending) (alone bool, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.reason != nil {
		return false, c.reason
	}
	if c.calls.len()+len(pending) > MaxOpenCalls {
		return false, ErrTooManyCalls
	}
	for _, p := range pending {
		p.conn, p.id = c, c.nextID
		c.calls.put(c.nextID, p)
		c.nextID++
	}
	c.waiting += len(pending)
	if c.blocked {
		c.room.Signal()
	}
	return c.waiting == len(pending), nil
}

// unregister takes back calls that were not sent, with their ids. The outbox must
// be locked since register.
func (c *Conn) unregister(pending []*Pending) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.nextID -= uint64(len(pending))
	if c.reason != nil {
		for _, p := range pending {
			if p.once {
				<-p.wake // the end of the connection has told it
			}
		}
		return
	}
	for _, p := range pending {
		c.calls.remove(p.id)
	}
	c.waiting -= len(pending)
}

// A reply is what the peer replied to one of this side's requests.
type reply struct {
	id      uint64
	content codec.Raw
	failure error
	payload []byte
}

// replyOf reads a result or a failure.
func (c *Conn) replyOf(m incoming, payload []byte) (reply, error) {
	id, err := c.cfg.Codec.Int(m.id)
	if err != nil {
		return reply{}, protocolError(payload, "the id of a reply is not one of this side's requests")
	}
	r := reply{id: uint64(id), content: m.content, payload: payload}
	if m.typ == typeFailure {
		r.failure, r.content = remoteError(c.cfg.Codec, m.content), nil
	}
	return r, nil
}

// resolve hands replies to the calls that they belong to.
func (c *Conn) resolve(b *batch) (err error) {
	b.calls = b.calls[:0]
	c.mu.Lock()
	for i := range b.replies {
		r := &b.replies[i]
		if c.reason != nil {
			break
		}
		p, open := c.calls.get(r.id)
		if !open {
			err = protocolError(r.payload, "a reply to request %d, which is unknown or was answered before", int64(r.id))
			break
		}
		c.calls.remove(r.id)
		if p == nil {
			continue
		}
		c.waiting--
		if p.once {
			p.reply, p.err = r.content, r.failure
			b.calls = append(b.calls, p)
		} else {
			p.finish(r.content, r.failure)
		}
	}
	c.mu.Unlock()
	for i, p := range b.calls {
		b.calls[i] = nil
		p.wake <- struct{}{} // has room
	}
	return err
}

// finish sets the outcome. It is called once, with conn.mu held.
func (p *Pending) finish(reply codec.Raw, err error) {
	p.reply, p.err = reply, err
	if p.once {
		p.wake <- struct{}{} // has room
		return
	}
	p.done.Store(true)
	if p.wake != nil {
		close(p.wake)
	}
}

// Wait waits for the reply. The error is a *RemoteError if the peer replied with
// a failure, or the reason why the connection ended. If ctx ends first, the call
// is given up: Wait returns the cause of ctx, now and when called again.
func (p *Pending) Wait(ctx context.Context) (codec.Raw, error) {
	if !p.done.Load() {
		p.conn.mu.Lock()
		if p.wake == nil && !p.done.Load() {
			p.wake = make(chan struct{})
		}
		p.conn.mu.Unlock()
	}
	if !p.done.Load() {
		p.await(ctx)
	}
	return p.reply, p.err
}

// await waits until wake is told.
func (p *Pending) await(ctx context.Context) {
	ended := ctx.Done()
	if ended == nil {
		<-p.wake
		return
	}
	select {
	case <-p.wake:
	case <-ended:
		p.giveUp(context.Cause(ctx))
		<-p.wake
	}
}

// giveUp ends a call without a reply, unless the reply has just come.
func (p *Pending) giveUp(cause error) {
	c := p.conn
	c.mu.Lock()
	defer c.mu.Unlock()
	if open, _ := c.calls.get(p.id); open != p {
		return
	}
	c.calls.giveUp(p.id) // the reply, when it comes, is known and dropped
	c.waiting--
	p.finish(nil, cause)
}
