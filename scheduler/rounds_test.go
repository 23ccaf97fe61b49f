package scheduler_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/scheduler"
)

// parts are loops among which actors are spread; send reaches an actor on any.
type parts struct {
	loops  []*scheduler.Loop
	at     map[string]int // the loop of an actor
	actors map[string]*scheduler.Actor
	inbox  [][]sent // by loop
	// Per loop, so that loops share nothing: what happened, with its place in the
	// order of the round.
	trace [][]line
	hear  func(name, from string, n int)
}

type sent struct {
	t    scheduler.Time
	key  scheduler.Key
	from string
	do   func(*scheduler.Actor) error
}

type line struct {
	t     scheduler.Time
	round int
	mark  scheduler.Key
	text  string
}

func newParts(t *testing.T, n int, at map[string]int) *parts {
	p := &parts{at: at, actors: make(map[string]*scheduler.Actor), inbox: make([][]sent, n), trace: make([][]line, n)}
	for i := range n {
		l := scheduler.NewLoop(scheduler.Config{})
		t.Cleanup(func() { require.NoError(t, l.Close()) })
		p.loops = append(p.loops, l)
		for name, home := range at { // in any order
			var err error
			if home == i {
				p.actors[name], err = l.Actor(name)
			} else {
				_, err = l.Remote(name)
			}
			require.NoError(t, err)
		}
		l.Seal()
	}
	return p
}

func (p *parts) loop(name string) *scheduler.Loop { return p.loops[p.at[name]] }

func (p *parts) log(name, format string, args ...any) {
	i := p.at[name]
	l := p.loops[i]
	p.trace[i] = append(p.trace[i], line{l.Now(), l.Round(), l.Mark(), name + " " + fmt.Sprintf(format, args...)})
}

// send lets to hear n in the next round, or after d.
func (p *parts) send(from, to string, n int, d time.Duration) error {
	do := func(*scheduler.Actor) error { p.hear(to, from, n); return nil }
	here, there := p.loop(from), p.loop(to)
	t := here.Now().Add(d)
	if here == there {
		if d > 0 {
			_, err := here.At(t, p.actors[from], func() error { return do(nil) })
			return err
		}
		return here.Post(p.actors[from], func() error { return do(nil) })
	}
	key, err := p.actors[from].NextKey()
	p.inbox[p.at[to]] = append(p.inbox[p.at[to]], sent{t, key, from, do})
	return err
}

// run advances the loops round by round, in an order of loops that is drawn anew
// each time, and returns the merged trace.
func (p *parts) run(t *testing.T, until scheduler.Time, random *rand.Rand) []line {
	deliver := func() (next scheduler.Time) {
		next = scheduler.Never
		for i, l := range p.loops {
			random.Shuffle(len(p.inbox[i]), func(a, b int) { p.inbox[i][a], p.inbox[i][b] = p.inbox[i][b], p.inbox[i][a] })
			for _, m := range p.inbox[i] {
				require.NoError(t, l.Deliver(m.t, m.key, m.from, m.do))
			}
			p.inbox[i] = nil
			next = min(next, l.Next())
		}
		return next
	}
	now, round := scheduler.Time(-1), 0
	for next := deliver(); next < until; next = deliver() {
		if round++; next > now {
			now, round = next, 0
		}
		for _, i := range random.Perm(len(p.loops)) {
			if p.loops[i].Next() == now {
				require.NoError(t, p.loops[i].RunRound(context.Background(), now, round))
			}
		}
	}
	all := slices.Concat(p.trace...)
	slices.SortStableFunc(all, func(a, b line) int {
		return cmp.Or(cmp.Compare(a.t, b.t), cmp.Compare(a.round, b.round), cmp.Compare(a.mark, b.mark))
	})
	return all
}

