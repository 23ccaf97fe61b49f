package rpc

import (
	"context"
	"fmt"
	"strings"

	"github.com/simrun/simrun/channel"
	"github.com/simrun/simrun/codec"
)

// A Func is a function that peers may call. Its result is encoded by the
// connection's codec; an error becomes a failure, whose type is that of a
// *channel.RemoteError if it is one.
type Func func(ctx context.Context, in *Invocation) (any, error)

// A Router finds the function of a call by its path. Add all functions before it
// serves; after that it may be used by any number of connections at once. The
// zero Router has no functions.
type Router struct {
	funcs map[string]Func
}

// Handle exposes f at path, whose parts are separated by slashes. It panics if
// the path is malformed or taken: paths are chosen by the programmer.
func (r *Router) Handle(path string, f Func) {
	if path == "" || strings.HasPrefix(path, "/") || strings.HasSuffix(path, "/") || strings.Contains(path, "//") {
		panic(fmt.Sprintf("rpc: malformed path %q: want names separated by single slashes", path))
	}
	if r.funcs[path] != nil {
		panic(fmt.Sprintf("rpc: two functions at path %q", path))
	}
	if r.funcs == nil {
		r.funcs = map[string]Func{}
	}
	r.funcs[path] = f
}

// Serve answers one request; it is a channel.Handler.
func (r *Router) Serve(ctx context.Context, conn *channel.Conn, content codec.Raw) (any, error) {
	in, err := parse(conn, content)
	if err != nil {
		return nil, err
	}
	f := r.funcs[in.Path]
	if f == nil {
		return nil, r.notFound(in.Path)
	}
	return f(ctx, in)
}

// notFound says how far path leads, in the words of aiomas.
func (r *Router) notFound(path string) error {
	if r.isPrefix(path) {
		return &channel.RemoteError{Type: "TypeError", Message: fmt.Sprintf("%q is not a function", path)}
	}
	parts := strings.Split(path, "/")
	known := 0
	for ; known < len(parts)-1; known++ {
		head := strings.Join(parts[:known+1], "/")
		if !r.isPrefix(head) && r.funcs[head] == nil {
			break
		}
	}
	return &channel.RemoteError{
		Type:    "LookupError",
		Message: fmt.Sprintf("Name %q not found in %q", parts[known], strings.Join(parts[:known], "/")),
	}
}

// isPrefix reports whether functions are exposed below path.
func (r *Router) isPrefix(path string) bool {
	for p := range r.funcs {
		if strings.HasPrefix(p, path+"/") {
			return true
		}
	}
	return false
}
