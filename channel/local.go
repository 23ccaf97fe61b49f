package channel

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"sync"
)

// locals are the listeners on local:// addresses of this process, by name.
var locals = struct {
	sync.Mutex
	byName map[string]*localListener
}{byName: map[string]*localListener{}}

// A localListener is a net.Listener in memory. Its connections are pipes, whose
// bytes have no buffer: what one side writes the other reads in the same order,
// and connections are accepted in the order in which they were made.
type localListener struct {
	name   localAddr
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func listenLocal(name string) (net.Listener, error) {
	locals.Lock()
	defer locals.Unlock()
	if locals.byName[name] != nil {
		return nil, errors.New("the name is taken in this process")
	}
	l := &localListener{name: localAddr(name), conns: make(chan net.Conn), closed: make(chan struct{})}
	locals.byName[name] = l
	return l, nil
}

func dialLocal(ctx context.Context, name string) (net.Conn, error) {
	locals.Lock()
	l := locals.byName[name]
	locals.Unlock()
	if l == nil {
		return nil, fmt.Errorf("nobody in this process listens there: %w", fs.ErrNotExist)
	}
	a, b := net.Pipe()
	select {
	case l.conns <- localConn{b, l.name}:
		return localConn{a, l.name}, nil
	case <-l.closed:
		return nil, fmt.Errorf("nobody in this process listens there any more: %w", fs.ErrNotExist)
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

func (l *localListener) Accept() (net.Conn, error) {
	select {
	case nc := <-l.conns:
		return nc, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *localListener) Close() error {
	l.once.Do(func() {
		locals.Lock()
		defer locals.Unlock()
		delete(locals.byName, string(l.name))
		close(l.closed)
	})
	return nil
}

func (l *localListener) Addr() net.Addr { return l.name }

// A localConn is one end of a connection in memory.
type localConn struct {
	net.Conn
	name localAddr
}

func (c localConn) LocalAddr() net.Addr  { return c.name }
func (c localConn) RemoteAddr() net.Addr { return c.name }

type localAddr string

func (localAddr) Network() string  { return "local" }
func (a localAddr) String() string { return string(a) }
