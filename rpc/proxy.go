package rpc

import (
	"context"
	"errors"

	"github.com/simrun/simrun/channel"
	"github.com/simrun/simrun/codec"
)

// A Proxy stands for a service of the peer. Proxies of one service over one
// connection are equal (==).
type Proxy struct {
	conn *Conn
	path string
}

var errZeroProxy = errors.New("the zero Proxy stands for no service")

// Get returns the service, or the function, at path below p.
func (p Proxy) Get(path string) Proxy { return Proxy{p.conn, join(p.path, path)} }

// Path returns the path from the peer's root, which is empty for the root.
func (p Proxy) Path() string { return p.path }

// Conn returns the connection over which the service is reached, or nil for the
// zero Proxy.
func (p Proxy) Conn() *Conn { return p.conn }

// String names the peer and the path.
func (p Proxy) String() string {
	if p.conn == nil {
		return "no service"
	}
	return join(p.conn.ch.RemoteAddr().String(), p.path)
}

func join(path, name string) string {
	switch {
	case path == "":
		return name
	case name == "":
		return path
	}
	return path + "/" + name
}

// Call calls a function of the service, or, if name is empty, the function that p
// stands for. Kwargs as the last argument are keyword arguments. The result is
// decoded. The error is that of channel.Conn.Call, or of decoding.
func (p Proxy) Call(ctx context.Context, name string, args ...any) (any, error) {
	return Call[any](ctx, p, name, args...)
}

// Send calls a function without waiting for it to do anything, and without
// learning what it did. Both ends must be Extended.
func (p Proxy) Send(ctx context.Context, name string, args ...any) error {
	if p.conn == nil {
		return errZeroProxy
	}
	r := newRequest(p, name, args)
	defer r.release()
	return ofArgument(p.conn.ch.Send(ctx, &r.Request))
}

// Call calls as Proxy.Call does, and converts the result as codec.Convert does:
//
//	sum, err := rpc.Call[float64](ctx, proxy, "add", 3, 4)
func Call[R any](ctx context.Context, p Proxy, name string, args ...any) (R, error) {
	if p.conn == nil {
		var none R
		return none, errZeroProxy
	}
	r := newRequest(p, name, args)
	reply, err := p.conn.ch.Call(ctx, &r.Request)
	r.release()
	return resultAs[R](p.conn.ch.Codec(), reply, err)
}

// Begin calls a function as Call does, and has to told of the reply, which Decode
// takes. It does not wait, see channel.Conn.Begin.
func (p Proxy) Begin(to channel.Completer, name string, args ...any) error {
	if p.conn == nil {
		return errZeroProxy
	}
	r := newRequest(p, name, args)
	defer r.release()
	return ofArgument(p.conn.ch.Begin(&r.Request, to))
}

// Decode decodes an argument or a reply that came over the connection, and
// converts it as codec.Convert does.
func Decode[T any](c *Conn, raw codec.Raw) (T, error) { return decodeAs[T](c.ch.Codec(), raw) }

// A Future is the result of a call to come.
type Future[R any] struct {
	pending *channel.Pending
	codec   codec.Codec
}

// Go begins a call as Call does and does not wait for the result. It waits while
// much is waiting to be written. The error is that of channel.Conn.Start.
func Go[R any](ctx context.Context, p Proxy, name string, args ...any) (Future[R], error) {
	if p.conn == nil {
		return Future[R]{}, errZeroProxy
	}
	r := newRequest(p, name, args)
	defer r.release()
	pending, err := p.conn.ch.Go(ctx, &r.Request)
	return Future[R]{pending, p.conn.ch.Codec()}, ofArgument(err)
}

// Wait waits for the result, see channel.Pending.Wait.
func (f Future[R]) Wait(ctx context.Context) (R, error) {
	reply, err := f.pending.Wait(ctx)
	return resultAs[R](f.codec, reply, err)
}

// resultAs converts the reply to a call.
func resultAs[R any](c codec.Codec, reply codec.Raw, err error) (R, error) {
	var r R
	if err != nil {
		return r, ofArgument(err)
	}
	return decodeAs[R](c, reply)
}

// decodeAs decodes a value. The most frequent types make no garbage.
func decodeAs[R any](c codec.Codec, raw codec.Raw) (r R, err error) {
	switch p := any(&r).(type) {
	case *float64:
		if k := c.Kind(raw); k == codec.Float || k == codec.Int {
			*p, err = c.Float(raw)
			return r, err
		}
	case *int:
		if c.Kind(raw) == codec.Int {
			if n, err := c.Int(raw); err == nil {
				*p = int(n)
				return r, nil
			}
		}
	case *string:
		if c.Kind(raw) == codec.String {
			*p, err = c.String(raw)
			return r, err
		}
	case *codec.Raw:
		*p = raw
		return r, nil
	}
	v, err := c.Decode(raw)
	if err != nil {
		return r, err
	}
	return codec.Convert[R](v)
}
