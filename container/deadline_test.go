package container_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/container"
	"github.com/simrun/simrun/scheduler"
)

// A call that is not answered in time fails, and its answer finds nobody.
func TestWithin(t *testing.T) {
	loop := scheduler.NewLoop(scheduler.Config{})
	c := container.New(loop, "test")
	to := &callee{}
	to.Expose("f", func(ctx context.Context, d int64) (string, error) { return "done", to.Sleep(ctx, time.Duration(d)) })
	require.NoError(t, c.Add("callee", to))
	ended := false
	require.NoError(t, c.Add("caller", &caller{start: func(ctx context.Context, a *caller) error {
		call := func(ctx context.Context, d time.Duration) (any, error) { return a.Call(ctx, "callee", "f", int64(d)) }
		v, err := call(a.Within(ctx, time.Second), time.Second-1)
		require.NoError(t, err)
		require.Equal(t, "done", v)
		require.Equal(t, scheduler.Second-1, a.Now())

		begin := a.Now()
		_, err = call(a.Within(ctx, time.Second), time.Minute)
		require.EqualError(t, err, `agent "callee": f: no answer has come by t=1.999999999s: context deadline exceeded`)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Equal(t, begin.Add(time.Second), a.Now())

		// The late answer does not reach the next call, which has its place.
		v, err = call(ctx, 2*time.Minute)
		require.NoError(t, err)
		require.Equal(t, "done", v)

		// Sent only at the deadline, it is late; a deadline of now is over at once.
		_, err = call(a.Within(ctx, time.Second), time.Second)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		_, err = call(a.Within(ctx, 0), 0)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		begin = a.Now()
		_, err = call(a.Within(ctx, -time.Hour), 0)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Equal(t, begin, a.Now())

		// The sooner one of two counts.
		begin = a.Now()
		_, err = call(a.Within(a.Within(ctx, time.Second), time.Hour), time.Minute)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		_, err = call(a.Within(a.Within(ctx, time.Hour), time.Second), time.Minute)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Equal(t, begin.Add(2*time.Second), a.Now())

		// Of many, those that are answered in time are.
		begin = a.Now()
		replies, err := a.Gather(a.Within(ctx, 5*time.Second),
			container.Call{Agent: "callee", Method: "f", Args: []any{int64(time.Minute)}},
			container.Call{Agent: "callee", Method: "f", Args: []any{int64(time.Second)}},
			container.Call{Agent: "callee", Method: "g"})
		require.NoError(t, err)
		require.ErrorIs(t, replies[0].Err, context.DeadlineExceeded)
		require.Equal(t, container.Reply{Value: "done"}, replies[1])
		require.ErrorContains(t, replies[2].Err, "LookupError")
		require.Equal(t, begin.Add(5*time.Second), a.Now())

		// Behaviours have the deadline of the context that they are begun with;
		// sleeping does not heed it.
		limited := a.Within(ctx, time.Second)
		var seen error
		require.NoError(t, a.Go(limited, func(ctx context.Context) error { _, seen = call(ctx, time.Minute); return nil }))
		require.NoError(t, a.Sleep(limited, 2*time.Minute))
		require.ErrorIs(t, seen, context.DeadlineExceeded)
		ended = true
		return nil
	}}))
	advance(t, loop, scheduler.Hour)
	require.True(t, ended)
	require.NoError(t, c.Close())
}

// A deadline that is not reached leaves nothing behind.
func TestDeadlineLeavesNothing(t *testing.T) {
	loop := scheduler.NewLoop(scheduler.Config{})
	c := container.New(loop, "test")
	to := &callee{}
	to.Expose("f", func(context.Context) error { return nil })
	require.NoError(t, c.Add("callee", to))
	require.NoError(t, c.Add("caller", &caller{start: func(ctx context.Context, a *caller) error {
		_, err := a.Call(a.Within(ctx, time.Hour), "callee", "f")
		return err
	}}))
	advance(t, loop, 0)
	require.Equal(t, scheduler.Never, loop.Next())
	require.NoError(t, c.Close())
}

// An answer that arrives at the deadline after a delay is in time, whoever sends it.
func TestAnswerThatTravelsArrivesAtTheDeadline(t *testing.T) {
	for _, name := range []string{"a", "z"} {
		loop := scheduler.NewLoop(scheduler.Config{})
		c := container.New(loop, "test", media(t, 1, container.Medium{Delay: time.Second}))
		to := &callee{}
		to.Expose("f", func(context.Context) (int, error) { return 5, nil })
		require.NoError(t, c.Add(name, to))
		require.NoError(t, c.Add("m", &caller{start: func(ctx context.Context, a *caller) error {
			v, err := a.Call(a.Within(ctx, 2*time.Second), name, "f")
			require.Equal(t, int64(5), v)
			return err
		}}))
		advance(t, loop, scheduler.Minute)
		require.NoError(t, c.Close())
	}
}
