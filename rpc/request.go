package rpc

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"sync"
	"unsafe"

	"github.com/simrun/simrun/codec"
)

// A Request is a call to be sent with channel.Conn.Start or Call. Send a pointer
// to it: that is encoded without garbage.
type Request = codec.Call

// A pooledRequest is a Request that is used again.
type pooledRequest struct {
	Request
	path []byte // what Path refers to, if it was joined
}

var requests = sync.Pool{New: func() any { return new(pooledRequest) }}

func newRequest(p Proxy, name string, args []any) *pooledRequest {
	r := requests.Get().(*pooledRequest)
	switch {
	case name == "":
		r.Path = p.path
	case p.path == "":
		r.Path = name
	default:
		r.path = append(append(append(r.path[:0], p.path...), '/'), name...)
		r.Path = unsafe.String(&r.path[0], len(r.path)) // until release
	}
	if n := len(args); n > 0 {
		if kwargs, ok := args[n-1].(Kwargs); ok {
			args = args[:n-1]
			for _, name := range slices.Sorted(maps.Keys(kwargs)) {
				r.Kwargs = append(r.Kwargs, codec.Member{Key: name, Value: kwargs[name]})
			}
		}
	}
	r.Args = append(r.Args, args...) // so that args need not be on the heap
	return r
}

// release is called when the request has been encoded.
func (r *pooledRequest) release() {
	clear(r.Args)
	clear(r.Kwargs)
	r.Request = Request{Args: r.Args[:0], Kwargs: r.Kwargs[:0]}
	requests.Put(r)
}

// Where in [path, args, kwargs] an argument is.
var (
	positional = regexp.MustCompile(`^\$\[1\]\[(\d+)\]`)
	byName     = regexp.MustCompile(`^\$\[2\]\[("(?:[^"\\]|\\.)*")\]`)
)

// ofArgument says in the words of the caller where in a request something cannot be
// encoded.
func ofArgument(err error) error {
	e, ok := errors.AsType[*codec.EncodeError](err)
	if !ok {
		return err
	}
	in := *e
	if m := positional.FindStringSubmatch(e.Path); m != nil {
		in.Path = "$" + e.Path[len(m[0]):]
		i, _ := strconv.Atoi(m[1]) // it is an index
		return fmt.Errorf("argument %d: %w", i+1, &in)
	}
	if m := byName.FindStringSubmatch(e.Path); m != nil {
		in.Path = "$" + e.Path[len(m[0]):]
		name, _ := strconv.Unquote(m[1]) // it is quoted
		return fmt.Errorf("argument '%s': %w", name, &in)
	}
	return err
}
