package rpc

import "context"

// Func0 makes a Func of a function without parameters. It and those for one, two
// and three parameters do what Router.Expose does, without reflection: a call
// makes less garbage.
func Func0[R any](f func(context.Context) (R, error)) Func {
	return func(ctx context.Context, in *Invocation) (any, error) {
		if err := in.Expect(0, 0); err != nil {
			return nil, err
		}
		return boxed(f(ctx))
	}
}

// Func1 makes a Func of a function with one parameter.
func Func1[A, R any](f func(context.Context, A) (R, error)) Func {
	return func(ctx context.Context, in *Invocation) (any, error) {
		if err := in.Expect(1, 1); err != nil {
			return nil, err
		}
		a, err := typed[A](in, 0)
		if err != nil {
			return nil, err
		}
		return boxed(f(ctx, a))
	}
}

// Func2 makes a Func of a function with two parameters.
func Func2[A, B, R any](f func(context.Context, A, B) (R, error)) Func {
	return func(ctx context.Context, in *Invocation) (any, error) {
		if err := in.Expect(2, 2); err != nil {
			return nil, err
		}
		a, err := typed[A](in, 0)
		if err != nil {
			return nil, err
		}
		b, err := typed[B](in, 1)
		if err != nil {
			return nil, err
		}
		return boxed(f(ctx, a, b))
	}
}

// Func3 makes a Func of a function with three parameters.
func Func3[A, B, C, R any](f func(context.Context, A, B, C) (R, error)) Func {
	return func(ctx context.Context, in *Invocation) (any, error) {
		if err := in.Expect(3, 3); err != nil {
			return nil, err
		}
		a, err := typed[A](in, 0)
		if err != nil {
			return nil, err
		}
		b, err := typed[B](in, 1)
		if err != nil {
			return nil, err
		}
		c, err := typed[C](in, 2)
		if err != nil {
			return nil, err
		}
		return boxed(f(ctx, a, b, c))
	}
}

// typed returns positional argument i as a T.
func typed[T any](in *Invocation, i int) (T, error) {
	v, err := decodeAs[T](in.Conn.Codec(), in.Args[i])
	if err != nil {
		return v, in.typeError("argument %d: %v", i+1, err)
	}
	return v, nil
}

func boxed[R any](r R, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return r, nil
}
