package scheduler_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/scheduler"
)

// pinger is an entity that is its own handler.
type pinger struct {
	loop  *scheduler.Loop
	actor *scheduler.Actor
	count int
	fail  error
}

func newPinger(t *testing.T, cfg scheduler.Config) *pinger {
	p := &pinger{loop: scheduler.NewLoop(cfg)}
	var err error
	p.actor, err = p.loop.Actor("pinger")
	require.NoError(t, err)
	_, err = p.loop.Schedule(0, scheduler.Normal, p.actor, p)
	require.NoError(t, err)
	return p
}

func (p *pinger) Handle() error {
	p.count++
	if p.fail != nil {
		return p.fail
	}
	_, err := p.loop.Schedule(p.loop.Now()+scheduler.Second, scheduler.Normal, p.actor, p)
	return err
}

func TestHandlersDoNotAllocate(t *testing.T) {
	p := newPinger(t, scheduler.Config{})
	ctx := context.Background()
	require.NoError(t, p.loop.AdvanceTo(ctx, scheduler.Minute))
	require.Equal(t, 61, p.count)
	require.Zero(t, testing.AllocsPerRun(10, func() {
		if err := p.loop.AdvanceTo(ctx, p.loop.Now()+scheduler.Minute); err != nil {
			t.Fatal(err)
		}
	}))
}

func TestErrorOfHandler(t *testing.T) {
	p := newPinger(t, scheduler.Config{})
	require.NoError(t, p.loop.AdvanceTo(context.Background(), scheduler.Second))
	p.fail = errors.New("no answer")
	err := p.loop.AdvanceTo(context.Background(), scheduler.Minute)
	require.ErrorIs(t, err, p.fail)
	require.EqualError(t, err, `t=2s: "pinger": no answer`)
}

// call is an event about something, with a name.
type call struct{ number int }

func (c *call) Handle() error  { panic("line cut") }
func (c *call) String() string { return fmt.Sprint("call ", c.number) }

func TestPanicNamesEvent(t *testing.T) {
	p := newPinger(t, scheduler.Config{})
	_, err := p.loop.Schedule(scheduler.Second, scheduler.Urgent, p.actor, &call{7})
	require.NoError(t, err)
	err = p.loop.AdvanceTo(context.Background(), scheduler.Minute)
	require.Equal(t, `t=1s: "pinger": call 7: panic: line cut`, unplaced(err))
}

func TestMaxEvents(t *testing.T) {
	p := newPinger(t, scheduler.Config{MaxEvents: 5})
	ctx := context.Background()
	require.NoError(t, p.loop.AdvanceTo(ctx, 4*scheduler.Second), "five events are allowed")
	err := p.loop.AdvanceTo(ctx, scheduler.Minute)
	require.EqualError(t, err, `t=5s: "pinger": no end after 5 events (MaxEvents); end the run earlier, or allow more`)
	var limit *scheduler.EventsError
	require.ErrorAs(t, err, &limit)
	require.Equal(t, 5, p.count)
	require.Equal(t, err, p.loop.AdvanceTo(ctx, scheduler.Minute), "the run has ended")
}

func TestTrace(t *testing.T) {
	var lines []string
	l := scheduler.NewLoop(scheduler.Config{Trace: func(o scheduler.Occurrence) {
		lines = append(lines, fmt.Sprintf("%v round %d %s %d %s", o.Time, o.Round, o.Actor.Name(), o.Key.Source(), o.Process))
	}})
	b, err := l.Actor("b")
	require.NoError(t, err)
	a, err := l.Actor("a")
	require.NoError(t, err)
	_, err = l.After(time.Second, b, func() error { return l.Post(b, func() error { return nil }) })
	require.NoError(t, err)
	_, err = l.Spawn(a, "p", func(p *scheduler.Process) error { return p.Sleep(time.Second) })
	require.NoError(t, err)
	require.NoError(t, scheduler.RunUntil(context.Background(), l, scheduler.Minute))
	require.Equal(t, []string{"0s round 0 a 0 p", "1s round 0 a 0 p", "1s round 0 b 1 ", "1s round 1 b 1 "}, lines)
}

