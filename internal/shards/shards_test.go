package shards_test

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"math"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/simrun/simrun/internal/shards"
	"github.com/simrun/simrun/scheduler"
	"github.com/simrun/simrun/sim/random"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const lookahead = 100 * time.Millisecond

// lp is a logical process of PHOLD: each event causes another one, at an LP chosen at
// random. Times are coarse, so that many are equal; and some events cause more at the
// same time: one in this round, before those that wait, and one in the next.
type lp struct {
	shard  *shards.Shard
	actor  *scheduler.Actor
	random *random.Stream
	all    []*lp
	count  uint64
	failAt uint64
}

var errFull = errors.New("the parking lot is full")

func (p *lp) Handle() error {
	p.count++
	if p.count == p.failAt {
		return errFull
	}
	now := p.shard.Loop().Now()
	if p.random.IntN(4) == 0 {
		if _, err := p.shard.Loop().AtPriority(now, scheduler.Urgent, p.actor, p.rest); err != nil {
			return err
		}
	}
	to := p.all[p.random.IntN(len(p.all))]
	after := scheduler.Time(lookahead) + scheduler.Time(p.random.IntN(20))*50*scheduler.Millisecond
	return p.shard.Send(p.actor, to.shard, now+after, to)
}

func (p *lp) rest() error {
	return p.shard.Loop().Post(p.actor, func() error { p.count++; return nil })
}

// phold makes the model on so many shards, with LPs dealt out to them like cards.
func phold(t *testing.T, lps, n int, trace func(scheduler.Occurrence)) (*shards.Group, []*lp) {
	g, err := shards.New(n, lookahead, trace)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, g.Close()) })
	all := make([]*lp, lps)
	for i := range all {
		name := fmt.Sprintf("lp-%03d", i)
		s := g.Shards()[i%n]
		a, err := s.Actor(name)
		require.NoError(t, err)
		all[i] = &lp{shard: s, actor: a, random: random.New(1, name), all: all}
		for range 3 {
			_, err = s.Loop().Schedule(0, scheduler.Normal, a, all[i])
			require.NoError(t, err)
		}
	}
	return g, all
}

// The trace is the same on any number of shards and of processors.
func TestTraceDoesNotDependOnShards(t *testing.T) {
	digest := func(n int) (digest uint64, events int) {
		h := fnv.New64a()
		last := scheduler.Time(0)
		g, all := phold(t, 100, n, func(o scheduler.Occurrence) {
			require.GreaterOrEqual(t, o.Time, last)
			last = o.Time
			events++
			require.NoError(t, binary.Write(h, binary.LittleEndian, []uint64{uint64(o.Time), uint64(o.Round), uint64(o.Key)}))
		})
		// In two parts, which nobody can tell either.
		require.NoError(t, g.Run(context.Background(), 3*scheduler.Second+1))
		require.NoError(t, g.Run(context.Background(), 10*scheduler.Second))
		for _, p := range all {
			require.NoError(t, binary.Write(h, binary.LittleEndian, p.count))
		}
		return h.Sum64(), events
	}
	want, events := digest(1)
	require.Greater(t, events, 5000)
	for _, processors := range []int{1, 2} {
		for _, n := range []int{1, 2, 3} {
			t.Run(fmt.Sprintf("%d shards, %d processors", n, processors), func(t *testing.T) {
				defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(processors))
				got, n := digest(n)
				require.Equal(t, events, n)
				require.Equal(t, want, got)
			})
		}
	}
}

// Of several failures in one window the first counts, on whatever shard it is.
func TestFirstFailure(t *testing.T) {
	fail := func(n int) error {
		g, all := phold(t, 30, n, nil)
		for i := range all {
			all[i].failAt = 20
		}
		err := g.Run(context.Background(), scheduler.Minute)
		require.ErrorIs(t, err, errFull)
		require.Equal(t, err, g.Run(context.Background(), scheduler.Minute), "the run has ended")
		return err
	}
	want := fail(1).Error()
	for _, n := range []int{2, 3, 5} {
		require.EqualError(t, fail(n), want)
	}
}

func TestRunIsInterrupted(t *testing.T) {
	for _, n := range []int{1, 3} {
		g, all := phold(t, 30, n, nil)
		ctx, cancel := context.WithCancel(context.Background())
		events := 0
		_, err := all[0].shard.Loop().At(scheduler.Minute, all[0].actor, func() error { events++; cancel(); return nil })
		require.NoError(t, err)
		require.ErrorIs(t, g.Run(ctx, scheduler.Never), context.Canceled)
		require.Equal(t, 1, events)
		require.ErrorIs(t, g.Run(context.Background(), scheduler.Never), context.Canceled)
	}
}

// A shard that has nothing to do waits for the others.
func TestIdleShards(t *testing.T) {
	g, err := shards.New(3, lookahead, nil)
	require.NoError(t, err)
	s := g.Shards()[1]
	a, err := s.Actor("a")
	require.NoError(t, err)
	count := 0
	var tick func() error
	tick = func() error {
		count++
		_, err := s.Loop().After(time.Second, a, tick)
		return err
	}
	require.NoError(t, tick())
	require.NoError(t, g.Run(context.Background(), 100*scheduler.Second))
	require.Equal(t, 100, count)
	require.NoError(t, g.Close())
}

type nothing struct{}

func (nothing) Handle() error { return nil }

func TestWhatIsRefused(t *testing.T) {
	_, err := shards.New(0, lookahead, nil)
	require.EqualError(t, err, "a group of 0 shards: there must be at least one")
	_, err = shards.New(2, 0, nil)
	require.EqualError(t, err, "a lookahead of 0s: it must be positive, or shards would have to wait for each other at every event")

	for n := 1; n <= 2; n++ { // what is refused on two is refused on one
		g, err := shards.New(n, lookahead, nil)
		require.NoError(t, err)
		first, last := g.Shards()[0], g.Shards()[n-1]
		a, err := first.Actor("a")
		require.NoError(t, err)
		_, err = last.Actor("a")
		require.ErrorContains(t, err, `the name "a" is taken already`)
		require.EqualError(t, first.Send(a, last, scheduler.Second, nothing{}), `"a" sends something before the run; schedule an event that does`)

		send := func(after scheduler.Time) error {
			return first.Send(a, last, first.Loop().Now()+after, nothing{})
		}
		_, err = first.Loop().At(scheduler.Second, a, func() error {
			require.NoError(t, send(scheduler.Time(lookahead)))
			require.NoError(t, send(math.MaxInt64-scheduler.Second), "what is for Never does not happen")
			_, err := first.Actor("b")
			require.ErrorContains(t, err, `actor "b": `)
			return send(scheduler.Time(lookahead) - 1)
		})
		require.NoError(t, err)
		require.EqualError(t, g.Run(context.Background(), scheduler.Minute),
			`t=1s: "a": "a" sends something for 1.099999999s; with a lookahead of 100ms the earliest is 1.1s`)
		require.NoError(t, g.Close())
	}
}
