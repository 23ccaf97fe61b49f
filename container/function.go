package container

import (
	"context"

	"github.com/simrun/simrun/codec"
	"github.com/simrun/simrun/rpc"
)

// Func is a function for [Agent.Expose] that is called without reflection: calls
// take half the time, and are the same in everything else.
type Func struct {
	fn any
	// direct calls the function, if the arguments have the types of its
	// parameters.
	direct func(ctx context.Context, args []any) (result any, fits bool, err error)
	// instant functions take no virtual time.
	instant bool
}

// Func0 makes a Func of a function without parameters.
func Func0[R any](f func(context.Context) (R, error)) Func {
	return Func{fn: f, direct: func(ctx context.Context, args []any) (any, bool, error) {
		if len(args) != 0 {
			return nil, false, nil
		}
		r, err := f(ctx)
		return r, true, err
	}}
}

// Func1 makes a Func of a function with one parameter.
func Func1[A, R any](f func(context.Context, A) (R, error)) Func {
	return Func{fn: f, direct: func(ctx context.Context, args []any) (any, bool, error) {
		if len(args) != 1 {
			return nil, false, nil
		}
		a, fits := typed[A](args[0])
		if !fits {
			return nil, false, nil
		}
		r, err := f(ctx, a)
		return r, true, err
	}}
}

// Func2 makes a Func of a function with two parameters.
func Func2[A, B, R any](f func(context.Context, A, B) (R, error)) Func {
	return Func{fn: f, direct: func(ctx context.Context, args []any) (any, bool, error) {
		if len(args) != 2 {
			return nil, false, nil
		}
		a, fitsA := typed[A](args[0])
		b, fitsB := typed[B](args[1])
		if !fitsA || !fitsB {
			return nil, false, nil
		}
		r, err := f(ctx, a, b)
		return r, true, err
	}}
}

// Func3 makes a Func of a function with three parameters.
func Func3[A, B, C, R any](f func(context.Context, A, B, C) (R, error)) Func {
	return Func{fn: f, direct: func(ctx context.Context, args []any) (any, bool, error) {
		if len(args) != 3 {
			return nil, false, nil
		}
		a, fitsA := typed[A](args[0])
		b, fitsB := typed[B](args[1])
		c, fitsC := typed[C](args[2])
		if !fitsA || !fitsB || !fitsC {
			return nil, false, nil
		}
		r, err := f(ctx, a, b, c)
		return r, true, err
	}}
}

// Instant0 makes a Func of a function without parameters that takes no virtual time.
//
// Without the context of a behaviour it can neither sleep nor call; it may send,
// and put off calls. So it needs no behaviour: it is called when the call arrives,
// ahead of behaviours that begin then, which takes less than half the time.
func Instant0[R any](f func() (R, error)) Func {
	return Func0(func(context.Context) (R, error) { return f() }).instantly()
}

// Instant1 is Instant0 for a function with one parameter.
func Instant1[A, R any](f func(A) (R, error)) Func {
	return Func1(func(_ context.Context, a A) (R, error) { return f(a) }).instantly()
}

// Instant2 is Instant0 for a function with two parameters.
func Instant2[A, B, R any](f func(A, B) (R, error)) Func {
	return Func2(func(_ context.Context, a A, b B) (R, error) { return f(a, b) }).instantly()
}

// Instant3 is Instant0 for a function with three parameters.
func Instant3[A, B, C, R any](f func(A, B, C) (R, error)) Func {
	return Func3(func(_ context.Context, a A, b B, c C) (R, error) { return f(a, b, c) }).instantly()
}

func (f Func) instantly() Func {
	f.instant = true
	return f
}

// typed returns a value as a T, if that takes no more than codec.Convert does for
// the most frequent types.
func typed[T any](v any) (t T, fits bool) {
	if t, fits = v.(T); fits {
		return t, true
	}
	n, integer := v.(int64)
	if !integer {
		return t, false
	}
	switch p := any(&t).(type) {
	case *int:
		*p = int(n)
		return t, int64(int(n)) == n
	case *float64:
		*p = float64(n)
		return t, true
	}
	return t, false
}

// method is a function that other agents may call.
type method struct {
	direct  func(ctx context.Context, args []any) (result any, fits bool, err error) // nil: there is none
	any     *rpc.Function
	instant bool
}

func newMethod(fn any, params []string) (*method, error) {
	f, ok := fn.(Func)
	if ok {
		fn = f.fn
	}
	general, err := rpc.NewFunction(fn, params...)
	if err != nil {
		return nil, err
	}
	return &method{f.direct, general, f.instant}, nil
}

func (m *method) call(ctx context.Context, args []any, kwargs codec.Object) (any, error) {
	if m.direct != nil && len(kwargs) == 0 {
		if result, fits, err := m.direct(ctx, args); fits {
			return result, err
		}
	}
	return m.any.Call(ctx, args, kwargs)
}
