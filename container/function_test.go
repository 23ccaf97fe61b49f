package container_test

import (
	"context"
	"errors"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/container"
	"github.com/simrun/simrun/rpc"
	"github.com/simrun/simrun/scheduler"
)

// A Func is called as the function itself is, whatever the arguments.
func TestFuncDoesWhatItsFunctionDoes(t *testing.T) {
	none := func(context.Context) (string, error) { return "none", nil }
	one := func(_ context.Context, x float64) (float64, error) { return 2 * x, nil }
	two := func(_ context.Context, n int, s string) ([]any, error) { return []any{n, s}, nil }
	three := func(_ context.Context, v any, list []int, m map[string]any) (any, error) {
		return []any{v, list == nil, m == nil}, errors.New("no more")
	}
	values := []any{nil, true, 3, int64(1) << 40, 1.5, "text", []any{1, 2}, []any{"a"}, map[string]any{"a": 1},
		new(big.Int).Lsh(big.NewInt(1), 70), rpc.Kwargs{"x": 1}}
	to := &callee{}
	methods := []string{"none", "one", "two", "three"}
	for i, fn := range []any{none, one, two, three} {
		to.Expose(methods[i], fn)
	}
	for i, fn := range []container.Func{container.Func0(none), container.Func1(one), container.Func2(two), container.Func3(three)} {
		to.Expose("fast "+methods[i], fn)
	}
	loop := scheduler.NewLoop(scheduler.Config{})
	c := container.New(loop, "test")
	require.NoError(t, c.Add("callee", to))
	worked := 0
	require.NoError(t, c.Add("caller", &caller{start: func(ctx context.Context, a *caller) error {
		compare := func(args ...any) {
			for _, method := range methods {
				want, wantErr := a.Call(ctx, "callee", method, args...)
				got, err := a.Call(ctx, "callee", "fast "+method, args...)
				require.Equal(t, want, got, "%s%v", method, args)
				require.Equal(t, errors.Unwrap(wantErr), errors.Unwrap(err), "%s%v", method, args)
				if err == nil {
					worked++
				}
			}
		}
		compare()
		for _, x := range values {
			compare(x)
			for _, y := range values {
				compare(x, y)
				compare(x, y, nil)
				compare(x, y, map[string]any{})
			}
		}
		return nil
	}}))
	advance(t, loop, 0)
	require.Greater(t, worked, 5)
	require.NoError(t, c.Close())
}

func TestFuncOfAnotherForm(t *testing.T) {
	var a callee
	require.Panics(t, func() { a.Expose("f", container.Func1(func(context.Context, chan int) (int, error) { return 0, nil })) })
	require.Panics(t, func() { a.Expose("f", container.Func{}) })
}
