package container

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/simrun/simrun/channel"
)

// method is an exposed function.
type method struct {
	fn       reflect.Value
	params   []reflect.Type // without the context; of a variadic one the element
	variadic bool
	result   bool // it returns a value beside the error
}

var (
	contextType = reflect.TypeFor[context.Context]()
	errorType   = reflect.TypeFor[error]()
)

// Expose lets other agents call fn as the given method. Its form is
//
//	func(ctx context.Context, args ...) (R, error)
//	func(ctx context.Context, args ...) error
//
// with any number of arguments, the last of which may be variadic. Arguments are
// converted to the types of the parameters: bool, string, integers, floats, any,
// and slices and string-keyed maps of these. A call that does not fit is answered
// with an error. With ...any as the only parameter fn gets the arguments as they
// are, in the terms of package codec.
//
// A panic in fn ends the run; for wrong arguments return an error. Expose panics
// if fn has another form, or if the method is exposed already.
func (a *Agent) Expose(name string, fn any) {
	m, err := newMethod(fn)
	if err == nil && a.methods[name] != nil {
		err = fmt.Errorf("it is exposed already")
	}
	if err != nil {
		panic(fmt.Sprintf("container: expose %q: %v", name, err))
	}
	if a.methods == nil {
		a.methods = make(map[string]*method)
	}
	a.methods[name] = m
}

// exposed returns the names of the methods in byte order.
func (a *Agent) exposed() []string { return slices.Sorted(maps.Keys(a.methods)) }

func newMethod(fn any) (*method, error) {
	v := reflect.ValueOf(fn)
	if v.Kind() != reflect.Func || v.IsNil() {
		return nil, fmt.Errorf("%T is not a function", fn)
	}
	t := v.Type()
	if t.NumIn() == 0 || t.In(0) != contextType {
		return nil, fmt.Errorf("the first parameter of %v is not a context.Context", t)
	}
	if n := t.NumOut(); n == 0 || n > 2 || t.Out(n-1) != errorType {
		return nil, fmt.Errorf("%v returns neither error nor (R, error)", t)
	}
	m := &method{fn: v, variadic: t.IsVariadic(), result: t.NumOut() == 2}
	for i := 1; i < t.NumIn(); i++ {
		p := t.In(i)
		if m.variadic && i == t.NumIn()-1 {
			p = p.Elem()
		}
		if !convertible(p) {
			return nil, fmt.Errorf("parameter %d of %v is a %v, which no message can carry", i, t, p)
		}
		m.params = append(m.params, p)
	}
	return m, nil
}

// signature shows the parameters: (float64, ...string).
func (m *method) signature() string {
	var b strings.Builder
	for i, p := range m.params {
		if i > 0 {
			b.WriteString(", ")
		}
		if m.variadic && i == len(m.params)-1 {
			b.WriteString("...")
		}
		b.WriteString(p.String())
	}
	return "(" + b.String() + ")"
}

// call calls the function with arguments in the terms of package codec.
func (m *method) call(ctx context.Context, args []any) (any, error) {
	typeError := func(format string, a ...any) error {
		return &channel.RemoteError{Type: "TypeError", Message: fmt.Sprintf(format, a...)}
	}
	fixed := len(m.params)
	if m.variadic {
		fixed--
	}
	if len(args) < fixed || len(args) > fixed && !m.variadic {
		return nil, typeError("it takes the arguments %s; %d were given", m.signature(), len(args))
	}
	in := make([]reflect.Value, 1, len(args)+1)
	in[0] = reflect.ValueOf(&ctx).Elem()
	for i, arg := range args {
		v, err := convert(arg, m.params[min(i, len(m.params)-1)])
		if err != nil {
			return nil, typeError("argument %d: %v", i+1, err)
		}
		in = append(in, v)
	}
	out := m.fn.Call(in)
	err, _ := out[len(out)-1].Interface().(error)
	if err != nil || !m.result {
		return nil, err
	}
	return out[0].Interface(), nil
}
