package channel

import (
	"context"
	"fmt"
	"net"
	"sync"
)

// Dial connects to addr, which is tcp://host:port, host:port, ipc://path or
// ipc://[path]. It tries once.
func Dial(ctx context.Context, addr string, cfg Config) (*Conn, error) {
	network, address, err := parseAddress(addr)
	if err != nil {
		return nil, err
	}
	var d net.Dialer
	nc, err := d.DialContext(ctx, network, address)
	if err != nil {
		return nil, fmt.Errorf("connect to %s: %w", addr, plain(err))
	}
	return New(nc, cfg), nil
}

// A Listener accepts connections.
type Listener struct {
	cfg    Config
	l      net.Listener
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
	wg     sync.WaitGroup
	err    error // why accepting ended; set before conns is closed
}

// Listen listens on addr, in the forms of Dial. Port 0 stands for any free port;
// Addr tells which one it is. Connections get cfg.
func Listen(addr string, cfg Config) (*Listener, error) {
	network, address, err := parseAddress(addr)
	if err != nil {
		return nil, err
	}
	nl, err := net.Listen(network, address)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", addr, plain(err))
	}
	l := &Listener{cfg: cfg, l: nl, conns: make(chan net.Conn), closed: make(chan struct{})}
	l.wg.Go(l.accept)
	return l, nil
}

// accept hands over connections until the listener is closed or fails.
func (l *Listener) accept() {
	defer close(l.conns)
	for {
		nc, err := l.l.Accept()
		if err != nil {
			l.err = err
			return
		}
		select {
		case l.conns <- nc:
		case <-l.closed:
			_ = nc.Close() // nobody wants it
		}
	}
}

// Addr returns the address in a form that Dial takes, with the real port.
func (l *Listener) Addr() string { return formatAddress(l.l.Addr()) }

// Accept waits for the next connection, which belongs to the caller. Its error is
// ErrClosed after Close, the cause of ctx, or that of the system.
func (l *Listener) Accept(ctx context.Context) (*Conn, error) {
	select {
	case nc, ok := <-l.conns:
		if ok {
			return New(nc, l.cfg), nil
		}
	case <-ctx.Done():
		return nil, fmt.Errorf("accept on %s: %w", l.Addr(), context.Cause(ctx))
	}
	select {
	case <-l.closed:
		return nil, fmt.Errorf("accept on %s: %w", l.Addr(), ErrClosed)
	default:
		return nil, fmt.Errorf("accept on %s: %w", l.Addr(), l.err)
	}
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
