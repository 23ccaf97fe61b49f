package container_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/container"
	"github.com/simrun/simrun/scheduler"
)

func TestRemovedAgentCanDoNothing(t *testing.T) {
	loop := scheduler.NewLoop(scheduler.Config{})
	c := container.New(loop, "test")
	a := &callee{}
	require.NoError(t, c.Add("a", a))
	require.NoError(t, c.Remove("a"))
	ctx := context.Background()
	do := func(context.Context) error { return nil }
	require.ErrorIs(t, a.Sleep(ctx, time.Second), container.ErrRemoved)
	require.ErrorIs(t, a.Go(ctx, do), container.ErrRemoved)
	_, err := a.CallIn(time.Second, do)
	require.ErrorIs(t, err, container.ErrRemoved)
	_, err = a.Call(ctx, "a", "f")
	require.ErrorIs(t, err, container.ErrRemoved)
	require.ErrorIs(t, a.Leave(), container.ErrRemoved)
	require.EqualError(t, c.Add("b", a), `agent "b": it was removed, as "a"; add a new one`)
	require.NoError(t, c.Add("a", &callee{}), "the name is free")
	require.NoError(t, c.Close())
	require.EqualError(t, c.Remove("a"), `agent "a": container "test" is closed`)
}

// Remove reports what goes wrong in Stop, and panics of behaviours.
func TestRemoveReportsFailures(t *testing.T) {
	loop := scheduler.NewLoop(scheduler.Config{})
	c := container.New(loop, "test")
	require.NoError(t, c.Add("a", &stopping{stop: func() error { return errors.New("no space left") }}))
	b := &caller{start: func(ctx context.Context, a *caller) error {
		defer func() { panic("half done") }()
		return a.Sleep(ctx, time.Hour)
	}}
	require.NoError(t, c.Add("b", b))
	advance(t, loop, scheduler.Second)
	require.EqualError(t, c.Remove("a"), `stop agent "a": no space left`)
	require.ErrorContains(t, c.Remove("b"), `t=1s: "b": Start: panic: half done (remove_test.go:`)
	require.NoError(t, c.Close())
}

// A run that is interrupted between an agent's leave and its end ends it on Close.
func TestCloseEndsAgentsThatLeave(t *testing.T) {
	loop := scheduler.NewLoop(scheduler.Config{})
	c := container.New(loop, "test")
	stopped := 0
	b := &stopping{stop: func() error { stopped++; return nil }}
	require.NoError(t, c.Add("b", b))
	require.NoError(t, c.Add("a", &caller{start: func(ctx context.Context, a *caller) error {
		if err := c.Remove("b"); err != nil {
			return err
		}
		return errors.New("the run ends here")
	}}))
	require.ErrorContains(t, loop.AdvanceTo(context.Background(), 0), "the run ends here")
	require.Zero(t, stopped)
	require.NoError(t, c.Close())
	require.Equal(t, 1, stopped)
}

func TestCloseByAnAgent(t *testing.T) {
	loop := scheduler.NewLoop(scheduler.Config{})
	c := container.New(loop, "test")
	require.NoError(t, c.Add("a", &caller{start: func(context.Context, *caller) error { return c.Close() }}))
	require.ErrorContains(t, loop.AdvanceTo(context.Background(), 0), `container "test" was closed by one of its agents`)
	require.NoError(t, c.Close())
}

// mayfly is an agent that calls others at random, has others removed, makes new
// ones, and leaves after a while.
type mayfly struct {
	container.Agent
	c      *container.Container
	random *rand.Rand // shared: what it draws depends on the order of everything
	log    func(format string, args ...any)
}

func (m *mayfly) Start(ctx context.Context) error {
	m.Expose("buzz", func(ctx context.Context) (int, error) {
		err := m.Sleep(ctx, time.Duration(m.random.IntN(3))*time.Second)
		return m.random.IntN(100), err
	})
	if _, err := m.CallEvery(time.Second, func(context.Context) error { m.log("%s ticks", m.Name()); return nil }); err != nil {
		return err
	}
	for {
		if err := m.Sleep(ctx, time.Duration(m.random.IntN(3))*time.Second); err != nil {
			return err
		}
		name := fmt.Sprint("fly-", m.random.IntN(12))
		switch what := m.random.IntN(10); {
		case what == 0 && m.c.Has(name):
			m.log("%s removes %s", m.Name(), name)
			if err := m.c.Remove(name); err != nil {
				return err
			}
		case what == 1 && len(m.c.Agents()) > 3:
			m.log("%s leaves", m.Name())
			return m.Leave()
		case what < 5 && !m.c.Has(name):
			m.log("%s adds %s", m.Name(), name)
			if err := m.c.Add(name, &mayfly{c: m.c, random: m.random, log: m.log}); err != nil {
				return err
			}
		default:
			n, err := m.Call(ctx, name, "buzz")
			m.log("%s hears %v, %v", m.Name(), n, err)
		}
		if !m.c.Has("fly-0") { // somebody must live on
			if err := m.c.Add("fly-0", &mayfly{c: m.c, random: m.random, log: m.log}); err != nil {
				return err
			}
		}
	}
}

