package scheduler_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/scheduler"
)

// What a closed actor has scheduled happens, also when another has taken its name.
// While the loop runs that takes its number, too: its events come first, and keep
// their order. An actor that was closed before comes after all others.
func TestActorTakesThePlaceOfAClosedOne(t *testing.T) {
	for _, sealed := range []bool{false, true} {
		t.Run(fmt.Sprint("sealed=", sealed), func(t *testing.T) {
			l, old := loopWith(t, "b")
			var ran []string
			at := func(a *scheduler.Actor, what string) {
				_, err := l.At(scheduler.Second, a, func() error { ran = append(ran, what); return nil })
				require.NoError(t, err)
			}
			z, err := l.Actor("z")
			require.NoError(t, err)
			if sealed {
				require.NoError(t, l.AdvanceTo(context.Background(), 0))
			}
			at(z, "z")
			at(old, "old 1")
			at(old, "old 2")
			require.NoError(t, old.Close())
			successor, err := l.Actor("b")
			require.NoError(t, err)
			at(successor, "new 1")
			at(successor, "new 2")
			_, err = l.At(scheduler.Second, old, func() error { return nil })
			require.ErrorIs(t, err, scheduler.ErrClosed)
			require.ErrorIs(t, l.Post(old, nil), scheduler.ErrClosed)
			require.NoError(t, l.AdvanceTo(context.Background(), scheduler.Minute))
			want := []string{"new 1", "new 2", "z", "old 1", "old 2"}
			if sealed {
				want = []string{"old 1", "old 2", "new 1", "new 2", "z"}
			}
			require.Equal(t, want, ran)
			require.NoError(t, l.Close())
		})
	}
}

// A process that has not begun when its actor retires does not begin; one that has
// goes on.
func TestRetire(t *testing.T) {
	l, a := loopWith(t, "a")
	woke := false
	_, err := l.Spawn(a, "p", func(p *scheduler.Process) error {
		_, err := l.Spawn(a, "q", func(*scheduler.Process) error { t.Error("must not begin"); return nil })
		require.NoError(t, err)
		a.Retire()
		_, err = l.Actor("a")
		require.NoError(t, err, "the name is free")
		_, err = l.Spawn(a, "r", func(*scheduler.Process) error { return nil })
		require.ErrorIs(t, err, scheduler.ErrClosed)
		woke = p.Sleep(time.Second) == nil
		return nil
	})
	require.NoError(t, err)
	require.NoError(t, l.AdvanceTo(context.Background(), scheduler.Minute))
	require.True(t, woke)
	require.NoError(t, l.Close())
}

// Nothing of a process that was unwound stays in the queue.
func TestCloseRemovesTheEventsOfProcesses(t *testing.T) {
	l, a := loopWith(t, "a")
	_, err := l.Spawn(a, "asleep", func(p *scheduler.Process) error { return p.Sleep(time.Hour) })
	require.NoError(t, err)
	_, err = l.SpawnAt(scheduler.Minute, scheduler.Normal, a, "later", func(*scheduler.Process) error { return nil })
	require.NoError(t, err)
	require.NoError(t, l.AdvanceTo(context.Background(), 0))
	require.Equal(t, scheduler.Minute, l.Next())
	require.NoError(t, a.Close())
	require.Equal(t, scheduler.Never, l.Next())
	require.NoError(t, a.Close())
	require.NoError(t, l.Close())
}

func TestCloseActorFromWithinTheLoop(t *testing.T) {
	l, a := loopWith(t, "a")
	b, err := l.Actor("b")
	require.NoError(t, err)
	var seen error
	_, err = l.Spawn(a, "p", func(p *scheduler.Process) error { seen = p.Sleep(time.Hour); return seen })
	require.NoError(t, err)
	_, err = l.At(scheduler.Second, b, a.Close) // by a handler
	require.NoError(t, err)
	_, err = l.SpawnAt(scheduler.Minute, scheduler.Normal, b, "q", func(*scheduler.Process) error { return b.Close() })
	require.NoError(t, err)
	require.False(t, l.Advancing())
	require.ErrorContains(t, l.AdvanceTo(context.Background(), scheduler.Hour),
		`t=60s: "b": q: panic: scheduler: Close was called by a process; schedule an event that closes it`)
	require.ErrorIs(t, seen, scheduler.ErrClosed)
	require.NoError(t, l.Close())
}
