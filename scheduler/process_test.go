package scheduler_test

import (
	"bytes"
	"context"
	"errors"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/scheduler"
)

// loopWith returns a loop with one actor.
func loopWith(t *testing.T, name string) (*scheduler.Loop, *scheduler.Actor) {
	t.Helper()
	l := scheduler.NewLoop(scheduler.Config{})
	a, err := l.Actor(name)
	require.NoError(t, err)
	return l, a
}

// A body that does not look at the error of its waits must end all the same.
func TestCloseEndsAProcessThatIgnoresIt(t *testing.T) {
	l, a := loopWith(t, "a")
	deferred := false
	_, err := l.Spawn(a, "stubborn", func(p *scheduler.Process) error {
		defer func() { deferred = true }()
		for {
			_ = p.Sleep(time.Second) // on purpose
		}
	})
	require.NoError(t, err)
	require.NoError(t, l.AdvanceTo(context.Background(), scheduler.Minute))
	require.NoError(t, l.Close())
	require.True(t, deferred)
}

func TestWaitSaysThatTheLoopIsClosed(t *testing.T) {
	l, a := loopWith(t, "a")
	var seen error
	_, err := l.Spawn(a, "p", func(p *scheduler.Process) error {
		seen = p.Wait()
		return seen
	})
	require.NoError(t, err)
	require.NoError(t, l.AdvanceTo(context.Background(), 0))
	require.NoError(t, l.Close())
	require.ErrorIs(t, seen, scheduler.ErrClosed)
}

func TestCloseReportsPanics(t *testing.T) {
	l, a := loopWith(t, "a")
	for _, name := range []string{"first", "second"} {
		_, err := l.Spawn(a, name, func(p *scheduler.Process) error {
			defer func() { panic("cannot clean up") }()
			return p.Wait()
		})
		require.NoError(t, err)
	}
	require.NoError(t, l.AdvanceTo(context.Background(), scheduler.Second))
	require.Equal(t, `t=1s: "a": first: panic: cannot clean up`+"\n"+`t=1s: "a": second: panic: cannot clean up`, unplaced(l.Close()))
	require.NoError(t, l.Close())
}

// The actor's close ends its own processes and no others; the loop goes on.
func TestCloseOneActor(t *testing.T) {
	l, a := loopWith(t, "a")
	b, err := l.Actor("b")
	require.NoError(t, err)
	ended := make(map[string]error)
	for _, actor := range []*scheduler.Actor{a, b} {
		_, err := l.Spawn(actor, "p", func(p *scheduler.Process) error {
			ended[actor.Name()] = p.Sleep(time.Hour)
			return nil
		})
		require.NoError(t, err)
	}
	ctx := context.Background()
	require.NoError(t, l.AdvanceTo(ctx, 0))
	require.NoError(t, a.Close())
	require.Equal(t, map[string]error{"a": scheduler.ErrClosed}, ended)
	_, err = l.Spawn(a, "late", func(*scheduler.Process) error { return nil })
	require.ErrorIs(t, err, scheduler.ErrClosed)

	require.NoError(t, l.AdvanceTo(ctx, scheduler.Hour))
	require.Equal(t, map[string]error{"a": scheduler.ErrClosed, "b": nil}, ended)
}

func TestOnlyTheRunningProcessMayWait(t *testing.T) {
	l, a := loopWith(t, "a")
	waiting, err := l.Spawn(a, "waiting", func(p *scheduler.Process) error { return p.Wait() })
	require.NoError(t, err)
	var errs []error
	_, err = l.Spawn(a, "other", func(p *scheduler.Process) error {
		errs = append(errs, waiting.Sleep(time.Second), waiting.Wait())
		return nil
	})
	require.NoError(t, err)
	require.NoError(t, l.AdvanceTo(context.Background(), 0))
	errs = append(errs, waiting.Wait())
	require.Len(t, errs, 3)
	for _, err := range errs {
		require.EqualError(t, err, `process "waiting" of "a" does not run now; only a process itself may wait`)
	}
	require.NoError(t, l.Close())
}

func TestProcessErrorIsWrapped(t *testing.T) {
	l, a := loopWith(t, "a")
	cause := errors.New("out of stock")
	_, err := l.Spawn(a, "sell", func(p *scheduler.Process) error {
		if err := p.Sleep(time.Minute); err != nil {
			return err
		}
		return cause
	})
	require.NoError(t, err)
	err = scheduler.RunUntil(context.Background(), l, scheduler.Hour)
	require.ErrorIs(t, err, cause)
	require.EqualError(t, err, `t=60s: "a": sell: out of stock`)
}

