package container

import (
	"fmt"
	"maps"
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
	if err == nil && a.methods[name] != nil {
		err = fmt.Errorf("it is exposed already")
	}
	if err != nil {
		panic(fmt.Sprintf("container: expose %q: %v", name, err))
	}
	if a.methods == nil {
		a.methods = make(map[string]*method)
	}
	a.methods[name] = f
}

// exposed returns the names of the methods in byte order.
func (a *Agent) exposed() []string { return slices.Sorted(maps.Keys(a.methods)) }