// A time beyond the range is not taken for one that never comes.
func TestTimeThatOverflows(t *testing.T) {
	p := newPinger(t, scheduler.Config{})
	require.NoError(t, p.loop.AdvanceTo(context.Background(), scheduler.Second))
	const text = "of 2562047h47m16.854775807s at 1s goes beyond the end of time, 292 years; for what never happens use Never"
	_, err := p.loop.After(math.MaxInt64, p.actor, func() error { return nil })
	require.EqualError(t, err, "a delay "+text)
	_, err = p.loop.Spawn(p.actor, "sleeper", func(p *scheduler.Process) error {
		require.EqualError(t, p.WaitFor(math.MaxInt64), "a wait "+text)
		return p.Sleep(math.MaxInt64)
	})
	require.NoError(t, err)
	require.ErrorContains(t, p.loop.AdvanceTo(context.Background(), scheduler.Second), "sleeper: a sleep "+text)
}

func TestRunUntilStopsAtTheLastEvent(t *testing.T) {
	p := newPinger(t, scheduler.Config{})
	require.NoError(t, scheduler.RunUntil(context.Background(), p.loop, 10*scheduler.Second))
	require.Equal(t, 10, p.count, "what is due at the end does not happen")
	require.Equal(t, 9*scheduler.Second, p.loop.Now())
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	require.ErrorIs(t, scheduler.RunUntil(ctx, p.loop, scheduler.Minute), context.Canceled)
	require.NoError(t, scheduler.RunUntil(ctx, p.loop, scheduler.Second), "nothing is left to do before")
}

// A driver limits the time on the wall by the context; what it says is in the error.
func TestWallTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPinger(t, scheduler.Config{Stats: func(scheduler.Stats) { time.Sleep(time.Second) }})
		limit := 9500 * time.Millisecond
		ctx, cancel := context.WithTimeoutCause(t.Context(), limit, &scheduler.WallTimeError{Limit: limit})
		defer cancel()
		err := scheduler.RunUntil(ctx, p.loop, scheduler.Never)
		require.EqualError(t, err, "t=2559s: interrupted: no end after 9.5s by the clock on the wall; end the run earlier, or allow more")
		require.ErrorIs(t, err, context.DeadlineExceeded)
		var late *scheduler.WallTimeError
		require.ErrorAs(t, err, &late)
	})
}

func TestCauseOfInterruption(t *testing.T) {
	p := newPinger(t, scheduler.Config{})
	tired := errors.New("the user has had enough")
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(tired)
	err := scheduler.RunUntil(ctx, p.loop, scheduler.Never)
	require.EqualError(t, err, "t=0s: interrupted: the user has had enough (context canceled)")
	require.ErrorIs(t, err, tired)
	require.ErrorIs(t, err, context.Canceled)
}

func TestStats(t *testing.T) {
	var all []scheduler.Stats
	p := newPinger(t, scheduler.Config{Stats: func(s scheduler.Stats) { all = append(all, s) }})
	_, err := p.loop.Spawn(p.actor, "sleeper", func(p *scheduler.Process) error { return p.Sleep(time.Hour) })
	require.NoError(t, err)
	require.NoError(t, p.loop.AdvanceTo(context.Background(), 300*scheduler.Second))
	require.Equal(t, []scheduler.Stats{
		{Time: 254 * scheduler.Second, Events: 256, Pending: 2, Processes: 1},
		{Time: 300 * scheduler.Second, Events: 302, Pending: 2, Processes: 1},
	}, all)
	require.NoError(t, p.loop.Post(p.actor, func() error { return nil }))
	require.Equal(t, 3, p.loop.Stats().Pending)
	require.NoError(t, p.loop.Close())
}
