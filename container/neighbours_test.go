package container_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/container"
	"github.com/simrun/simrun/scheduler"
)

// Agents in several containers on one loop reach each other by their names. When a
// container is closed, the calls that its agents work on fail.
func TestContainersOnOneLoop(t *testing.T) {
	loop := scheduler.NewLoop(scheduler.Config{})
	north, south := container.New(loop, "north"), container.New(loop, "south")
	to := &callee{}
	to.Expose("fetch", func(ctx context.Context, d int64) (string, error) { return "here", to.Sleep(ctx, time.Duration(d)) })
	require.NoError(t, south.Add("callee", to))
	var got []any
	require.NoError(t, north.Add("caller", &caller{start: func(ctx context.Context, a *caller) error {
		for range 3 {
			v, err := a.Call(ctx, "callee", "fetch", int64(len(got))*int64(time.Hour))
			if err != nil {
				v = err.Error()
			}
			got = append(got, v)
		}
		return nil
	}}))
	require.ErrorContains(t, north.Add("callee", &callee{}), `the name "callee" is taken already`)
	advance(t, loop, scheduler.Minute)
	require.Len(t, north.Waiting(), 1)
	require.Empty(t, south.Waiting())
	require.NoError(t, south.Close())
	advance(t, loop, scheduler.Minute)
	require.Equal(t, []any{"here",
		`agent "callee": fetch: LookupError: the agent was removed before it had answered`,
		`agent "callee": fetch: LookupError: agent "callee" has left`}, got)
	require.Empty(t, north.Waiting())
	require.NoError(t, north.Close())
	require.NoError(t, loop.Close())
}
