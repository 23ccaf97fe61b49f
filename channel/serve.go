package channel

import (
	"encoding/binary"
	"fmt"

	"github.com/simrun/simrun/codec"
)

// request is a request of the peer, or a one-way message of it.
type request struct {
	id      codec.Raw // nil: nobody expects a reply
	content codec.Raw
}

// maxIdle is how many goroutines of a connection wait for further requests.
const maxIdle = 8

// admit counts a request of the peer, and reports whether it did. At the limit it
// first waits for room, or else refuses the request.
func (c *Conn) admit(r request) (admitted bool, err error) {
	if c.full() {
		c.waitForRoom()
	}
	switch {
	case !c.full():
		c.serving.Add(1) // only this goroutine adds
		c.load.Add(int64(len(r.content)))
		return true, nil
	case c.Err() != nil:
		return false, nil
	case r.id == nil:
		return false, ErrFlooded
	}
	return false, c.refuse(r)
}

// refuse answers a request that was not admitted.
func (c *Conn) refuse(r request) error {
	if err := c.out.lock(c.ctx); err != nil {
		return err
	}
	if start := len(c.out.buf); !c.out.closed {
		c.fail(r.id, &RemoteError{Type: "RuntimeError", Message: "too many requests are open on this connection; send it again later"})
		c.sent(start)
	}
	c.out.unlock(false)
	return nil
}

// full reports whether the limit on requests is reached.
func (c *Conn) full() bool {
	return c.serving.Load() >= int64(c.cfg.MaxRequests) || c.load.Load() >= c.maxLoad
}

// waitForRoom waits while the limit on requests is reached, which slows the peer
// down, unless this side waits for replies itself: they could not be read.
func (c *Conn) waitForRoom() {
	if c.corked { // nothing is held back while the reader waits
		c.cork(false)
		defer c.cork(true)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.blocked.Store(true)
	for c.full() && c.waiting.Load() == 0 && c.reason.Load() == nil {
		c.room.Wait()
	}
	c.blocked.Store(false)
}

// served takes back what has been counted.
func (c *Conn) served(requests int, load int64) {
	c.load.Add(-load)
	c.serving.Add(int64(-requests))
	c.wakeReader()
}

// wakeReader is called when serving, and with it load, has fallen or waiting has risen.
func (c *Conn) wakeReader() {
	if c.blocked.Load() {
		c.mu.Lock()
		c.room.Signal()
		c.mu.Unlock()
	}
}

// enqueue puts requests into the queue of those to be handled. With wake a goroutine
// is woken up that does so.
func (c *Conn) enqueue(requests []request, wake bool) {
	if len(requests) == 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.reason.Load() != nil {
		c.serving.Add(int64(-len(requests)))
		return
	}
	for _, r := range requests {
		c.queue.push(r)
	}
	if wake {
		c.wake()
	}
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
	var d draft
	c.mu.Lock()
	defer c.mu.Unlock()
	for {
		c.coming = false
		c.handleAll(&d)
		c.running--
		if c.reason.Load() != nil || c.idle >= maxIdle {
			return
		}
		c.idle++
		for c.called == 0 && c.reason.Load() == nil {
			c.work.Wait()
		}
		if c.called == 0 {
			return
		}
		c.called--
	}
}

// handleAll handles requests until there are none. c.mu must be held; it is not
// while a request is handled.
func (c *Conn) handleAll(d *draft) {
	for c.queue.len() > 0 {
		r := c.queue.pop()
		if c.queue.len() > 0 {
			c.wake()
		}
		c.mu.Unlock()
		result, err := c.cfg.Handler(c.ctx, c, r.content)
		c.reply(d, r, result, err)
		c.mu.Lock()
	}
}

// reply sends the outcome of a request, without waiting. The request counts until
// its reply is not among too much that waits to be written. Once the connection
// has ended nothing is sent. d is room for the result.
func (c *Conn) reply(d *draft, r request, result any, err error) {
	load := int64(len(r.content))
	if r.id == nil {
		c.served(1, load)
		return
	}
	if err == nil {
		if err = d.add(c.cfg.Codec, result); err != nil {
			err = fmt.Errorf("its result: %w", err)
		}
	}
	o := &c.out
	o.mu.Lock()
	start := len(o.buf)
	if !o.closed {
		if err == nil {
			err = c.append(outgoing{typ: typeResult, echo: r.id, content: d.buf})
		}
		if err != nil {
			c.fail(r.id, err)
		}
		c.sent(start)
	}
	alone := c.serving.Load() == 1
	if len(o.buf) >= maxUnwritten {
		answer := int64(len(o.buf) - start)
		o.owed++
		o.load += answer
		c.load.Add(answer - load)
	} else {
		c.served(1, load)
	}
	o.unlock(alone)
	d.reset()
}

// fail puts a failure into the outbox, which must be locked.
func (c *Conn) fail(id codec.Raw, err error) {
	if c.appendFailure(id, err) != nil {
		_ = c.appendFailure(id, &RemoteError{Type: "SerializationError", Message: "the failure cannot be sent"}) // a short ASCII text always fits
	}
}

func (c *Conn) appendFailure(id codec.Raw, err error) error {
	content, err := c.cfg.Codec.Append(nil, c.cfg.Failure(err))
	if err != nil {
		return err
	}
	return c.append(outgoing{typ: typeFailure, echo: id, content: content})
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
