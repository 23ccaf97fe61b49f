package channel

import (
	"context"

	"github.com/simrun/simrun/codec"
)

// A Pending is a request that has been sent. Not waiting for it is harmless: its
// reply is then dropped.
type Pending struct {
	conn  *Conn
	id    uint64
	done  chan struct{} // closed when reply and err are set
	reply codec.Raw
	err   error
}

// Call sends a request and waits for its reply. The error is a *RemoteError if
// the peer replied with a failure, the cause of ctx if that ended first, or what
// Start returns.
func (c *Conn) Call(ctx context.Context, content any) (codec.Raw, error) {
	var (
		contents = [...]any{content}
		pending  [1]*Pending
	)
	if err := c.start(ctx, contents[:], pending[:]); err != nil {
		return nil, err
	}
	return pending[0].Wait(ctx)
}

// Start sends requests in one write, in order, and does not wait for replies. It
// waits while too much is already waiting to be written. If it fails, none of the
// requests is sent; the error is that of the codec, a *FrameTooLargeError,
// ErrTooManyCalls, the reason why the connection ended, or the cause of ctx.
//
// Contents are encoded before Start returns.
func (c *Conn) Start(ctx context.Context, contents ...any) ([]*Pending, error) {
	pending := make([]*Pending, len(contents))
	if err := c.start(ctx, contents, pending); err != nil {
		return nil, err
	}
	return pending, nil
}

// start is Start with the result in pending.
func (c *Conn) start(ctx context.Context, contents []any, pending []*Pending) error {
	if err := c.out.lock(ctx); err != nil {
		return err
	}
	defer c.out.unlock()
	if err := c.register(pending); err != nil {
		return err
	}
	start := len(c.out.buf)
	for i, content := range contents {
		if err := c.append(outgoing{typ: typeRequest, number: pending[i].id, content: content}); err != nil {
			c.out.buf = c.out.buf[:start]
			c.unregister(pending)
			return err
		}
	}
	if c.cfg.OnFrame != nil {
		c.trace(start)
	}
	return nil
}

// append appends the frame of m to the outbox, which must be locked.
func (c *Conn) append(m outgoing) error {
	c.out.msg = m
	buf, err := appendFrame(c.out.buf, c.cfg.Codec, &c.out.msg, c.cfg.MaxFrame)
	c.out.buf, c.out.msg = buf, outgoing{}
	return err
}

// register makes open calls and puts them into pending. The outbox must be locked.
func (c *Conn) register(pending []*Pending) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.reason != nil {
		return c.reason
	}
	if len(c.calls)+len(pending) > MaxOpenCalls {
		return ErrTooManyCalls
	}
	for i := range pending {
		pending[i] = &Pending{conn: c, id: c.nextID, done: make(chan struct{})}
		c.calls[c.nextID] = pending[i]
		c.nextID++
	}
	c.waiting += len(pending)
	c.room.Broadcast()
	return nil
}

// unregister takes back calls that were not sent, with their ids. The outbox must
// be locked since register.
func (c *Conn) unregister(pending []*Pending) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.nextID -= uint64(len(pending))
	if c.reason != nil {
		return
	}
	for _, p := range pending {
		delete(c.calls, p.id)
	}
	c.waiting -= len(pending)
}

// resolve hands a reply to the call that it belongs to.
func (c *Conn) resolve(m incoming, payload []byte) error {
	id, err := c.cfg.Codec.Int(m.id)
	if err != nil {
		return protocolError(payload, "the id of a reply is not one of this side's requests")
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.reason != nil {
		return nil
	}
	p, open := c.calls[uint64(id)]
	if !open {
		return protocolError(payload, "a reply to request %d, which is unknown or was answered before", id)
	}
	delete(c.calls, uint64(id))
	if p == nil {
		return nil
	}
	c.waiting--
	if m.typ == typeFailure {
		p.finish(nil, remoteError(c.cfg.Codec, m.content))
	} else {
		p.finish(m.content, nil)
	}
	return nil
}

// finish sets the outcome. It is called once, with conn.mu held.
func (p *Pending) finish(reply codec.Raw, err error) {
	p.reply, p.err = reply, err
	close(p.done)
}

// Wait waits for the reply. The error is a *RemoteError if the peer replied with
// a failure, or the reason why the connection ended. If ctx ends first, the call
// is given up: Wait returns the cause of ctx, now and when called again.
func (p *Pending) Wait(ctx context.Context) (codec.Raw, error) {
	select {
	case <-p.done:
		return p.reply, p.err
	default:
	}
	select {
	case <-p.done:
	case <-ctx.Done():
		p.conn.giveUp(p, context.Cause(ctx))
	}
	return p.reply, p.err
}

// giveUp ends a call without a reply, unless the reply has just come.
func (c *Conn) giveUp(p *Pending, cause error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.calls[p.id] != p {
		return
	}
	c.calls[p.id] = nil // the reply, when it comes, is known and dropped
	c.waiting--
	p.finish(nil, cause)
}