// Agents that come and go give the same trace in every run, whatever the order in
// which the first ones were added, and nobody waits for an agent that is gone.
func TestAgentsThatComeAndGo(t *testing.T) {
	trace := func(seed uint64, names []string) []string {
		loop := scheduler.NewLoop(scheduler.Config{})
		c := container.New(loop, "test")
		random := rand.New(rand.NewPCG(seed, 0))
		var lines []string
		log := func(format string, args ...any) {
			lines = append(lines, fmt.Sprintf("%v %d ", loop.Now(), loop.Round())+fmt.Sprintf(format, args...))
		}
		for _, name := range names {
			require.NoError(t, c.Add(name, &mayfly{c: c, random: random, log: log}))
		}
		require.NoError(t, scheduler.RunUntil(context.Background(), loop, 100*scheduler.Second))
		for _, w := range c.Waiting() {
			require.Less(t, loop.Now().Sub(w.Since), 10*time.Second, w)
		}
		require.NoError(t, c.Close())
		return lines
	}
	for seed := range uint64(30) {
		want := trace(seed, []string{"fly-0", "fly-1", "fly-10", "fly-2"})
		require.Greater(t, len(want), 300)
		require.Equal(t, want, trace(seed, []string{"fly-2", "fly-10", "fly-1", "fly-0"}))
		all := strings.Join(want, "\n")
		require.Contains(t, all, "removed before it had answered")
		require.Contains(t, all, "leaves")
	}
}

// Agents that come and go leave nothing behind.
func TestRemovalLeaksNothing(t *testing.T) {
	loop := scheduler.NewLoop(scheduler.Config{})
	c := container.New(loop, "test")
	defer func() { require.NoError(t, c.Close()) }()
	churn := func(n int) {
		for i := range n {
			name := fmt.Sprint("agent-", i)
			a := &caller{start: func(ctx context.Context, a *caller) error {
				if _, err := a.CallIn(time.Hour, func(context.Context) error { return nil }); err != nil {
					return err
				}
				return a.Sleep(ctx, 1000*time.Hour)
			}}
			require.NoError(t, c.Add(name, a))
			advance(t, loop, loop.Now()+1)
			require.NoError(t, c.Remove(name))
		}
	}
	churn(100)
	before := heap()
	churn(5000)
	require.Less(t, heap()-before, int64(100_000), "bytes for 5000 agents that are gone")
	require.Equal(t, scheduler.Never, loop.Next())
}

// heap returns the bytes in use.
func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// A caller that has called an agent before reaches whoever has the name now: a new
// agent, that of another container, or nobody.
func TestCallsFollowTheName(t *testing.T) {
	loop := scheduler.NewLoop(scheduler.Config{})
	c, other := container.New(loop, "one"), container.New(loop, "two")
	add := func(to *container.Container, says string) {
		a := &callee{}
		a.Expose("who", container.Instant0(func() (string, error) { return says, nil }))
		require.NoError(t, to.Add("b", a))
	}
	var got []string
	require.NoError(t, c.Add("a", &caller{start: func(ctx context.Context, a *caller) error {
		for {
			who, err := container.As[string](a.Call(ctx, "b", "who"))
			if err != nil {
				who = err.Error()
			}
			got = append(got, who)
			if err := a.Sleep(ctx, time.Second); err != nil {
				return err
			}
		}
	}}))
	add(c, "the first")
	advance(t, loop, 0)
	require.NoError(t, c.Remove("b"))
	advance(t, loop, scheduler.Second)
	add(c, "the second")
	advance(t, loop, 2*scheduler.Second)
	require.NoError(t, c.Remove("b"))
	add(other, "that of another container")
	advance(t, loop, 3*scheduler.Second)
	require.NoError(t, other.Close())
	advance(t, loop, 4*scheduler.Second)
	require.Equal(t, []string{
		"the first",
		`agent "b": who: LookupError: agent "b" has left`,
		"the second",
		"that of another container",
		`agent "b": who: LookupError: agent "b" has left`,
	}, got)
	require.NoError(t, c.Close())
}
