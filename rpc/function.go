package rpc

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/simrun/simrun/channel"
	"github.com/simrun/simrun/codec"
)

// Kwargs are keyword arguments by name. As the last argument of a call they are
// sent as such, in the order of their names. As the last parameter of an exposed
// function, but for a variadic one, they are those of the call that are no other
// parameter, decoded.
type Kwargs map[string]any

// A Function is a Go function that can be called with what comes over the wire.
type Function struct {
	fn       reflect.Value
	params   []param // without the context; of a variadic one the element
	variadic bool
	kwargs   bool // there is a parameter for further keyword arguments behind params
	result   bool // it returns a value beside the error
	frames   sync.Pool
}

type param struct {
	typ  reflect.Type
	name string // empty if it has none
}

// A frame holds the arguments of one call. It is used again.
type frame struct {
	cells []reflect.Value // one for each parameter, addressable
	in    []reflect.Value
	set   []bool
}

var (
	contextType = reflect.TypeFor[context.Context]()
	errorType   = reflect.TypeFor[error]()
	kwargsType  = reflect.TypeFor[Kwargs]()
	rawType     = reflect.TypeFor[codec.Raw]()
)

// NewFunction makes a Function of fn, whose form is
//
//	func(ctx context.Context, args ...) (R, error)
//	func(ctx context.Context, args ...) error
//
// with any number of parameters, the last of which may be Kwargs, variadic, or both.
// Arguments are converted to their types as by codec.Convert. params names the
// parameters, so that callers may give them as keyword arguments and errors can
// say which is wrong; without names there is only the position. It fails if fn has
// another form.
func NewFunction(fn any, params ...string) (*Function, error) {
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
	f := &Function{fn: v, variadic: t.IsVariadic(), result: t.NumOut() == 2}
	last := t.NumIn() - 1
	rest := last // where the parameter for further keyword arguments is, if there is one
	if f.variadic {
		rest--
	}
	f.kwargs = rest > 0 && t.In(rest) == kwargsType
	for i := 1; i <= last; i++ {
		p := t.In(i)
		switch {
		case f.kwargs && i == rest:
			continue
		case f.variadic && i == last:
			p = p.Elem()
		}
		if !travels(p) {
			return nil, fmt.Errorf("parameter %d of %v is a %v, which no message can carry", i, t, p)
		}
		f.params = append(f.params, param{typ: p})
	}
	if len(params) > 0 && len(params) != len(f.params) {
		return nil, fmt.Errorf("%v has %d parameters, but %d names were given", t, len(f.params), len(params))
	}
	for i, name := range params {
		if name == "" || slices.Contains(params[:i], name) {
			return nil, fmt.Errorf("the name %q of parameter %d is empty or occurs twice", name, i+1)
		}
		f.params[i].name = name
	}
	f.frames.New = func() any { return f.newFrame() }
	return f, nil
}

// travels reports whether values of a type can come out of a message.
func travels(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Chan, reflect.Func, reflect.Complex64, reflect.Complex128, reflect.Uintptr, reflect.UnsafePointer:
		return false
	case reflect.Interface:
		return t.NumMethod() == 0
	case reflect.Slice, reflect.Array:
		return travels(t.Elem())
	case reflect.Map:
		return travels(t.Key()) && travels(t.Elem())
	}
	return true
}

// method returns a method of v.
func method(v any, name string) (any, error) {
	m := reflect.ValueOf(v).MethodByName(name)
	if !m.IsValid() {
		return nil, fmt.Errorf("%T has no method %s", v, name)
	}
	return m.Interface(), nil
}

// Signature shows the parameters: (price float64, ...string).
func (f *Function) Signature() string {
	var b strings.Builder
	for i, p := range f.params {
		if i > 0 {
			b.WriteString(", ")
		}
		if p.name != "" {
			b.WriteString(p.name + " ")
		}
		if f.variadic && i == len(f.params)-1 {
			b.WriteString("...")
		}
		b.WriteString(strings.ReplaceAll(p.typ.String(), "interface {}", "any"))
	}
	return "(" + b.String() + ")"
}

