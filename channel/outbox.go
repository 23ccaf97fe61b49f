package channel

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"time"
)

// outbox holds the frames that wait to be written. Senders append to it; the
// writer takes all there is, so that frames that are sent while a write is under
// way leave together in the next one.
type outbox struct {
	nc      net.Conn
	timeout time.Duration // of one write

	mu     sync.Mutex
	buf    []byte
	msg    outgoing      // the message that is being appended
	filled *sync.Cond    // of mu: buf is no longer empty, or closed is set
	space  chan struct{} // closed when the writer takes buf; nil if nobody waits
	closed bool          // nothing more may be added
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

// unlock releases o and lets the writer know that there is something to write.
func (o *outbox) unlock() {
	if len(o.buf) > 0 {
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
	for len(o.buf) == 0 {
		if o.closed {
			return nil
		}
		o.filled.Wait()
	}
	buf := o.buf
	if cap(spare) > keptBuffer {
		spare = nil
	}
	o.buf = spare[:0]
	o.release()
	if !o.closed {
		_ = o.nc.SetWriteDeadline(time.Now().Add(o.timeout)) // as in close
	}
	return buf
}

// write writes frames until the connection ends, and then closes the socket.
func (c *Conn) write() {
	var buf []byte
	for {
		if buf = c.out.take(buf); buf == nil {
			_ = c.nc.Close() // everything is written; nobody waits for this error
			return
		}
		if _, err := c.nc.Write(buf); err != nil {
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
