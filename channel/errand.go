package channel

import (
	"sync/atomic"
	"time"
)

// An errand is what the reader does while it handles requests itself. With one
// worker that is the quickest: nobody has to be woken up, and there is nothing else
// to do meanwhile, as long as this side does not wait for a reply and the handler
// does not take long. Then another goroutine relieves the reader, that is, reads
// on. Conn.mu guards all of it.
type errand struct {
	underWay atomic.Bool // also read without the lock
	corked   bool        // the answers are to leave together

	begun  uint64      // how often it has begun
	seen   uint64      // by patrol
	patrol *time.Timer // nil: not made yet
	armed  bool        // patrol is on its way
}

// patrolTime is how long the reader may be away, twice that at most: as long as it
// takes to notice that the connection has ended in the middle of a request, and
// how long an answer may wait for the next one.
const patrolTime = 5 * time.Millisecond

// attend has requests handled that enqueue has put aside, by the reader, which
// calls it, or by another goroutine. It reports whether the caller is still the
// reader.
func (c *Conn) attend(d *draft) bool {
	if c.serving.Load() == 0 || !c.leave() {
		return true
	}
	c.mu.Lock()
	c.handleAll(d)
	c.running--
	stays, corked := c.errand.underWay.Swap(false), c.errand.corked
	c.errand.corked = false
	c.mu.Unlock()
	if stays && corked {
		c.Uncork()
	}
	return stays
}

// leave begins an errand if that is possible.
func (c *Conn) leave() bool {
	c.out.mu.Lock()
	defer c.out.mu.Unlock()
	c.mu.Lock()
	defer c.mu.Unlock()
	requests := c.queue.len()
	if requests == 0 || c.running > 0 {
		return false // whoever is at work takes them
	}
	e := &c.errand
	e.underWay.Store(true) // before the look at waiting: see begin
	if c.waiting.Load() > 0 {
		e.underWay.Store(false)
		c.wake()
		return false
	}
	c.running++
	e.begun++
	if e.corked = requests > 1; e.corked {
		c.out.corks++
	}
	if !e.armed {
		e.armed, e.seen = true, e.begun
		if e.patrol == nil {
			e.patrol = time.AfterFunc(patrolTime, c.lookAfterReader)
		} else {
			e.patrol.Reset(patrolTime)
		}
	}
	return true
}

// relieve lets another goroutine read on if the reader is on an errand. The outbox
// must be locked.
func (c *Conn) relieve() {
	c.mu.Lock()
	defer c.mu.Unlock()
	e := &c.errand
	if !e.underWay.Swap(false) {
		return
	}
	if e.corked {
		e.corked = false
		c.out.corks--
	}
	c.wg.Go(c.readOn) // the reader has not ended
}

// lookAfterReader relieves the reader if it is on the same errand as last time. It
// comes again as long as there are errands.
func (c *Conn) lookAfterReader() {
	c.out.mu.Lock()
	defer c.out.unlock(true)
	if c.patrolAgain() {
		return
	}
	c.relieve()
}

func (c *Conn) patrolAgain() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	e := &c.errand
	if e.armed = e.begun != e.seen && c.reason.Load() == nil; e.armed {
		e.seen = e.begun
		e.patrol.Reset(patrolTime)
	}
	return e.armed
}
