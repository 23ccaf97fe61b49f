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
	ctx := context.Background()
	for i, fn := range []container.Func{
		container.Instant0(func() (string, error) { return none(ctx) }),
		container.Instant1(func(x float64) (float64, error) { return one(ctx, x) }),
		container.Instant2(func(n int, s string) ([]any, error) { return two(ctx, n, s) }),
		container.Instant3(func(v any, list []int, m map[string]any) (any, error) { return three(ctx, v, list, m) }),
	} {
		to.Expose("instant "+methods[i], fn)
	}
	loop := scheduler.NewLoop(scheduler.Config{})
	c := container.New(loop, "test")
	require.NoError(t, c.Add("callee", to))
	worked := 0
	require.NoError(t, c.Add("caller", &caller{start: func(ctx context.Context, a *caller) error {
		compare := func(args ...any) {
			for _, method := range methods {
				want, wantErr := a.Call(ctx, "callee", method, args...)
				for _, how := range []string{"fast ", "instant "} {
					got, err := a.Call(ctx, "callee", how+method, args...)
					require.Equal(t, want, got, "%s%s%v", how, method, args)
					require.Equal(t, errors.Unwrap(wantErr), errors.Unwrap(err), "%s%s%v", how, method, args)
				}
				if wantErr == nil {
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

// What goes wrong in an instant function is its agent's, though the message is the
// sender's event.
func TestInstantFunctionThatFails(t *testing.T) {
	fail := container.Instant0(func() (int, error) { return 0, errors.New("too much") })
	panics := container.Instant0(func() (int, error) { panic("half done") })
	cannot := container.Instant0(func() (any, error) { return make(chan int), nil })
	for _, test := range []struct {
		name string
		fn   container.Func
		do   func(ctx context.Context, a *caller) error
		want string
	}{
		{"call", fail, func(ctx context.Context, a *caller) error {
			_, err := a.Call(ctx, "callee", "f")
			require.EqualError(t, err, `agent "callee": f: too much`)
			return nil
		}, ""},
		{"result", cannot, func(ctx context.Context, a *caller) error {
			_, err := a.Call(ctx, "callee", "f")
			require.ErrorContains(t, err, `agent "callee": f: its result: json: cannot encode`)
			return nil
		}, ""},
		{"message", fail, func(_ context.Context, a *caller) error { return a.Send("callee", "f") },
			`t=0s round 1: "callee": f: message from "caller": too much`},
		{"panic", panics, func(ctx context.Context, a *caller) error { _, err := a.Call(ctx, "callee", "f"); return err },
			`t=0s round 1: "callee": f: panic: half done`},
	} {
		t.Run(test.name, func(t *testing.T) {
			loop := scheduler.NewLoop(scheduler.Config{})
			c := container.New(loop, "test")
			to := &callee{}
			to.Expose("f", test.fn)
			require.NoError(t, c.Add("callee", to))
			ended := false
			require.NoError(t, c.Add("caller", &caller{start: func(ctx context.Context, a *caller) error {
				err := test.do(ctx, a)
				ended = true
				return err
			}}))
			err := loop.AdvanceTo(context.Background(), 0)
			if test.want == "" {
				require.NoError(t, err)
				require.True(t, ended)
			} else {
				require.Equal(t, test.want, place.ReplaceAllString(err.Error(), ""))
			}
			require.NoError(t, c.Close())
		})
	}
}

// An instant function may have its agent leave, and still answers.
func TestInstantFunctionThatLeaves(t *testing.T) {
	loop := scheduler.NewLoop(scheduler.Config{})
	c := container.New(loop, "test")
	to := &callee{}
	to.Expose("leave", container.Instant0(func() (string, error) { return "bye", to.Leave() }))
	require.NoError(t, c.Add("callee", to))
	var got any
	require.NoError(t, c.Add("caller", &caller{start: func(ctx context.Context, a *caller) (err error) {
		got, err = a.Call(ctx, "callee", "leave")
		return err
	}}))
	advance(t, loop, 0)
	require.Equal(t, "bye", got)
	require.Equal(t, []string{"caller"}, c.Agents())
	require.NoError(t, c.Close())
}
