package scheduler_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/scheduler"
)

// fakeClock is a wall clock that passes only while somebody sleeps.
type fakeClock struct {
	now    time.Time
	sleeps []time.Duration // since the start, to which it was asked to sleep
	start  time.Time
}

func newFakeClock() *fakeClock {
	start := time.Date(2024, 2, 29, 12, 0, 0, 0, time.UTC)
	return &fakeClock{now: start, start: start}
}

func (c *fakeClock) Now() time.Time { return c.now }

func (c *fakeClock) SleepUntil(ctx context.Context, t time.Time) error {
	c.sleeps = append(c.sleeps, t.Sub(c.start))
	if t.After(c.now) {
		c.now = t
	}
	return ctx.Err()
}

func TestRealTimeWaitsForTheWallClock(t *testing.T) {
	l, a := loopWith(t, "a")
	clock := newFakeClock()
	var ran []time.Duration
	event := func(cost time.Duration) func() error {
		return func() error {
			ran = append(ran, clock.now.Sub(clock.start))
			clock.now = clock.now.Add(cost)
			return nil
		}
	}
	for _, e := range []struct {
		at   scheduler.Time
		cost time.Duration
	}{{0, 0}, {10 * scheduler.Second, 3 * time.Second}, {12 * scheduler.Second, 0}, {60 * scheduler.Second, 0}, {scheduler.Hour, 0}} {
		_, err := l.At(e.at, a, event(e.cost))
		require.NoError(t, err)
	}
	// Two seconds of virtual time in one real second. The event at 10s takes 3
	// real seconds, so that the one at 12s, due one second later, is 2s late.
	lag, err := scheduler.RealTime{Clock: clock, Factor: 2}.RunUntil(context.Background(), l, 100*scheduler.Second)
	require.NoError(t, err)
	require.Equal(t, []time.Duration{0, 5 * time.Second, 8 * time.Second, 30 * time.Second}, ran)
	require.Equal(t, 2*time.Second, lag)
	require.Equal(t, 50*time.Second, clock.now.Sub(clock.start), "a run lasts until its end")
	require.Equal(t, scheduler.Hour, l.Next(), "what is due later does not happen")
}

func TestRealTimeEndsWithItsContext(t *testing.T) {
	l, a := loopWith(t, "a")
	_, err := l.At(scheduler.Second, a, func() error { t.Error("must not run"); return nil })
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = scheduler.RealTime{Clock: newFakeClock(), Factor: 1}.RunUntil(ctx, l, scheduler.Hour)
	require.ErrorIs(t, err, context.Canceled)
}

func TestRealTimeWithoutEnd(t *testing.T) {
	l, a := loopWith(t, "a")
	_, err := l.At(scheduler.Second, a, func() error { return nil })
	require.NoError(t, err)
	clock := newFakeClock()
	_, err = scheduler.RealTime{Clock: clock, Factor: 1}.RunUntil(context.Background(), l, scheduler.Never)
	require.NoError(t, err)
	require.Equal(t, time.Second, clock.now.Sub(clock.start))
}

// The longest run there can be, in slow motion, must not come round again.
func TestRealTimeDoesNotOverflow(t *testing.T) {
	l, _ := loopWith(t, "a")
	clock := newFakeClock()
	_, err := scheduler.RealTime{Clock: clock, Factor: 1e-9}.RunUntil(context.Background(), l, scheduler.Never-1)
	require.NoError(t, err)
	require.Greater(t, clock.now.Sub(clock.start), 100*365*24*time.Hour)
}

func TestRealTimeChecksItsFactor(t *testing.T) {
	l, _ := loopWith(t, "a")
	for _, factor := range []float64{0, -1} {
		_, err := scheduler.RealTime{Clock: newFakeClock(), Factor: factor}.RunUntil(context.Background(), l, scheduler.Hour)
		require.ErrorContains(t, err, "give a positive one")
	}
}

func TestRunUntilLeavesOutWhatIsDueAtTheEnd(t *testing.T) {
	l, a := loopWith(t, "a")
	var ran []scheduler.Time
	for _, at := range []scheduler.Time{9, 10, 11} {
		_, err := l.At(at, a, func() error { ran = append(ran, at); return nil })
		require.NoError(t, err)
	}
	require.NoError(t, scheduler.RunUntil(context.Background(), l, 10))
	require.Equal(t, []scheduler.Time{9}, ran)
	require.Equal(t, scheduler.Time(10), l.Next())
}
