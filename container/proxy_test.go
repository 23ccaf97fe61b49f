package container_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/codec"
	"github.com/simrun/simrun/container"
	"github.com/simrun/simrun/scheduler"
)

// point is a type of the user's.
type point struct {
	X float64 `codec:"x"`
	Y float64 `codec:"y"`
}

// An agent that is passed on arrives as a proxy, at any depth, and leads back.
func TestAgentsAsArguments(t *testing.T) {
	loop := scheduler.NewLoop(scheduler.Config{})
	c := container.New(loop, "town", container.WithTypes(codec.Struct[point]()))
	defer c.Close()
	agent, ended := &callee{}, false
	agent.Expose("describe", func(ctx context.Context, who container.Proxy, all []container.Proxy, when time.Time, where point) (map[string]any, error) {
		name, err := container.As[string](who.Call(ctx, "name", 1))
		return map[string]any{"name": name, "all": all, "me": agent, "next": when.AddDate(0, 0, 1), "where": point{where.Y, where.X}}, err
	})
	require.NoError(t, c.Add("agent", agent))
	require.NoError(t, c.Add("caller", &caller{start: func(ctx context.Context, a *caller) error {
		a.Expose("name", func(_ context.Context, n int) (string, error) { return a.Name(), nil })
		day := time.Date(2020, 2, 28, 12, 0, 0, 0, time.UTC)
		v, err := a.Call(ctx, "local://town/agent", "describe", a, []any{a, agent}, day, point{1, 2})
		require.NoError(t, err)
		got := v.(codec.Object)
		for _, m := range got {
			switch m.Key {
			case "name":
				require.Equal(t, "caller", m.Value)
			case "all":
				require.Equal(t, []any{proxy(a), proxy(agent)}, m.Value)
			case "me":
				require.True(t, m.Value.(container.Proxy) == proxy(agent))
			case "next":
				require.Equal(t, day.AddDate(0, 0, 1), m.Value)
			case "where":
				require.Equal(t, point{2, 1}, m.Value)
			}
		}
		require.Len(t, got, 5)
		_, err = a.Call(ctx, "agent", "describe", &callee{}, nil, day, point{})
		require.ErrorContains(t, err, "agent \"\" is not in container \"town\"")
		_, err = a.Call(ctx, "agent", "describe", 5, nil, day, point{})
		require.ErrorContains(t, err, "found an integer instead of the Go type container.Proxy")
		ended = true
		return nil
	}}))
	advance(t, loop, scheduler.Second)
	require.True(t, ended)

	_, err := proxy(agent).Call(context.Background(), "describe")
	require.ErrorContains(t, err, "the context is not that of a behaviour")
	require.Equal(t, "local://town/agent", proxy(agent).String())
	require.PanicsWithValue(t, "container: codec: the type time.Time is in the list twice, at 0 and 1", func() { container.WithTypes(codec.Date())(c) })
}

// proxy is how an agent arrives.
func proxy(a interface{ Address() string }) container.Proxy { return container.ProxyOf(a.Address()) }