// gossip is a model in which every actor passes on what it hears, at random, at
// once or later, and acts on its own.
func gossip(t *testing.T, seed uint64, n int) []line {
	layout := rand.New(rand.NewPCG(seed, uint64(n)))
	at := make(map[string]int)
	var names []string
	for i := range 12 {
		name := fmt.Sprintf("a%d", i)
		names = append(names, name)
		at[name] = layout.IntN(n)
	}
	p := newParts(t, n, at)
	random := make(map[string]*rand.Rand)
	for i, name := range names {
		random[name] = rand.New(rand.NewPCG(seed, uint64(100+i)))
	}
	p.hear = func(name, from string, n int) {
		p.log(name, "hears %d from %s", n, from)
		if n == 0 {
			return
		}
		r, l := random[name], p.loop(name)
		d := time.Duration(r.IntN(3)/2) * time.Second
		require.NoError(t, p.send(name, names[r.IntN(len(names))], n-1, d))
		_, err := l.AtPriority(l.Now(), scheduler.Priority(r.IntN(16)), p.actors[name], func() error {
			p.log(name, "thinks of %d", n)
			return p.send(name, names[r.IntN(len(names))], n/2, 0)
		})
		require.NoError(t, err)
	}
	for _, name := range names {
		_, err := p.loop(name).At(scheduler.Time(random[name].IntN(3))*scheduler.Second, p.actors[name], func() error {
			return p.send(name, names[random[name].IntN(len(names))], 8, 0)
		})
		require.NoError(t, err)
	}
	return p.run(t, 60*scheduler.Second, layout)
}

// Everything happens in the same total order on one loop and on several, however
// the actors are spread.
func TestRoundsOnSeveralLoops(t *testing.T) {
	for seed := range uint64(10) {
		want := gossip(t, seed, 1)
		require.Greater(t, len(want), 500)
		for _, n := range []int{2, 3, 7} {
			require.Equal(t, want, gossip(t, seed, n), "seed %d, %d loops", seed, n)
		}
	}
}

// A loop that is run round by round does what AdvanceTo does.
func TestRoundsAreThoseOfAdvanceTo(t *testing.T) {
	run := func(advance func(l *scheduler.Loop)) (lines []string) {
		l := scheduler.NewLoop(scheduler.Config{})
		a, err := l.Actor("a")
		require.NoError(t, err)
		var again func(n int) func() error
		again = func(n int) func() error {
			return func() error {
				lines = append(lines, fmt.Sprintf("%v %d: %d", l.Now(), l.Round(), n))
				if n > 0 {
					require.NoError(t, l.Post(a, again(n-1)))
					_, err := l.After(time.Second, a, again(n/2))
					return err
				}
				return nil
			}
		}
		require.NoError(t, again(5)())
		advance(l)
		require.NoError(t, l.Close())
		return lines
	}
	ctx := context.Background()
	want := run(func(l *scheduler.Loop) { require.NoError(t, scheduler.RunUntil(ctx, l, scheduler.Minute)) })
	require.Greater(t, len(want), 20)
	require.Equal(t, want, run(func(l *scheduler.Loop) {
		for l.Next() < scheduler.Minute {
			round := 0
			if l.Next() == l.Now() {
				round = l.Round() + 1
			}
			require.NoError(t, l.RunRound(ctx, l.Next(), round))
		}
	}))
}

func TestPostAgain(t *testing.T) {
	l, a := loopWith(t, "a")
	b, err := l.Actor("b")
	require.NoError(t, err)
	var ran []string
	_, err = l.At(0, a, func() error {
		key := l.Key()
		l.PostAgain(a, func() error {
			ran = append(ran, "back")
			require.Equal(t, key, l.Key())
			return nil
		})
		return l.Post(a, func() error { ran = append(ran, "a"); return nil })
	})
	require.NoError(t, err)
	require.NoError(t, l.Post(b, func() error { ran = append(ran, "b"); return nil }))
	require.NoError(t, l.AdvanceTo(context.Background(), 0))
	require.Equal(t, []string{"back", "a", "b"}, ran)
}

