package channel

import (
	"encoding/binary"

	"github.com/simrun/simrun/codec"
)

// request is a request of the peer.
type request struct {
	id      codec.Raw
	content codec.Raw
}

// accept takes a request of the peer. While the limit on requests is reached it
// waits, which slows the peer down, unless this side waits for replies itself:
// they could not be read, so the request is refused.
func (c *Conn) accept(r request) error {
	c.mu.Lock()
	for c.serving >= c.cfg.MaxRequests && c.waiting == 0 && c.reason == nil {
		c.room.Wait()
	}
	switch {
	case c.reason != nil:
		c.mu.Unlock()
	case c.serving >= c.cfg.MaxRequests:
		c.mu.Unlock()
		c.reply(r, nil, &RemoteError{Type: "RuntimeError", Message: "too many requests are open on this connection; send it again later"})
	case c.running < c.cfg.Workers:
		c.serving++
		c.running++
		c.mu.Unlock()
		c.wg.Go(func() { c.serve(r) })
	default:
		c.serving++
		c.queue = append(c.queue, r)
		c.mu.Unlock()
	}
	return nil
}

// serve handles a request, and then those that have been queued.
func (c *Conn) serve(r request) {
	for more := true; more; r, more = c.nextRequest() {
		result, err := c.cfg.Handler(c.ctx, c, r.content)
		c.reply(r, result, err)
	}
}

// nextRequest counts a request as answered and takes another one to be handled.
func (c *Conn) nextRequest() (r request, more bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.serving--
	c.room.Broadcast()
	if len(c.queue) == 0 {
		c.running--
		c.queue = nil
		return request{}, false
	}
	r = c.queue[0]
	c.queue[0] = request{} // lets its payload go
	c.queue = c.queue[1:]
	return r, true
}

// reply sends the outcome of a request. Once the connection has ended it does
// nothing. What cannot be encoded becomes a failure.
func (c *Conn) reply(r request, result any, err error) {
	if c.out.lock(c.ctx) != nil {
		return
	}
	defer c.out.unlock()
	if c.out.closed {
		return
	}
	start := len(c.out.buf)
	m := outgoing{typ: typeResult, echo: r.id, content: result}
	if err == nil {
		err = c.append(m)
	}
	if err != nil {
		m.typ, m.content = typeFailure, c.cfg.Failure(err)
		if err = c.append(m); err != nil {
			m.content = c.cfg.Failure(&RemoteError{Type: "SerializationError", Message: "the failure cannot be sent"})
			_ = c.append(m) // a short ASCII text always fits
		}
	}
	if c.cfg.OnFrame != nil {
		c.trace(start)
	}
}

// trace shows the frames from start on to the OnFrame hook. The outbox must be locked.
func (c *Conn) trace(start int) {
	for frames := c.out.buf[start:]; len(frames) > 0; {
		size := headerLen + int(binary.BigEndian.Uint32(frames))
		c.cfg.OnFrame(Sent, frames[headerLen:size])
		frames = frames[size:]
	}
}
