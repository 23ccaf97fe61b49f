package scheduler_test

import (
	"context"
	"errors"
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
	require.EqualError(t, l.Close(), `t=1s: "a": first: panic: cannot clean up`+"\n"+`t=1s: "a": second: panic: cannot clean up`)
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
