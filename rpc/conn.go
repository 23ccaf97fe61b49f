package rpc

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"

	"github.com/simrun/simrun/channel"
	"github.com/simrun/simrun/codec"
)

// Config describes a connection. The zero Config is a JSON client that serves
// nothing.
type Config struct {
	// Config is that of the channel. Its Codec gets the types of the connection;
	// its Handler and its Receive are not used.
	channel.Config
	// Service is what the peer may call. Default: nothing.
	Service *Router
	// Receive, if set, is given the peer's calls, as channel.Config.Receive is given
	// requests. Then nothing of Service is called, but it can be passed.
	Receive func(*Incoming)
	// Types are the user's types that may be sent, with the numbers that they
	// have in this list; the peer's list must be equal. Proxies get the number
	// after the last one, as in aiomas, and then, between extended ends,
	// References.
	Types *codec.Types
}

// A Conn is one end of a connection over which both ends call each other.
type Conn struct {
	ch      *channel.Conn
	service *Router
	addr    string        // that was dialled; empty if the peer did
	made    chan struct{} // closed when ch is set
	once    sync.Once
	ctx     context.Context // of handlers: that of ch with the Conn in it
}

// Dial connects to addr, see channel.Dial.
func Dial(ctx context.Context, addr string, cfg Config) (*Conn, error) {
	return newConn(cfg, addr, func(cfg channel.Config) (*channel.Conn, error) { return channel.Dial(ctx, addr, cfg) })
}

// New makes a connection of nc, which it owns from then on.
func New(nc net.Conn, cfg Config) (*Conn, error) {
	return newConn(cfg, "", func(cfg channel.Config) (*channel.Conn, error) { return channel.New(nc, cfg), nil })
}

// newConn makes a Conn over the channel that open returns.
func newConn(cfg Config, addr string, open func(channel.Config) (*channel.Conn, error)) (*Conn, error) {
	c := &Conn{service: cfg.Service, addr: addr, made: make(chan struct{})}
	types, err := cfg.Types.With(c.proxyType())
	if err == nil && cfg.Extended {
		types, err = types.With(codec.Struct[Reference]())
	}
	if err != nil {
		return nil, err
	}
	if cfg.Codec == nil {
		cfg.Codec = codec.JSON
	}
	cfg.Codec = cfg.Codec.WithTypes(types)
	cfg.Handler, cfg.Config.Receive = nil, nil
	if receive := cfg.Receive; receive != nil {
		cfg.Config.Receive = func(r *channel.Request) { c.receive(receive, r) }
	} else if c.service != nil {
		cfg.Handler = c.handle
	}
	if c.ch, err = open(cfg.Config); err != nil {
		return nil, err
	}
	close(c.made)
	return c, nil
}

type connKey struct{}

// handle answers a request of the peer.
func (c *Conn) handle(ctx context.Context, ch *channel.Conn, content codec.Raw) (any, error) {
	c.once.Do(func() {
		<-c.made
		c.ctx = context.WithValue(ctx, connKey{}, c)
	})
	return c.service.serve(c.ctx, ch, c, content)
}

// Caller returns the root of the peer that made the call which is served with
// ctx. It returns the zero Proxy for another context.
func Caller(ctx context.Context) Proxy {
	c, _ := ctx.Value(connKey{}).(*Conn)
	return Proxy{conn: c}
}

// Remote returns the service of the peer.
func (c *Conn) Remote() Proxy { return Proxy{conn: c} }

// Channel returns the channel under the connection.
func (c *Conn) Channel() *channel.Conn { return c.ch }

// Close closes the channel, see channel.Conn.Close.
func (c *Conn) Close() error { return c.ch.Close() }

// proxyType lets services travel as their paths, and makes proxies of those that
// arrive.
func (c *Conn) proxyType() codec.Type {
	return codec.Fallback("rpc.Proxy", c.encodeService, func(data any) (any, error) {
		path, ok := data.(string)
		if !ok {
			return nil, fmt.Errorf("the path of a service is %v, which is no string", data)
		}
		return Proxy{conn: c, path: path}, nil
	})
}

func (c *Conn) encodeService(v any) (data any, ok bool, err error) {
	switch v := v.(type) {
	case *Router:
		if v == nil {
			return nil, false, nil
		}
		if c.service == nil {
			return nil, true, errors.New("this side of the connection serves nothing, so it cannot pass a service; set Config.Service")
		}
		want, _ := c.service.Path()
		root, path := v.Path()
		_, base := c.service.Path()
		rel, below := cutPath(path, base)
		if root != want || !below {
			return nil, true, fmt.Errorf("the service %q is not part of the one that this connection serves; mount it there first", path)
		}
		return rel, true, nil
	case Proxy:
		return nil, true, fmt.Errorf("a proxy (of %s) cannot be passed on; pass its Reference, which needs Extended ends", v)
	}
	return nil, false, nil
}

// cutPath cuts the beginning base off path.
func cutPath(path, base string) (rel string, below bool) {
	switch {
	case base == "":
		return path, true
	case path == base:
		return "", true
	case len(path) > len(base) && path[:len(base)] == base && path[len(base)] == '/':
		return path[len(base)+1:], true
	}
	return "", false
}