// fixed is the number of parameters that each call must give.
func (f *Function) fixed() int {
	if f.variadic {
		return len(f.params) - 1
	}
	return len(f.params)
}

func (f *Function) newFrame() *frame {
	fr := &frame{set: make([]bool, len(f.params))}
	for _, p := range f.params {
		fr.cells = append(fr.cells, reflect.New(p.typ).Elem())
	}
	fr.in = make([]reflect.Value, 0, len(f.params)+2)
	return fr
}

// arguments is a call's arguments, of one of two forms. value sets dst to an
// argument: positional argument i, or if that is negative keyword argument ^i.
type arguments interface {
	positional() int
	keywords() int
	keyword(i int) string
	value(dst reflect.Value, i int) error
	decoded(i int) (any, error)
}

// Call calls the function with decoded arguments, in the terms of package codec.
// An error of type TypeError says which argument does not fit.
func (f *Function) Call(ctx context.Context, args []any, kwargs codec.Object) (any, error) {
	result, err := f.call(ctx, decodedArguments{args, kwargs})
	if wrong, ok := err.(*argumentError); ok {
		msg := wrong.msg
		if !wrong.names {
			msg = "it " + msg
		}
		return nil, &channel.RemoteError{Type: "TypeError", Message: msg}
	}
	return result, err
}

// Serve calls the function as a Func, with the arguments that came.
func (f *Function) Serve(ctx context.Context, in *Invocation) (any, error) {
	result, err := f.call(ctx, in)
	if wrong, ok := err.(*argumentError); ok {
		return nil, in.typeError("%s", wrong.msg)
	}
	return result, err
}

// An argumentError says which argument does not fit.
type argumentError struct {
	msg   string
	names bool // it begins with the argument; otherwise with what the function does
}

func (e *argumentError) Error() string { return e.msg }

func wrong(format string, args ...any) error {
	return &argumentError{msg: fmt.Sprintf(format, args...)}
}

func wrongArgument(name string, why any) error {
	return &argumentError{fmt.Sprintf("argument %s: %v", name, why), true}
}

func (f *Function) call(ctx context.Context, args arguments) (any, error) {
	fr := f.frames.Get().(*frame)
	defer f.release(fr)
	rest, err := f.fill(fr, args)
	if err != nil {
		return nil, err
	}
	in := append(fr.in, reflect.ValueOf(&ctx).Elem())
	in = append(in, fr.cells[:f.fixed()]...)
	if f.kwargs {
		in = append(in, reflect.ValueOf(rest))
	}
	if f.variadic {
		elem := f.params[len(f.params)-1].typ
		for i := f.fixed(); i < args.positional(); i++ {
			v := reflect.New(elem).Elem()
			if err := args.value(v, i); err != nil {
				return nil, f.misfit(i, err)
			}
			in = append(in, v)
		}
	}
	out := f.fn.Call(in)
	err, _ = out[len(out)-1].Interface().(error)
	if err != nil || !f.result {
		return nil, err
	}
	return out[0].Interface(), nil
}

// release makes a frame ready for the next call.
func (f *Function) release(fr *frame) {
	for i := range fr.cells {
		fr.cells[i].SetZero()
		fr.set[i] = false
	}
	f.frames.Put(fr)
}

