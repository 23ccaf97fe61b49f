package container

import (
	"fmt"
	"slices"
)

// Expose lets other agents call fn as the given method. Its form is
//
//	func(ctx context.Context, args ...) (R, error)
//	func(ctx context.Context, args ...) error
//
// with any number of arguments, the last of which may be variadic, or [rpc.Kwargs].
// Arguments are converted to the types of the parameters as by [codec.Convert]. A
// call that does not fit is answered with an error. With ...any as the only
// parameter fn gets the arguments as they are, in the terms of package codec.
// params names the parameters, for callers who give them by name. fn may be a [Func],
// too.
//
// A panic in fn ends the run; for wrong arguments return an error. Expose panics
// if fn has another form, or if the method is exposed already.
func (a *Agent) Expose(name string, fn any, params ...string) {
	f, err := newMethod(fn, params)
	if err == nil && a.methods.get(name) != nil {
		err = fmt.Errorf("it is exposed already")
	}
	if err != nil {
		panic(fmt.Sprintf("container: expose %q: %v", name, err))
	}
	a.methods = append(a.methods, named{name, f})
}

// methods are those of an agent. They are few, so that to look through them is quicker
// than a map, and takes less memory.
type methods []named

type named struct {
	name string
	*method
}

// named returns the method of a name with that, or nil.
func (ms methods) named(name string) *named {
	for i := range ms {
		if ms[i].name == name {
			return &ms[i]
		}
	}
	return nil
}

// get returns the method of a name, or nil.
func (ms methods) get(name string) *method {
	if found := ms.named(name); found != nil {
		return found.method
	}
	return nil
}

// exposed returns the names of the methods in byte order.
func (a *Agent) exposed() []string {
	names := make([]string, len(a.methods))
	for i := range names {
		names[i] = a.methods[i].name
	}
	slices.Sort(names)
	return names
}
