package rpc

import (
	"context"

	"github.com/simrun/simrun/channel"
	"github.com/simrun/simrun/codec"
)

// A Request is a call to be sent with channel.Conn.Start or Call. Send a pointer
// to it: that is encoded without garbage.
type Request struct {
	Path   string       // of the function, parts separated by slashes, such as "agents/0/ask"
	Args   []any        // positional arguments
	Kwargs codec.Object // named arguments, in order
}

var _ codec.Array = (*Request)(nil)

// Len and AppendElement implement codec.Array.
func (*Request) Len() int { return 3 }

// AppendElement appends the path, the args or the kwargs.
func (r *Request) AppendElement(dst []byte, c codec.Codec, i int) ([]byte, error) {
	switch i {
	case 0:
		return c.AppendString(dst, r.Path)
	case 1:
		return c.Append(dst, (*argList)(r))
	}
	return c.Append(dst, r.Kwargs)
}

// argList is the Args of a Request as a codec.Array: a slice in an interface would
// be garbage.
type argList Request

func (a *argList) Len() int { return len(a.Args) }

func (a *argList) AppendElement(dst []byte, c codec.Codec, i int) ([]byte, error) {
	return c.Append(dst, a.Args[i])
}

// Call calls the function at path and returns its result. For errors see
// channel.Conn.Call.
func Call(ctx context.Context, conn *channel.Conn, path string, args []any, kwargs codec.Object) (codec.Raw, error) {
	return conn.Call(ctx, &Request{Path: path, Args: args, Kwargs: kwargs})
}
