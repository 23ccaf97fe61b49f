package rpc

import (
	"context"
	"fmt"
	"maps"
	"runtime/debug"
	"slices"
	"strings"
	"sync"

	"github.com/simrun/simrun/channel"
	"github.com/simrun/simrun/codec"
)

// A Func is a function that peers may call. in and its lists are valid until it
// returns; what they refer to may be kept. Its result is encoded by the
// connection's codec; an error becomes a failure, whose type is that of a
// *channel.RemoteError if it is one. So does a panic.
type Func func(ctx context.Context, in *Invocation) (any, error)

// A Router is a service: functions and further services by name. Nothing else
// can be reached by peers. The zero Router has none.
//
// A Router may be changed while it serves any number of connections. It belongs
// to at most one other, so that its path is unambiguous. Passed as an argument or
// a result of a call over a Conn that serves it, it becomes a Proxy at the other
// end.
type Router struct {
	mu     sync.RWMutex
	names  map[string]named
	parent *Router
	name   string // in parent

	// OnPanic, if set on the Router that a connection serves, is told of functions
	// that panicked.
	OnPanic func(path string, value any, stack []byte)
}

// named is what a name stands for: a function or a service.
type named struct {
	f   Func
	sub *Router
}

// tree is held while routers are joined and parted, before the lock of any.
var tree sync.Mutex

// Handle exposes f at path, whose parts are separated by slashes; services on the
// way are made. It panics if the path is malformed or taken: paths are chosen by
// the programmer.
func (r *Router) Handle(path string, f Func) {
	r.place(path, f, nil)
}

// Expose exposes a Go function at path, see NewFunction. It panics as Handle does,
// and if the function has a form that cannot be called.
func (r *Router) Expose(path string, fn any, params ...string) {
	f, err := NewFunction(fn, params...)
	if err != nil {
		panic(fmt.Sprintf("rpc: expose %q: %v", path, err))
	}
	r.Handle(path, f.Serve)
}

// Mount makes sub a service of r. It panics as Handle does, and if sub has a
// parent already or contains r.
func (r *Router) Mount(path string, sub *Router) {
	r.place(path, nil, sub)
}

// Methods returns a service of methods of v: methods gives for each name that
// peers use the name of the Go method, which must have a form that NewFunction
// takes. No other method can be reached. It panics if there is no such method.
func Methods(v any, methods map[string]string) *Router {
	r := new(Router)
	for _, name := range slices.Sorted(maps.Keys(methods)) {
		m, err := method(v, methods[name])
		if err != nil {
			panic(fmt.Sprintf("rpc: expose %q: %v", name, err))
		}
		r.Expose(name, m)
	}
	return r
}

