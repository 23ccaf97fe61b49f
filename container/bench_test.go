package container_test

import (
	"context"
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/container"
	"github.com/simrun/simrun/scheduler"
)

// benchWorld is a container with a caller, which is let do something, and callees.
func benchWorld(b *testing.B, callees int, start func(ctx context.Context, a *caller, names []string) error) (*scheduler.Loop, *container.Container) {
	b.Helper()
	loop := scheduler.NewLoop(scheduler.Config{MaxRounds: math.MaxInt})
	c := container.New(loop, "bench")
	names := make([]string, callees)
	for i := range names {
		names[i] = fmt.Sprint("callee-", i)
		to := &callee{}
		to.Expose("add", container.Func2(func(_ context.Context, x, y float64) (float64, error) { return x + y, nil }))
		to.Expose("instant", container.Instant2(func(x, y float64) (float64, error) { return x + y, nil }))
		to.Expose("reflected", func(_ context.Context, x, y float64) (float64, error) { return x + y, nil })
		to.Expose("echo", container.Instant1(func(v any) (any, error) { return v, nil }))
		require.NoError(b, c.Add(names[i], to))
	}
	require.NoError(b, c.Add("caller", &caller{start: func(ctx context.Context, a *caller) error { return start(ctx, a, names) }}))
	b.ReportAllocs()
	return loop, c
}

// run advances the loop as the thing that is measured.
func runBench(b *testing.B, loop *scheduler.Loop, c *container.Container) {
	b.ResetTimer()
	require.NoError(b, loop.AdvanceTo(context.Background(), loop.Now()))
	b.StopTimer()
	require.NoError(b, c.Close())
}

// BenchmarkCall is one agent that calls another: two rounds, two behaviours.
func BenchmarkCall(b *testing.B) {
	for _, method := range []string{"add", "instant", "reflected", "echo"} {
		args := []any{1.0, 2.0}
		if method == "echo" {
			args = []any{[]any{1, 2.5, "abc"}}
		}
		b.Run(method, func(b *testing.B) {
			loop, c := benchWorld(b, 1, func(ctx context.Context, a *caller, names []string) error {
				for range b.N {
					if _, err := a.Call(ctx, names[0], method, args...); err != nil {
						return err
					}
				}
				return nil
			})
			runBench(b, loop, c)
		})
	}
}

// BenchmarkCallsAtOnce is 500 agents that call one other each.
func BenchmarkCallsAtOnce(b *testing.B) {
	const pairs = 500
	left := 0
	loop, c := benchWorld(b, pairs, func(context.Context, *caller, []string) error { return nil })
	for i := range pairs {
		name := fmt.Sprint("callee-", i)
		require.NoError(b, c.Add(fmt.Sprint("caller-", i), &caller{start: func(ctx context.Context, a *caller) error {
			for left > 0 {
				left--
				if _, err := a.Call(ctx, name, "echo", []any{1, 2.5, "abc"}); err != nil {
					return err
				}
			}
			return nil
		}}))
	}
	left = b.N
	runBench(b, loop, c)
}

// BenchmarkGather is one agent that calls 100 others at once; an operation is one of
// the calls.
func BenchmarkGather(b *testing.B) {
	const many = 100
	loop, c := benchWorld(b, many, func(ctx context.Context, a *caller, names []string) error {
		calls := make([]container.Call, many)
		for i, name := range names {
			calls[i] = container.Call{Agent: name, Method: "add", Args: []any{1.0, 2.0}}
		}
		for range b.N/many + 1 {
			if _, err := a.Gather(ctx, calls...); err != nil {
				return err
			}
		}
		return nil
	})
	runBench(b, loop, c)
}

// BenchmarkSend is one agent that sends messages to another, 100 at a time.
func BenchmarkSend(b *testing.B) {
	loop, c := benchWorld(b, 1, func(ctx context.Context, a *caller, names []string) error {
		for i := range b.N {
			if err := a.Send(names[0], "add", 1.0, 2.0); err != nil {
				return err
			}
			if i%100 == 99 {
				if err := a.Sleep(ctx, 0); err != nil {
					return err
				}
			}
		}
		return nil
	})
	runBench(b, loop, c)
}

// BenchmarkCallIn puts off one call after the other.
func BenchmarkCallIn(b *testing.B) {
	loop, c := benchWorld(b, 1, func(_ context.Context, a *caller, _ []string) error {
		n := 0
		var again func(context.Context) error
		again = func(context.Context) error {
			if n++; n == b.N {
				return nil
			}
			_, err := a.CallIn(time.Nanosecond, again)
			return err
		}
		return again(nil)
	})
	b.ResetTimer()
	require.NoError(b, loop.AdvanceTo(context.Background(), scheduler.Hour))
	b.StopTimer()
	require.NoError(b, c.Close())
}
