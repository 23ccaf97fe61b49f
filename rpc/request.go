package rpc

import (
	"unsafe"

	"github.com/simrun/simrun/codec"
)

// A Request is a call to be sent with channel.Conn.Start or Call. Send a pointer
// to it: that is encoded without garbage.
type Request struct {
	Path   string       // of the function, parts separated by slashes, such as "agents/0/ask"
	Args   []any        // positional arguments
	Kwargs codec.Object // named arguments, in order

	below  string // further parts of the path
	joined []byte // room for the whole path
}

var _ codec.Array = (*Request)(nil)

// Len and AppendElement implement codec.Array.
func (*Request) Len() int { return 3 }

// AppendElement appends the path, the args or the kwargs.
func (r *Request) AppendElement(dst []byte, c codec.Codec, i int) ([]byte, error) {
	switch i {
	case 0:
		return r.appendPath(dst, c)
	case 1:
		return c.Append(dst, (*argList)(r))
	}
	if len(r.Kwargs) == 0 {
		return c.Append(dst, none)
	}
	return c.Append(dst, r.Kwargs)
}

// none is an empty object, boxed once.
var none any = codec.Object{}

func (r *Request) appendPath(dst []byte, c codec.Codec) ([]byte, error) {
	switch {
	case r.below == "":
		return c.AppendString(dst, r.Path)
	case r.Path == "":
		return c.AppendString(dst, r.below)
	}
	r.joined = append(append(append(r.joined[:0], r.Path...), '/'), r.below...)
	return c.AppendString(dst, unsafe.String(&r.joined[0], len(r.joined))) // it is only read, and now
}

// argList is the Args of a Request as a codec.Array: a slice in an interface would
// be garbage.
type argList Request

func (a *argList) Len() int { return len(a.Args) }

func (a *argList) AppendElement(dst []byte, c codec.Codec, i int) ([]byte, error) {
	return c.Append(dst, a.Args[i])
}