// place puts a function or a service at path.
func (r *Router) place(path string, f Func, sub *Router) {
	if path == "" || strings.HasPrefix(path, "/") || strings.HasSuffix(path, "/") || strings.Contains(path, "//") {
		panic(fmt.Sprintf("rpc: malformed path %q: want names separated by single slashes", path))
	}
	tree.Lock()
	defer tree.Unlock()
	for rest := path; ; {
		name, after, more := strings.Cut(rest, "/")
		if more {
			r, rest = r.enter(path, name), after
			continue
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		if _, taken := r.names[name]; taken {
			panic(fmt.Sprintf("rpc: two functions or services at path %q", path))
		}
		if sub == nil {
			r.put(name, named{f: f})
			return
		}
		r.adopt(name, sub)
		return
	}
}

// enter returns the service of a name, which is made if there is none.
func (r *Router) enter(path, name string) *Router {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := r.names[name]
	if n.f != nil {
		panic(fmt.Sprintf("rpc: path %q leads through the function %q", path, name))
	}
	if n.sub == nil {
		n.sub = new(Router)
		r.adopt(name, n.sub)
	}
	return n.sub
}

// put gives a name, which must be free, to n. r must be locked.
func (r *Router) put(name string, n named) {
	if r.names == nil {
		r.names = map[string]named{}
	}
	r.names[name] = n
}

// adopt makes sub a service of r, which must be locked, as must the tree.
func (r *Router) adopt(name string, sub *Router) {
	for up := r; up != nil; up = up.parent {
		if up == sub {
			panic(fmt.Sprintf("rpc: a service cannot contain itself (at %q)", name))
		}
	}
	if sub.parent != nil {
		panic(fmt.Sprintf("rpc: the service for %q is part of another one already, as %q", name, sub.name))
	}
	r.put(name, named{sub: sub})
	sub.parent, sub.name = r, name
}

// Remove takes away the function or service at path, and reports whether there was
// one. Calls that have begun go on. A service may be mounted again.
func (r *Router) Remove(path string) bool {
	tree.Lock()
	defer tree.Unlock()
	if i := strings.LastIndexByte(path, '/'); i >= 0 {
		var rest string
		if r, _, rest = r.find(path[:i]); rest != "" || r == nil {
			return false
		}
		path = path[i+1:]
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	n, found := r.names[path]
	if n.sub != nil {
		n.sub.parent, n.sub.name = nil, ""
	}
	delete(r.names, path)
	return found
}

// Names returns the names of the functions and services in r, in byte order.
func (r *Router) Names() []string {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return slices.Sorted(maps.Keys(r.names))
}

// Sub returns the service at path, and whether there is one.
func (r *Router) Sub(path string) (sub *Router, ok bool) {
	sub, f, rest := r.find(path)
	if f != nil || rest != "" {
		return nil, false
	}
	return sub, true
}

// Path returns the service that contains all others above r, and the path from it
// to r, which is empty for itself.
func (r *Router) Path() (root *Router, path string) {
	tree.Lock()
	defer tree.Unlock()
	for root = r; root.parent != nil; root = root.parent {
		if path != "" {
			path = "/" + path
		}
		path = root.name + path
	}
	return root, path
}

// find follows path. It returns the last service on it, the function at its end
// if there is one, and what it could not follow; that is empty at a service or a
// function.
func (r *Router) find(path string) (last *Router, f Func, rest string) {
	for {
		name, after, more := strings.Cut(path, "/")
		r.mu.RLock()
		n := r.names[name]
		r.mu.RUnlock()
		switch {
		case n.sub != nil && more:
			r, path = n.sub, after
		case n.sub != nil:
			return n.sub, nil, ""
		case n.f != nil && !more:
			return r, n.f, ""
		default:
			return r, nil, path
		}
	}
}

// Serve answers one request; it is a channel.Handler.
func (r *Router) Serve(ctx context.Context, conn *channel.Conn, content codec.Raw) (any, error) {
	return r.serve(ctx, conn, nil, content)
}

func (r *Router) serve(ctx context.Context, conn *channel.Conn, peer *Conn, content codec.Raw) (result any, err error) {
	in := invocations.Get().(*Invocation)
	defer in.release()
	in.Conn, in.Peer = conn, peer
	if err := in.Parse(content); err != nil {
		return nil, err
	}
	_, f, rest := r.find(in.Path)
	if f == nil {
		return nil, notFound(in.Path, rest, r)
	}
	defer r.recovered(in, &err)
	return f(ctx, in)
}

// recovered makes a failure of a panic.
func (r *Router) recovered(in *Invocation, err *error) {
	v := recover()
	if v == nil {
		return
	}
	*err = &channel.RemoteError{Type: "RuntimeError", Message: fmt.Sprintf("%s() panicked: %v", in.Path, v)}
	if r.OnPanic != nil {
		r.OnPanic(in.Path, v, debug.Stack())
	}
}

// notFound says how far path leads, in the words of aiomas.
func notFound(path, rest string, r *Router) error {
	if rest == "" && path != "" {
		return &channel.RemoteError{Type: "TypeError", Message: fmt.Sprintf("%q is not a function", path)}
	}
	known := strings.TrimSuffix(strings.TrimSuffix(path, rest), "/")
	name, after, more := strings.Cut(rest, "/")
	if more {
		// A function has nothing below it.
		if _, f, _ := r.find(strings.TrimPrefix(known+"/"+name, "/")); f != nil {
			known = strings.TrimPrefix(known+"/"+name, "/")
			name, _, _ = strings.Cut(after, "/")
		}
	}
	return &channel.RemoteError{Type: "LookupError", Message: fmt.Sprintf("Name %q not found in %q", name, known)}
}
