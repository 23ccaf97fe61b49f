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
// [Call] calls and waits. A [Request] is a call that has not been sent; several
// may be started in one write:
//
//	pending, err := conn.Start(ctx,
//		&rpc.Request{Path: "step", Args: []any{time, inputs}},
//		&rpc.Request{Path: "get_data", Args: []any{outputs}})
//
// A [Router] answers calls: its Serve method is a [channel.Handler]. Both ends of
// a connection may serve.
//
// # Errors
//
// A failure of the peer is a [*channel.RemoteError]. A Router replies to an
// unknown path with type LookupError and to wrong arguments with TypeError, as
// Python peers do.
package rpc
