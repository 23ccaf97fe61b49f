package channel

import (
	"encoding/binary"

	"github.com/simrun/simrun/codec"
)

// request is a request of the peer, or a one-way message of it.
type request struct {
	id      codec.Raw // nil: nobody expects a reply
	content codec.Raw
}

// maxIdle is how many goroutines of a connection wait for further requests.
const maxIdle = 8

// accept takes requests of the peer. While the limit on requests is reached it
// waits, which slows the peer down, unless this side waits for replies itself:
// they could not be read, so requests are refused.
func (c *Conn) accept(requests []request) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, r := range requests {
		for c.serving >= c.cfg.MaxRequests && c.waiting == 0 && c.reason == nil {
			c.blocked = true
			c.room.Wait()
		}
		c.blocked = false
		switch {
		case c.reason != nil:
			return nil
		case c.serving < c.cfg.MaxRequests:
			c.serving++
			c.queue.push(r)
			c.wake()
		case r.id == nil:
			return ErrFlooded
		default:
			c.mu.Unlock()
			c.reply(r, nil, &RemoteError{Type: "RuntimeError", Message: "too many requests are open on this connection; send it again later"}, false)
			c.mu.Lock()
		}
	}
	return nil
}

// wake sees to it that a goroutine is on its way to the queue, unless as many as
// allowed are at work. One is enough: it wakes the next one before it handles a
// request, so that those behind never wait for a handler that blocks, yet many
// short requests are handled by few goroutines. c.mu must be held.
func (c *Conn) wake() {
	if c.coming || c.running >= c.cfg.Workers {
		return
	}
	c.coming = true
	c.running++
	if c.idle > 0 {
		c.idle--
		c.called++
		c.work.Signal()
		return
	}
	c.wg.Go(c.serve)
}

// serve handles requests until the connection ends, or enough others wait for
// requests.
func (c *Conn) serve() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for {
		c.coming = false
		for c.queue.len() > 0 {
			r := c.queue.pop()
			alone := c.serving == 1
			if c.queue.len() > 0 {
				c.wake()
			}
			c.mu.Unlock()
			result, err := c.cfg.Handler(c.ctx, c, r.content)
			if r.id != nil {
				c.reply(r, result, err, alone)
			}
			c.mu.Lock()
			c.serving--
			if c.blocked {
				c.room.Signal()
			}
		}
		c.running--
		if c.reason != nil || c.idle >= maxIdle {
			return
		}
		c.idle++
		for c.called == 0 && c.reason == nil {
			c.work.Wait()
		}
		if c.called == 0 {
			return
		}
		c.called--
	}
}

// reply sends the outcome of a request. Once the connection has ended it does
// nothing. What cannot be encoded becomes a failure.
func (c *Conn) reply(r request, result any, err error, alone bool) {
	if c.out.lock(c.ctx) != nil {
		return
	}
	if c.out.closed {
		c.out.unlock(false)
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
	c.sent(start)
	c.out.unlock(alone && start == 0)
}

// sent shows the frames from start on to the OnFrame hook. The outbox must be locked.
func (c *Conn) sent(start int) {
	if c.cfg.OnFrame == nil {
		return
	}
	for frames := c.out.buf[start:]; len(frames) > 0; {
		size := headerLen + int(binary.BigEndian.Uint32(frames))
		c.cfg.OnFrame(Sent, frames[headerLen:size])
		frames = frames[size:]
	}
}

// requestQueue is a first-in first-out queue that uses its memory again.
type requestQueue struct {
	ring  []request // of a length that is a power of two
	first int
	count int
}

func (q *requestQueue) len() int { return q.count }

func (q *requestQueue) push(r request) {
	if q.count == len(q.ring) {
		larger := make([]request, max(8, 2*len(q.ring)))
		n := copy(larger, q.ring[q.first:])
		copy(larger[n:], q.ring[:q.first])
		q.ring, q.first = larger, 0
	}
	q.ring[(q.first+q.count)&(len(q.ring)-1)] = r
	q.count++
}

func (q *requestQueue) pop() request {
	r := q.ring[q.first]
	q.ring[q.first] = request{} // lets its payload go
	q.first = (q.first + 1) & (len(q.ring) - 1)
	q.count--
	return r
}

// drop takes out the requests, which can no longer be answered, and says how many
// they were. One-way messages stay if they are still to be handled.
func (q *requestQueue) drop(keepMessages bool) (dropped int) {
	for range q.count {
		r := q.pop()
		if r.id == nil && keepMessages {
			q.push(r)
		} else {
			dropped++
		}
	}
	return dropped
}