// fill sets the fixed parameters, and returns the keyword arguments that are
// none of them.
func (f *Function) fill(fr *frame, args arguments) (rest Kwargs, err error) {
	given, fixed := args.positional(), f.fixed()
	if given > fixed && !f.variadic || given < fixed && args.keywords() == 0 {
		return nil, wrong("takes the arguments %s; %d were given", f.Signature(), given)
	}
	for i := range min(given, fixed) {
		if err := args.value(fr.cells[i], i); err != nil {
			return nil, f.misfit(i, err)
		}
		fr.set[i] = true
	}
	for k := range args.keywords() {
		name := args.keyword(k)
		i := slices.IndexFunc(f.params[:fixed], func(p param) bool { return p.name == name && name != "" })
		switch {
		case i >= 0 && i < given:
			return nil, wrong("got multiple values for argument '%s'", name)
		case i >= 0: // of equal names the last counts
			if err := args.value(fr.cells[i], ^k); err != nil {
				return nil, f.misfit(i, err)
			}
			fr.set[i] = true
		case !f.kwargs:
			return nil, wrong("got an unexpected keyword argument '%s'", name)
		default:
			if rest == nil {
				rest = Kwargs{}
			}
			if rest[name], err = args.decoded(^k); err != nil {
				return nil, wrongArgument("'"+name+"'", err)
			}
		}
	}
	for i, set := range fr.set[:fixed] {
		if !set {
			return nil, wrong("missing argument %s", f.paramName(i))
		}
	}
	return rest, nil
}

func (f *Function) misfit(i int, err error) error {
	if c, ok := errors.AsType[*codec.ConvertError](err); ok && c.Path == "$" {
		return wrongArgument(f.paramName(i), c.Msg)
	}
	return wrongArgument(f.paramName(i), err)
}

// paramName names a parameter in errors: 2, or 2 ('price').
func (f *Function) paramName(i int) string {
	if p := f.params[min(i, len(f.params)-1)]; p.name != "" {
		return fmt.Sprintf("%d ('%s')", i+1, p.name)
	}
	return fmt.Sprint(i + 1)
}

// decodedArguments are arguments in the terms of package codec.
type decodedArguments struct {
	args   []any
	kwargs codec.Object
}

func (d decodedArguments) positional() int      { return len(d.args) }
func (d decodedArguments) keywords() int        { return len(d.kwargs) }
func (d decodedArguments) keyword(i int) string { return d.kwargs[i].Key }

func (d decodedArguments) decoded(i int) (any, error) {
	if i < 0 {
		return d.kwargs[^i].Value, nil
	}
	return d.args[i], nil
}

func (d decodedArguments) value(dst reflect.Value, i int) error {
	v, _ := d.decoded(i) // never fails
	return convert(dst, v)
}

func convert(dst reflect.Value, v any) error {
	converted, err := codec.ConvertTo(v, dst.Type())
	if err != nil {
		return err
	}
	dst.Set(converted)
	return nil
}

func (in *Invocation) positional() int      { return len(in.Args) }
func (in *Invocation) keywords() int        { return len(in.Kwargs) }
func (in *Invocation) keyword(i int) string { return string(in.Kwargs[i].Key) }

func (in *Invocation) raw(i int) codec.Raw {
	if i < 0 {
		return in.Kwargs[^i].Value
	}
	return in.Args[i]
}

func (in *Invocation) decoded(i int) (any, error) { return in.Conn.Codec().Decode(in.raw(i)) }

// value decodes the most frequent types without garbage.
func (in *Invocation) value(dst reflect.Value, i int) error {
	c, raw := in.Conn.Codec(), in.raw(i)
	switch kind := c.Kind(raw); dst.Kind() {
	case reflect.Float64:
		if kind == codec.Float || kind == codec.Int {
			f, err := c.Float(raw)
			dst.SetFloat(f)
			return err
		}
	case reflect.Int, reflect.Int64:
		if kind == codec.Int {
			if n, err := c.Int(raw); err == nil {
				dst.SetInt(n)
				return nil
			}
		}
	case reflect.String:
		if kind == codec.String {
			s, err := c.String(raw)
			dst.SetString(s)
			return err
		}
	}
	if dst.Type() == rawType {
		dst.SetBytes(raw)
		return nil
	}
	v, err := c.Decode(raw)
	if err != nil {
		return err
	}
	return convert(dst, v)
}
