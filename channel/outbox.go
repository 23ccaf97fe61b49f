package channel

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"runtime"
	"sync"
	"time"
)

// outbox holds the frames that wait to be written, and the calls that wait for a
// reply. Senders append to it; the writer takes all there is, so that frames that
// are sent while a write is under way leave together in the next one. A sender
// that is alone writes itself, as far as that is possible without waiting.
type outbox struct {
	nc      net.Conn
	direct  *directWriter                  // nil if the connection cannot write without waiting
	timeout time.Duration                  // of the write of a piece
	served  func(requests int, load int64) // is told of what was owed

	mu      sync.Mutex
	buf     []byte
	spare   []byte        // memory for the next buf
	plain   []byte        // a payload before it is packed
	filled  *sync.Cond    // of mu: buf is no longer empty, or closed is set
	space   chan struct{} // closed when buf is taken; nil if nobody waits
	owed    int           // requests that count until buf is taken
	load    int64         // bytes of the answers to them, which also count
	corks   int           // while positive, buf is not taken before it is enough
	asleep  bool          // the writer waits for filled
	writing bool          // what was taken is being written
	closed  bool          // nothing more may be added
	failed  error         // of writeDirectly, for the writer: the socket tells of it only once

	nextID  uint64 // of this side's requests
	traffic Traffic
	calls   callTable
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
	if o.due() {
		if (alone || len(o.buf) >= enough) && o.direct != nil && !o.closed {
			o.writeDirectly()
		}
		o.wakeWriter()
	}
	o.mu.Unlock()
}

// due reports whether there is something to take.
func (o *outbox) due() bool {
	return len(o.buf) > 0 && !o.writing && (o.corks == 0 || len(o.buf) >= enough || o.closed)
}

// writeDirectly writes what goes without waiting. While it does so, o is not
// locked.
func (o *outbox) writeDirectly() {
	buf := o.take()
	o.mu.Unlock()
	n, err := o.direct.tryWrite(buf)
	o.mu.Lock()
	o.writing, o.failed = false, cmp.Or(o.failed, err)
	if n == len(buf) {
		o.spare = buf
		return
	}
	o.buf, o.spare = append(buf[:copy(buf, buf[n:])], o.buf...), o.buf
}

// take returns the frames, to be written; there is room again.
func (o *outbox) take() []byte {
	buf := o.buf
	if cap(o.spare) > keptBuffer {
		o.spare = nil
	}
	o.buf, o.spare, o.writing = o.spare[:0], nil, true
	o.release()
	return buf
}

// wakeWriter wakes the writer if it has something to do.
func (o *outbox) wakeWriter() {
	if o.asleep && (o.due() || o.closed && !o.writing) {
		o.asleep = false
		o.filled.Signal()
	}
}

// close lets nothing more in, and returns the calls that are open. What is in the
// outbox is still written if that is done soon.
func (o *outbox) close() (open callTable) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		return callTable{}
	}
	o.closed = true
	open, o.calls = o.calls, callTable{}
	o.wakeWriter()
	o.release()
	// A connection that cannot set a deadline is closed already.
	_ = o.nc.SetWriteDeadline(time.Now().Add(min(closeFlush, o.timeout)))
	return open
}

// release wakes the senders that wait for room, and the reader.
func (o *outbox) release() {
	if o.space != nil {
		close(o.space)
		o.space = nil
	}
	if o.owed > 0 {
		o.served(o.owed, o.load)
		o.owed, o.load = 0, 0
	}
}

// wait waits for frames and takes them all; written is what was taken before. It
// returns nil once o is closed and empty.
func (o *outbox) wait(written []byte) []byte {
	o.mu.Lock()
	defer o.mu.Unlock()
	if written != nil {
		o.writing, o.spare = false, written
	}
	for !o.due() {
		if o.closed && !o.writing {
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
	return o.take()
}

// write writes buf, and waits for at most the timeout for each piece of it.
func (o *outbox) write(buf []byte) error {
	if o.failed != nil {
		return o.failed
	}
	if o.direct != nil {
		n, err := o.direct.tryWrite(buf)
		if buf = buf[n:]; err != nil || len(buf) == 0 {
			return err
		}
	}
	for len(buf) > 0 {
		o.deadline(time.Now().Add(o.timeout))
		n, err := o.nc.Write(buf[:min(len(buf), writePiece)])
		if buf = buf[n:]; err != nil {
			return err
		}
	}
	if o.direct != nil {
		o.deadline(time.Time{}) // it would apply to tryWrite, too
	}
	return nil
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
		if buf = c.out.wait(buf); buf == nil {
			_ = c.nc.Close() // everything is written; nobody waits for this error
			return
		}
		if err := c.out.write(buf); err != nil {
			c.cannotWrite(err)
			return
		}
	}
}

// cannotWrite ends the connection. Before it was closed by the peer that may have sent
// replies, or, as a failure of TLS, why: that is still read, and tells more.
func (c *Conn) cannotWrite(err error) {
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		timer := time.NewTimer(closeFlush)
		defer timer.Stop()
		select {
		case <-c.done: // the reader has come to the end
		case <-timer.C:
		}
	}
	c.end(writeError(err, c.cfg.WriteTimeout), true)
}

func writeError(err error, timeout time.Duration) error {
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return fmt.Errorf("the peer has not read what was sent to it for %v (WriteTimeout)", timeout)
	}
	return readError(err, 0, 0, "header")
}
