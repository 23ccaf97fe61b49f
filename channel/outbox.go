package channel

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"runtime"
	"sync"
	"time"
)

// outbox holds the frames that wait to be written. Senders append to it; the
// writer takes all there is, so that frames that are sent while a write is under
// way leave together in the next one. A sender that is alone writes itself, as
// far as that is possible without waiting.
type outbox struct {
	nc      net.Conn
	direct  *directWriter // nil if the connection cannot write without waiting
	timeout time.Duration // of one write

	mu      sync.Mutex
	buf     []byte
	msg     outgoing      // the message that is being appended
	plain   []byte        // its payload before it is packed
	filled  *sync.Cond    // of mu: buf is no longer empty, or closed is set
	space   chan struct{} // closed when the writer takes buf; nil if nobody waits
	asleep  bool          // the writer waits for filled
	writing bool          // the writer is writing what it took
	closed  bool          // nothing more may be added
}

// lock locks o for adding frames, once there is room. Its error is the cause of
// ctx; o is then not locked.
func (o *outbox) lock(ctx context.Context) error {
	o.mu.Lock()
	for len(o.buf) >= maxUnwritten && !o.closed {
		if o.space == nil {
			o.space = make(chan struct{})
		}
		space := o.space
		o.mu.Unlock()
		select {
		case <-space:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		o.mu.Lock()
	}
	return nil
}

// unlock releases o and sees to it that what is in it gets written: by this
// goroutine if it is alone, because that is the quickest, or if much has gathered,
// so that the peer has something to do; or else by the writer, because it then
// takes what others add meanwhile.
func (o *outbox) unlock(alone bool) {
	if (alone || len(o.buf) >= enough) && len(o.buf) > 0 && !o.writing && o.direct != nil && !o.closed {
		n, _ := o.direct.tryWrite(o.buf) // the writer meets the same error
		o.buf = o.buf[:copy(o.buf, o.buf[n:])]
		o.release()
	}
	if len(o.buf) > 0 && o.asleep {
		o.asleep = false
		o.filled.Signal()
	}
	o.mu.Unlock()
}

// close lets nothing more in. What is in the outbox is still written if that is
// done soon.
func (o *outbox) close() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		return
	}
	o.closed = true
	o.asleep = false
	o.filled.Signal()
	o.release()
	// A connection that cannot set a deadline is closed already.
	_ = o.nc.SetWriteDeadline(time.Now().Add(min(closeFlush, o.timeout)))
}

// release wakes the senders that wait for room.
func (o *outbox) release() {
	if o.space != nil {
		close(o.space)
		o.space = nil
	}
}

// take waits for frames and takes them all, leaving spare as the new buffer. It
// returns nil once o is closed and empty.
func (o *outbox) take(spare []byte) []byte {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.writing = false
	for len(o.buf) == 0 {
		if o.closed {
			return nil
		}
		o.asleep = true
		for o.asleep {
			o.filled.Wait()
		}
		if !o.closed {
			// Whoever is about to send something gets the chance to.
			o.mu.Unlock()
			runtime.Gosched()
			o.mu.Lock()
		}
	}
	buf := o.buf
	if cap(spare) > keptBuffer {
		spare = nil
	}
	o.buf, o.writing = spare[:0], true
	o.release()
	return buf
}

// write writes buf, and waits for at most the timeout.
func (o *outbox) write(buf []byte) error {
	if o.direct != nil {
		n, err := o.direct.tryWrite(buf)
		if buf = buf[n:]; err != nil || len(buf) == 0 {
			return err
		}
	}
	o.deadline(time.Now().Add(o.timeout))
	_, err := o.nc.Write(buf)
	if o.direct != nil {
		o.deadline(time.Time{}) // it would apply to tryWrite, too
	}
	return err
}

// deadline sets the time until which a write may wait, unless close has.
func (o *outbox) deadline(t time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.closed {
		_ = o.nc.SetWriteDeadline(t) // as in close
	}
}

// write writes frames until the connection ends, and then closes the socket.
func (c *Conn) write() {
	var buf []byte
	for {
		if buf = c.out.take(buf); buf == nil {
			_ = c.nc.Close() // everything is written; nobody waits for this error
			return
		}
		if err := c.out.write(buf); err != nil {
			c.end(writeError(err, c.cfg.WriteTimeout), true)
			return
		}
	}
}

func writeError(err error, timeout time.Duration) error {
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return fmt.Errorf("the peer has not read what was sent to it for %v (WriteTimeout)", timeout)
	}
	return readError(err, 0, 0, "header")
}
