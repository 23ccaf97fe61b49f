// Package rpc calls functions of a peer by path and exposes functions to it, over
// a channel.
//
// # Model
//
// A call is a request whose content is [path, args, kwargs]: the path of a
// function such as "step" or "agents/0/ask", a list of positional arguments, and
// an object of named ones, whose order is kept. aiomas 2.0.1 and mosaik-api-v3
// 3.0.16 read and write the same.
//
// A [Router] is a service: functions and further services by name, which may come
// and go while it serves. A [Conn] joins two peers of equal rights, each of which
// may serve. A [Proxy] stands for a service of the other side:
//
//	var service rpc.Router
//	service.Expose("add", func(ctx context.Context, a, b float64) (float64, error) { return a + b, nil }, "a", "b")
//	l, err := rpc.Listen("tcp://127.0.0.1:5555", rpc.Config{Service: &service})
//	...
//	go l.Serve(ctx, nil)
//
//	conn, err := rpc.Dial(ctx, "tcp://127.0.0.1:5555", rpc.Config{})
//	...
//	sum, err := rpc.Call[float64](ctx, conn.Remote(), "add", 3, rpc.Kwargs{"b": 4})
//
// [Go] does not wait for the result. [Proxy.Send] calls without a reply.
//
// A *Router as an argument or a result becomes a Proxy at the other end, which can
// be called back over the same connection. It travels as its path, with the number
// that follows those of the user's types; both are as in aiomas 2.0.1. A
// [Reference] carries an address, too, and can be handed on to third parties.
//
// Below these, a [Request] is a call that has not been sent; several may be started
// in one write on a channel. A Router by itself serves channels: its Serve method
// is a [channel.Handler].
//
// A program with a loop of its own receives calls with Config.Receive and makes them
// with [Proxy.Begin]; see package channel, Loops.
//
// # Speed
//
// [Func2] and its kin make less garbage than Router.Expose, which uses reflection.
// Requests of many callers, or begun with Go, leave and are answered in few writes.
//
// # Errors
//
// A failure of the peer is a [*channel.RemoteError]. A Router replies to an
// unknown path with type LookupError and to wrong arguments with TypeError, as
// Python peers do, and to a function that panicked with RuntimeError.
package rpc
