package rpc

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"

	"github.com/simrun/simrun/channel"
)

// A Listener accepts connections.
type Listener struct {
	*channel.Listener
	cfg Config

	mu    sync.Mutex
	conns map[*Conn]bool // of Serve, open ones
}

// Listen listens on addr, see channel.Listen. Connections get cfg.
func Listen(addr string, cfg Config) (*Listener, error) {
	l, err := channel.Listen(addr, cfg.Config)
	if err != nil {
		return nil, err
	}
	return &Listener{Listener: l, cfg: cfg, conns: map[*Conn]bool{}}, nil
}

// Accept waits for the next connection, see channel.Listener.Accept.
func (l *Listener) Accept(ctx context.Context) (*Conn, error) {
	return newConn(l.cfg, "", func(cfg channel.Config) (*channel.Conn, error) { return l.AcceptWith(ctx, cfg) })
}

// Serve accepts connections until ctx ends or the Listener is closed, and then
// closes those that are open. connected, if not nil, is told of each one. The
// error is nil after Close, or else that of Accept.
func (l *Listener) Serve(ctx context.Context, connected func(*Conn)) error {
	var wg sync.WaitGroup
	defer func() {
		for _, c := range l.Conns() {
			_ = c.Close() // always nil
		}
		wg.Wait()
	}()
	for {
		c, err := l.Accept(ctx)
		if errors.Is(err, channel.ErrClosed) {
			return nil
		}
		if err != nil {
			return err
		}
		l.mu.Lock()
		l.conns[c] = true
		l.mu.Unlock()
		wg.Go(func() {
			<-c.ch.Done()
			_ = c.Close() // waits for the handlers
			l.mu.Lock()
			defer l.mu.Unlock()
			delete(l.conns, c)
		})
		if connected != nil {
			connected(c)
		}
	}
}

// Conns returns the connections that Serve has accepted and that are open, in no
// particular order.
func (l *Listener) Conns() []*Conn {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Collect(maps.Keys(l.conns))
}
