package channel

import (
	"context"
	"errors"
	"fmt"
	"net"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/simrun/simrun/codec"
)

// A Conn is one end of a connection. See the package documentation.
type Conn struct {
	cfg    Config
	packer codec.Packer // the codec, if it packs
	nc     net.Conn
	in     frameReader

	ctx    context.Context // of handlers; ends with the connection
	cancel context.CancelCauseFunc
	wg     sync.WaitGroup // reader, writer and handlers

	out     outbox
	singles sync.Pool    // of *single
	drafts  sync.Pool    // of *draft
	waiting atomic.Int64 // calls that are open and were not given up
	serving atomic.Int64 // requests of the peer that were accepted and still count
	load    atomic.Int64 // bytes of these requests, or of answers among too much that waits to be written
	maxLoad int64        // from which on no more are accepted
	blocked atomic.Bool  // the reader waits for room
	block   []Request    // to be used by the reader
	corked  bool         // by the reader
	attends bool         // the reader handles requests, if it can

	delivering sync.Mutex // held while completers and receivers are called

	// Why the connection ended; nil while it is open. It is set while mu is held.
	reason atomic.Pointer[error]

	mu      sync.Mutex // may be taken while out.mu is held, not the reverse
	done    chan struct{}
	queue   requestQueue // accepted requests that no goroutine handles yet
	running int          // goroutines that handle requests or are on their way to the queue
	coming  bool         // one of them is on its way
	idle    int          // goroutines that wait for requests
	errand  errand
	called  int        // of those that waited: told to come, but not awake yet
	work    *sync.Cond // of mu: called rose, or the connection ended
	room    *sync.Cond // of mu: serving fell, waiting rose, or the connection ended
}

// New makes a connection of nc, which it owns from then on. It starts reading
// at once.
func New(nc net.Conn, cfg Config) *Conn { return newConn(nc, cfg, MaxUnanswered) }

func newConn(nc net.Conn, cfg Config, maxLoad int64) *Conn {
	c := &Conn{cfg: cfg.withDefaults(), nc: nc, maxLoad: maxLoad, done: make(chan struct{})}
	c.ctx, c.cancel = context.WithCancelCause(context.Background())
	c.room, c.work = sync.NewCond(&c.mu), sync.NewCond(&c.mu)
	c.singles.New, c.drafts.New = newSingle, func() any { return new(draft) }
	c.out.nc, c.out.direct, c.out.timeout = nc, newDirectWriter(nc), c.cfg.WriteTimeout
	c.out.served = c.served
	c.out.filled = sync.NewCond(&c.out.mu)
	c.in.limit = c.cfg.MaxFrame
	c.in.r = nc
	if runtime.GOMAXPROCS(0) > 1 {
		c.in.r = &patientReader{Reader: nc, direct: newDirectReader(nc), skip: 2}
	}
	c.attends = c.cfg.Workers == 1 && c.cfg.Receive == nil
	c.packer, _ = c.cfg.Codec.(codec.Packer)
	c.wg.Go(c.read)
	c.wg.Go(c.write)
	if c.cfg.KeepAlive > 0 {
		c.wg.Go(c.watch)
	}
	return c
}

// Codec returns the codec of the connection.
func (c *Conn) Codec() codec.Codec { return c.cfg.Codec }

// LocalAddr returns the address of this end.
func (c *Conn) LocalAddr() net.Addr { return c.nc.LocalAddr() }

// RemoteAddr returns the address of the peer's end.
func (c *Conn) RemoteAddr() net.Addr { return c.nc.RemoteAddr() }

// Done returns a channel that is closed when the connection has ended.
func (c *Conn) Done() <-chan struct{} { return c.done }

// Err returns why the connection ended, or nil while it is open.
func (c *Conn) Err() error {
	if reason := c.reason.Load(); reason != nil {
		return *reason
	}
	return nil
}

// Close ends the connection and waits until all its goroutines are gone,
// handlers included. Frames that wait to be written are written first, for at
// most a second. Open calls fail with ErrClosed. Closing again is harmless.
func (c *Conn) Close() error {
	c.end(ErrClosed, false)
	c.wg.Wait()
	return nil
}

// Abort ends the connection at once for the given reason, such as the death of
// the process at the other end. It does not wait and writes nothing more.
func (c *Conn) Abort(reason error) { c.end(reason, true) }

// end ends the connection for a reason, the first time it is called. With hard
// the socket is closed at once, otherwise after what is left has been written.
func (c *Conn) end(reason error, hard bool) {
	if c.setReason(reason) {
		open := c.out.close() // from now on nothing is sent
		close(c.done)
		c.cancel(c.Err())
		c.work.Broadcast()
		go func() { // not on the caller's goroutine
			defer c.wg.Done()
			c.completeAll(open)
		}()
	}
	if hard {
		_ = c.nc.Close() // the reason is known; that closing fails adds nothing
	}
	c.room.Broadcast() // the reader now finds a closed socket
}

// setReason sets why the connection has ended, unless that is known. If it did,
// there is one goroutine more to wait for.
func (c *Conn) setReason(reason error) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.reason.Load() != nil {
		return false
	}
	ended := fmt.Errorf("connection to %s: %w", c.peer(), reason)
	c.reason.Store(&ended)
	c.serving.Add(int64(-c.queue.drop(errors.Is(reason, ErrPeerClosed))))
	if c.errand.patrol != nil {
		c.errand.patrol.Stop()
	}
	c.wg.Add(1) // the reader has not ended: it sets a reason first
	return true
}

// peer names the other end. The connecting end of a Unix socket has no name; then
// the path of the listening end stands for both.
func (c *Conn) peer() string {
	if a, ok := c.nc.RemoteAddr().(localAddr); ok {
		return "local://" + string(a)
	}
	if name := c.nc.RemoteAddr().String(); name != "" && name != "@" {
		return name
	}
	return c.nc.LocalAddr().String()
}

// read receives frames until the connection ends.
func (c *Conn) read() {
	if err := c.handshake(); err != nil {
		c.end(err, true)
		return
	}
	c.readOn()
}

// readOn receives frames until the connection ends, or another goroutine does so.
func (c *Conn) readOn() {
	var b batch
	var d draft
	for {
		err := c.receive(&b)
		if err == nil && len(b.messages) < maxBatch && c.in.ready() {
			continue
		}
		if failed := c.deliver(&b); err == nil {
			err = failed
		}
		if err != nil {
			c.end(err, true)
		}
		if stays := !c.attends || c.attend(&d); !stays || err != nil {
			return
		}
	}
}

// next receives a frame and returns its payload, unpacked.
func (c *Conn) next() ([]byte, error) {
	payload, err := c.in.next()
	if err != nil {
		return nil, err
	}
	if c.cfg.OnFrame != nil {
		c.cfg.OnFrame(Received, payload)
	}
	if c.packer == nil {
		return payload, nil
	}
	unpacked, err := c.packer.Unpack(nil, payload, c.cfg.MaxFrame)
	if err != nil {
		return nil, protocolError(payload, "a payload is not packed as by %s: %v%s", c.packer.Name(), err, anotherCodec)
	}
	return unpacked, nil
}