// BenchmarkProcessSleep is one process that sleeps for ever: an event and a
// switch there and back.
func BenchmarkProcessSleep(b *testing.B) {
	l := scheduler.NewLoop(scheduler.Config{})
	a, err := l.Actor("a")
	require.NoError(b, err)
	_, err = l.Spawn(a, "p", func(p *scheduler.Process) error {
		for {
			if err := p.Sleep(time.Second); err != nil {
				return err
			}
		}
	})
	require.NoError(b, err)
	b.ReportAllocs()
	b.ResetTimer()
	require.NoError(b, l.AdvanceTo(context.Background(), scheduler.Time(b.N)*scheduler.Second))
	b.StopTimer()
	require.NoError(b, l.Close())
}

// A process uses the coroutine of one that has ended. A loop keeps some of them, and
// none once nothing is left to happen, or all of its actors are closed.
func TestCoroutinesAreUsedAgain(t *testing.T) {
	l, a := loopWith(t, "a")
	ctx := context.Background()
	_, err := l.Spawn(a, "waiting", func(p *scheduler.Process) error { return p.Wait() })
	require.NoError(t, err)
	for range 100 {
		_, err := l.Spawn(a, "short", func(*scheduler.Process) error { return nil })
		require.NoError(t, err)
	}
	require.NoError(t, l.AdvanceTo(ctx, 0))
	require.Equal(t, 2, coroutines())

	for range 5000 {
		_, err := l.Spawn(a, "sleeping", func(p *scheduler.Process) error { return p.Sleep(time.Second) })
		require.NoError(t, err)
	}
	require.NoError(t, l.AdvanceTo(ctx, 0))
	require.Equal(t, 5001, coroutines())
	require.NoError(t, l.AdvanceTo(ctx, scheduler.Minute))
	require.Less(t, coroutines(), 2000)
	require.NoError(t, a.Close())
	require.Equal(t, 0, coroutines())

	b, err := l.Actor("b")
	require.NoError(t, err)
	_, err = l.Spawn(b, "short", func(*scheduler.Process) error { return nil })
	require.NoError(t, err)
	require.NoError(t, l.AdvanceTo(ctx, scheduler.Hour))
	require.Equal(t, 0, coroutines(), "after everything has happened")
}

// coroutines counts the goroutines that are coroutines of loops. Their number among all
// of them is not exact: those of tests that have ended go when they like.
func coroutines() int {
	stacks := make([]byte, 32<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	return bytes.Count(stacks, []byte("scheduler.(*Loop).performOn("))
}

// What a process does to the coroutine, another does not feel.
func TestProcessAfterOneThatPanicked(t *testing.T) {
	l, a := loopWith(t, "a")
	for _, name := range []string{"first", "second"} {
		_, err := l.Spawn(a, name, func(p *scheduler.Process) error {
			defer func() { panic(name) }()
			return p.Wait()
		})
		require.NoError(t, err)
	}
	ended := false
	_, err := l.Spawn(a, "third", func(p *scheduler.Process) error { ended = true; return nil })
	require.NoError(t, err)
	require.NoError(t, l.AdvanceTo(context.Background(), 0))
	require.True(t, ended)
	b, err := l.Actor("b")
	require.NoError(t, err)
	require.Equal(t, `t=0s: "a": first: panic: first`+"\n"+`t=0s: "a": second: panic: second`, unplaced(a.Close()))
	var seen error
	p, err := l.Spawn(b, "fourth", func(p *scheduler.Process) error { seen = p.Wait(); return nil })
	require.NoError(t, err)
	require.NoError(t, l.AdvanceTo(context.Background(), 0))
	require.NoError(t, p.Wake())
	require.NoError(t, l.AdvanceTo(context.Background(), 0))
	require.NoError(t, seen)
	require.NoError(t, l.Close())
}

func TestLookup(t *testing.T) {
	l, a := loopWith(t, "a")
	require.Same(t, a, l.Lookup("a"))
	require.Nil(t, l.Lookup("b"))
	require.False(t, a.Closed())
	a.Retire()
	require.Nil(t, l.Lookup("a"))
	require.False(t, a.Closed())
	require.NoError(t, a.Close())
	require.True(t, a.Closed())
	require.NoError(t, l.Close())
}

func TestWaitUntil(t *testing.T) {
	l, a := loopWith(t, "a")
	var times []scheduler.Time
	p, err := l.Spawn(a, "p", func(p *scheduler.Process) error {
		for _, until := range []scheduler.Time{0, 10, 20, 30, scheduler.Never} {
			if err := p.WaitUntil(until); err != nil {
				return err
			}
			times = append(times, l.Now())
		}
		return nil
	})
	require.NoError(t, err)
	for _, wake := range []scheduler.Time{15, 32} {
		_, err = l.At(wake, a, func() error {
			require.NoError(t, p.Wake())
			require.Error(t, p.Wake(), "it was woken already")
			return nil
		})
		require.NoError(t, err)
	}
	require.NoError(t, scheduler.RunUntil(t.Context(), l, 100))
	require.Equal(t, []scheduler.Time{0, 10, 15, 30, 32}, times)
	require.Equal(t, scheduler.Never, l.Next(), "waits that ended sooner leave nothing")
	require.NoError(t, l.Close())
}
