package channel

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"sync"
	"syscall"
	"time"
)

// A Listener accepts connections. While the process has no file left for one more,
// those who want to connect wait.
type Listener struct {
	cfg    Config
	scheme string
	secure bool
	l      net.Listener
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
	wg     sync.WaitGroup
	err    error // why accepting ended; set before conns is closed
}

// Listen listens on addr, in the forms of Dial. Port 0 stands for any free port;
// Addr tells which one it is. A Unix socket that a process left behind when it
// was killed is replaced; one on which somebody listens is not. Connections get
// cfg.
func Listen(addr string, cfg Config) (*Listener, error) {
	a, err := parseAddress(addr)
	if err != nil {
		return nil, err
	}
	secure, err := secured(a, cfg.TLS)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", addr, err)
	}
	var nl net.Listener
	switch a.scheme {
	case "local":
		nl, err = listenLocal(a.rest)
	case "ipc":
		nl, err = listenUnix(a.rest)
	default:
		nl, err = net.Listen("tcp", a.rest)
	}
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", addr, plain(err))
	}
	return newListener(nl, cfg, a.scheme, secure), nil
}

func newListener(nl net.Listener, cfg Config, scheme string, secure bool) *Listener {
	l := &Listener{cfg: cfg, scheme: scheme, secure: secure, l: nl, conns: make(chan net.Conn), closed: make(chan struct{})}
	l.wg.Go(l.accept)
	return l
}

// accept hands over connections until the listener is closed or fails.
func (l *Listener) accept() {
	defer close(l.conns)
	for pause := firstPause; ; {
		nc, err := l.l.Accept()
		if err != nil && outOfResources(err) && l.sleep(pause) {
			pause = min(2*pause, longestPause)
			continue
		}
		if err != nil {
			l.err = err
			return
		}
		pause = firstPause
		select {
		case l.conns <- nc:
		case <-l.closed:
			_ = nc.Close() // nobody wants it
		}
	}
}

// outOfResources reports whether accepting failed for want of something that may be
// free again later, such as files that connections have open.
func outOfResources(err error) bool {
	for _, want := range []syscall.Errno{syscall.EMFILE, syscall.ENFILE, syscall.ENOBUFS, syscall.ENOMEM} {
		if errors.Is(err, want) {
			return true
		}
	}
	return false
}

// sleep waits for a time, and reports whether the listener is still open then.
func (l *Listener) sleep(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-l.closed:
		return false
	}
}

// Addr returns the address in a form that Dial takes, with the real port.
func (l *Listener) Addr() string { return formatAddress(l.scheme, l.l.Addr()) }

// Accept waits for the next connection, which belongs to the caller. Its error is
// ErrClosed after Close, the cause of ctx, or that of the system. A TLS handshake
// takes place after Accept; if it fails the connection ends.
func (l *Listener) Accept(ctx context.Context) (*Conn, error) { return l.AcceptWith(ctx, l.cfg) }

// AcceptWith is Accept with another Config for this connection. It has no effect
// on TLS.
func (l *Listener) AcceptWith(ctx context.Context, cfg Config) (*Conn, error) {
	var err error
	select {
	case nc, ok := <-l.conns:
		if ok {
			if l.secure {
				nc = tls.Server(nc, l.cfg.TLS.server())
			}
			return New(nc, cfg), nil
		}
		err = l.err
	case <-ctx.Done():
		err = context.Cause(ctx)
	}
	select {
	case <-l.closed:
		err = ErrClosed // whatever else has ended
	default:
	}
	return nil, fmt.Errorf("accept on %s: %w", l.Addr(), err)
}

// Close stops listening, removes the file of a Unix socket and waits until the
// listener's goroutine is gone. Accepted connections stay open. Closing again is
// harmless.
func (l *Listener) Close() error {
	var err error
	l.once.Do(func() {
		close(l.closed)
		err = l.l.Close()
	})
	l.wg.Wait()
	return err
}