func TestRunRoundRefuses(t *testing.T) {
	ctx := context.Background()
	l, a := loopWith(t, "b")
	nothing := func(*scheduler.Actor) error { return nil }
	require.ErrorContains(t, l.Deliver(0, 0, "a", nothing), "there is no actor number 0")
	remote, err := l.Remote("c")
	require.NoError(t, err)
	require.True(t, remote.Remote())
	require.False(t, a.Remote())
	_, err = l.Remote("b")
	require.ErrorContains(t, err, `the name "b" is taken already`)

	_, err = l.At(scheduler.Second, a, func() error { return l.Post(a, func() error { return nil }) })
	require.NoError(t, err)
	require.ErrorContains(t, l.RunRound(ctx, 2*scheduler.Second, 0), "something is due at 1s")
	_, err = l.Actor("d")
	require.ErrorContains(t, err, `actor "d": the loop is one of several`)
	_, err = l.Remote("d")
	require.ErrorContains(t, err, `actor "d": actors of other loops must be registered before`)
	require.Equal(t, []string{"b", "c"}, l.Known())

	require.NoError(t, l.RunRound(ctx, scheduler.Second, 0))
	require.Equal(t, scheduler.Second, l.Next())
	require.NoError(t, l.RunRound(ctx, scheduler.Second, 3), "it had nothing to do in rounds 1 and 2")
	require.Equal(t, 3, l.Round())
	require.ErrorContains(t, l.RunRound(ctx, scheduler.Second, 2), "round 2 of t=1s, but it is round 3")
	require.ErrorAs(t, l.RunRound(ctx, 0, 0), new(*scheduler.PastError))

	other, err := remote.NextKey()
	require.NoError(t, err)
	own, err := a.NextKey()
	require.NoError(t, err)
	require.ErrorContains(t, l.Deliver(scheduler.Second, 1<<50, "a", nothing), "there is no actor number 4096")
	require.NoError(t, l.Deliver(scheduler.Second, own, "b", nothing), "it was turned back")
	require.NoError(t, l.Deliver(scheduler.Never, other, "c", nothing))
	require.Equal(t, scheduler.Second, l.Next(), "what is for Never does not happen")
	require.NoError(t, a.Close())
	require.NoError(t, l.Deliver(scheduler.Second, own, "b", func(by *scheduler.Actor) error {
		require.Equal(t, "b", by.Name(), "who has gone meanwhile")
		require.True(t, by.Closed())
		return nil
	}))
	require.ErrorAs(t, l.Deliver(0, other, "c", nothing), new(*scheduler.PastError))
	require.NoError(t, l.Deliver(scheduler.Second, other, "c", func(by *scheduler.Actor) error {
		require.Equal(t, remote, by)
		return errors.New("unwanted")
	}))
	require.EqualError(t, l.RunRound(ctx, scheduler.Second, 4), `t=1s round 4: "c": unwanted`)
	require.EqualError(t, l.RunRound(ctx, scheduler.Second, 5), `t=1s round 4: "c": unwanted`)
}

// The limit on rounds applies to every loop, and each tells of those that it knows.
func TestRunRoundLimit(t *testing.T) {
	ctx := context.Background()
	l := scheduler.NewLoop(scheduler.Config{MaxRounds: 20})
	a, err := l.Actor("a")
	require.NoError(t, err)
	for round := 1; round < 20; round++ {
		if round < 10 {
			require.NoError(t, l.Post(a, func() error { return nil }))
		}
		require.NoError(t, l.RunRound(ctx, 0, round))
	}
	err = l.RunRound(ctx, 0, 21)
	var limit *scheduler.RoundsError
	require.ErrorAs(t, err, &limit)
	require.Equal(t, []string{"a"}, limit.Actors, "it was involved in one of the last rounds")
}

func TestRunRoundIsInterrupted(t *testing.T) {
	l, a := loopWith(t, "a")
	ctx, cancel := context.WithCancel(context.Background())
	var again func() error
	again = func() error {
		cancel()
		_, err := l.At(0, a, again)
		return err
	}
	require.NoError(t, again())
	require.ErrorIs(t, l.RunRound(ctx, 0, 0), context.Canceled)
}
