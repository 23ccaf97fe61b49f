package container_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/container"
	"github.com/simrun/simrun/scheduler"
)

// A spawned agent starts at once, can be called by its name and at its address, stays when
// who has spawned it leaves, and frees its name when it leaves itself.
func TestSpawn(t *testing.T) {
	loop := scheduler.NewLoop(scheduler.Config{})
	c := container.New(loop, "c")
	var lines []string
	say := func(a *caller, format string, args ...any) {
		lines = append(lines, fmt.Sprintf("%v %d %s ", a.Now(), loop.Round(), a.Name())+fmt.Sprintf(format, args...))
	}
	worker := func() *caller {
		return &caller{start: func(ctx context.Context, a *caller) error {
			say(a, "starts at %s", a.Address())
			a.Expose("work", func(context.Context) error { say(a, "works"); return nil })
			a.Expose("leave", func(context.Context) error { return a.Leave() })
			return nil
		}}
	}
	boss := &caller{start: func(ctx context.Context, a *caller) error {
		w := worker()
		if err := a.Spawn("w", w); err != nil {
			return err
		}
		say(a, "has spawned %s; again: %v", w.Name(), a.Spawn("w", worker()))
		for _, call := range [][]string{{"b/w", "work"}, {"local://c/b/w", "work"}, {"b/w", "leave"}, {"b/w", "work"}, {"b/w/x", "work"}} {
			if _, err := a.Call(ctx, call[0], call[1]); err != nil {
				say(a, "%v", err)
			}
		}
		if err := a.Spawn("w", worker()); err != nil {
			return err
		}
		return a.Leave()
	}}
	require.NoError(t, c.Add("b", boss))
	require.NoError(t, c.Add("a", &caller{start: func(ctx context.Context, a *caller) error {
		if err := a.Sleep(ctx, time.Second); err != nil {
			return err
		}
		_, err := a.Call(ctx, "b/w", "work")
		return err
	}}))
	advance(t, loop, scheduler.Minute)
	require.Equal(t, []string{
		`0s 0 b has spawned b/w; again: agent "b/w": the name "b/w" is taken already; choose another`,
		"0s 0 b/w starts at local://c/b/w",
		"0s 1 b/w works",
		"0s 3 b/w works",
		`0s 8 b agent "b/w": work: LookupError: no agent "b/w": agent "b" has spawned none of that name, or it has left`,
		`0s 10 b agent "b/w/x": work: LookupError: no agent "b/w/x": agent "b/w" has spawned none of that name, or it has left`,
		"0s 10 b/w starts at local://c/b/w",
		"1s 1 b/w works",
	}, lines)
	require.Equal(t, []string{"a", "b/w"}, c.Agents())
	require.NoError(t, c.Close())
	require.NoError(t, loop.Close())
}

func TestSpawnRefuses(t *testing.T) {
	loop := scheduler.NewLoop(scheduler.Config{})
	c := container.New(loop, "c")
	a := &callee{}
	require.EqualError(t, a.Spawn("x", &callee{}), "the agent is in no container; add it to one first")
	require.NoError(t, c.Add("a", a))
	require.NoError(t, c.Add("a/gone", &callee{}))
	require.EqualError(t, a.Spawn("x", &callee{}), `agent "a/x": actor "a/x": the loop has not begun; before that, actors are registered with Loop.Actor`)
	advance(t, loop, 0)
	require.NoError(t, c.Remove("a/gone"))
	const slashes = `: the name of a new agent is text without slashes; its own name comes before it`
	require.EqualError(t, a.Spawn("", &callee{}), `agent "a" cannot spawn ""`+slashes)
	require.EqualError(t, a.Spawn("x/y", &callee{}), `agent "a" cannot spawn "x/y"`+slashes)
	require.ErrorContains(t, a.Spawn("x", nil), `agent "a/x": it is nil`)
	require.EqualError(t, a.Spawn("x", a), `agent "a/x": it is in container "c" already, as "a"`)
	require.EqualError(t, a.Spawn("gone", &callee{}), `agent "a/gone": there was an actor "a/gone" when the loop began; a child cannot have its name`)
	require.NoError(t, c.Remove("a"))
	require.ErrorIs(t, a.Spawn("x", &callee{}), container.ErrRemoved)
	require.NoError(t, c.Close())
}

// Agents that are spawned and leave, leave nothing behind.
func TestSpawnLeaksNothing(t *testing.T) {
	loop := scheduler.NewLoop(scheduler.Config{})
	c := container.New(loop, "c")
	defer func() { require.NoError(t, c.Close()) }()
	a := &callee{}
	require.NoError(t, c.Add("a", a))
	advance(t, loop, 0)
	churn := func(n int) {
		for i := range n {
			child := &caller{start: func(ctx context.Context, a *caller) error { return a.Sleep(ctx, time.Hour) }}
			require.NoError(t, a.Spawn(fmt.Sprint(i), child))
			advance(t, loop, loop.Now()+1)
			require.NoError(t, child.Leave())
		}
	}
	churn(100)
	before := heap()
	churn(5000)
	require.Less(t, heap()-before, int64(100_000), "bytes for 5000 agents that are gone")
	require.Equal(t, scheduler.Never, loop.Next())
}
