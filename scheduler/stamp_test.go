package scheduler

import (
	"cmp"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// tuple is a stamp written out: time, and rounds level by level.
type tuple [1 + TierLevels]int

func (a tuple) stamp() Stamp {
	s := Stamp{Time: Time(a[0])}
	for i, n := range a[1:] {
		s.Tier |= Tier(n) << tierShift(i)
	}
	return s
}

func drawTuple(t *rapid.T) tuple {
	var a tuple
	a[0] = rapid.IntRange(0, 3).Draw(t, "time")
	for i := range TierLevels {
		most := 1<<(innerBits-1) - 1
		if i == 0 {
			most = 1<<(outerBits-1) - 1
		}
		a[1+i] = rapid.OneOf(rapid.IntRange(0, 3), rapid.IntRange(0, most)).Draw(t, "rounds")
	}
	return a
}

// TestStampsAreTuples: stamps compare and add as the tuples do that they stand
// for.
func TestStampsAreTuples(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := drawTuple(t), drawTuple(t)
		require.Equal(t, slices.Compare(a[:], b[:]), a.stamp().Compare(b.stamp()))
		for i := range TierLevels {
			require.Equal(t, a[1+i], a.stamp().Tier.Level(i))
		}
		require.False(t, a.stamp().Tier.Full())

		shift := rapid.IntRange(0, 2).Draw(t, "shift")
		groups := rapid.IntRange(0, TierLevels).Draw(t, "groups")
		weak := groups > 0 && rapid.Bool().Draw(t, "weak")
		d := NewDelay(time.Duration(shift), groups, weak)
		sum := a
		sum[0] += shift
		clear(sum[1+groups:])
		if weak {
			sum[groups]++
		}
		require.Equal(t, sum.stamp(), a.stamp().Plus(d))
		require.Equal(t, shift == 0 && !weak, d.Instantaneous())
	})
}

func TestStampAtTheEnds(t *testing.T) {
	require.Equal(t, End, End.Plus(NewDelay(1, 1, true)))
	require.Equal(t, End, At(Never-1).Plus(NewDelay(5, 0, false)))
	require.Equal(t, "1.5s", Stamp{Time: 1500 * Millisecond}.String())
	require.Equal(t, "0s round 2:0:7", tuple{0, 2, 0, 7}.stamp().String())
	require.True(t, tuple{0, 0, 1 << (innerBits - 1)}.stamp().Tier.Full())
	require.True(t, tuple{0, 1 << (outerBits - 1)}.stamp().Tier.Full())
	require.Panics(t, func() { NewDelay(0, 0, true) })
	require.Panics(t, func() { NewDelay(0, TierLevels+1, false) })
}

// grouped is a random system with loops: process i is in as many groups, of
// which each is inside the one before.
type grouped struct {
	*system
	groups []int
	weak   []bool // by link
}

func drawGrouped(t *rapid.T) *grouped {
	g := &grouped{system: drawSystem(t)}
	for range g.names {
		g.groups = append(g.groups, rapid.IntRange(0, TierLevels).Draw(t, "groups"))
	}
	for k := range g.links {
		l := &g.links[k]
		weak := min(g.groups[l.from], g.groups[l.to]) > 0 && rapid.Bool().Draw(t, "weak")
		if g.weak = append(g.weak, weak); weak && rapid.Bool().Draw(t, "backwards") {
			l.from, l.to, l.delay = l.to, l.from, 0
		}
	}
	return g
}

func (g *grouped) delay(k int) Delay {
	l := g.links[k]
	return NewDelay(l.delay, min(g.groups[l.from], g.groups[l.to]), g.weak[k])
}

// checkUntil checks a property, again and again until it has come across the rare case that
// it counts.
func checkUntil(t *testing.T, met *int, property func(*rapid.T)) {
	for range 20 {
		if rapid.Check(t, property); *met > 0 || t.Failed() {
			return
		}
	}
	require.Fail(t, "the case has not been met")
}

// TestLoopsDoNotDependOnWhoIsFaster: whatever order steps are completed in, and
// however far processes run ahead, the same steps are made with the same MaxAdvance, and nobody has to wait for
// ever.
func TestLoopsDoNotDependOnWhoIsFaster(t *testing.T) {
	loops := 0
	checkUntil(t, &loops, func(t *rapid.T) {
		g := drawGrouped(t)
		run := func(grantFirst func() bool, complete func(n int) int, window func() int) ([][]Grant, bool) {
			c := NewCoordinator()
			for i, name := range g.names {
				c.NeedMaxAdvance(c.Add(name))
				c.SetWindow(LP(i), window())
				if g.first[i] >= 0 {
					c.Schedule(LP(i), At(g.first[i]))
				}
			}
			for k, l := range g.links {
				c.Link(LP(l.from), LP(l.to), g.delay(k), l.trigger)
			}
			if c.Start(g.until) != nil {
				return nil, false // a cycle
			}
			made := make([][]Grant, len(g.names))
			var flying []Grant
			for !c.Finished() {
				checkBounds(t, c)
				if len(flying) == 0 || grantFirst() {
					if gr, ok := c.Next(); ok {
						made[gr.LP] = append(made[gr.LP], gr)
						flying = append(flying, gr)
						continue
					}
					require.NotEmpty(t, flying, "nobody steps and nobody may")
				}
				at := complete(len(flying))
				gr := flying[at]
				flying = slices.Delete(flying, at, at+1)
				next, triggers := g.acts(int(gr.LP), gr.Stamp.Time)
				if next != Never {
					c.Schedule(gr.LP, At(next))
				}
				for k, l := range g.links {
					if LP(l.from) == gr.LP && l.trigger && triggers(k) && gr.Rounds < 4 {
						c.Schedule(LP(l.to), gr.Stamp.Plus(g.delay(k)))
					}
				}
				c.Done(gr.LP)
			}
			return made, true
		}
		one, ok := run(func() bool { return false }, func(int) int { return 0 }, func() int { return 0 })
		other, same := run(func() bool { return rapid.Bool().Draw(t, "grant") }, func(n int) int { return rapid.IntRange(0, n-1).Draw(t, "complete") },
			func() int { return rapid.IntRange(0, 4).Draw(t, "window") })
		require.Equal(t, ok, same)
		require.Equal(t, one, other)
		for _, all := range one {
			if slices.ContainsFunc(all, func(gr Grant) bool { return gr.Rounds > 0 }) {
				loops++
			}
		}
	})
}

// TestRoundsAreForgottenOutside: while a makes rounds, b, which sees none of them, may be
// triggered at the first one, and so d after it. Whoever reads d there waits.
func TestRoundsAreForgottenOutside(t *testing.T) {
	c := NewCoordinator()
	a, b, d, reader := c.Add("a"), c.Add("b"), c.Add("d"), c.Add("reader")
	round, inside, outside := NewDelay(0, 1, true), NewDelay(0, 1, false), NewDelay(0, 0, false)
	c.Link(a, a, round, true)
	c.Link(a, d, inside, true)
	c.Link(a, b, outside, true)
	c.Link(b, d, outside, true)
	c.Link(d, reader, inside, false)
	c.Schedule(a, At(1))
	c.Schedule(reader, At(1))
	require.NoError(t, c.Start(2))
	var steps []string
	for !c.Finished() {
		checkBounds(t, c)
		g, ok := c.Next()
		require.True(t, ok)
		steps = append(steps, fmt.Sprint(c.Name(g.LP), " ", g.Stamp.Tier))
		switch now := g.Stamp; {
		case g.LP == a && now.Tier.Level(0) < 2:
			c.Schedule(a, now.Plus(round))
			if now.Tier > 0 {
				c.Schedule(d, now.Plus(inside))
			}
		case g.LP == a:
			c.Schedule(b, now.Plus(outside))
		case g.LP == b:
			c.Schedule(d, now.Plus(outside))
		}
		c.Done(g.LP)
	}
	require.Equal(t, []string{"a 0", "a 1", "a 2", "b 0", "d 0", "reader 0", "d 1"}, steps)
}

func TestCoordinatorRefusesLoopThatLeavesItsGroup(t *testing.T) {
	link := func(weak bool, groups ...int) error {
		c := NewCoordinator()
		for i := range groups {
			c.Add(string(rune('a' + i)))
		}
		for i := range groups {
			to := (i + 1) % len(groups)
			c.Link(LP(i), LP(to), NewDelay(0, min(groups[i], groups[to]), weak && i == 0), true)
		}
		return c.Start(1)
	}
	require.NoError(t, link(true, 1, 1, 1))
	require.NoError(t, link(true, 2, 2, 3), "all are in the inner group")
	require.EqualError(t, link(false, 1, 1, 1), "the connections a -> b -> c -> a form a cycle without delay, so nobody in it can step first; shift one of them in time, or make one weak in a group that all of them are in")
	require.Error(t, link(true, 2, 2, 1), "c does not see the rounds of a and b")
	require.Error(t, link(true, 1, 1, 0), "nor of any group")
}

// TestCoordinatorNamesLoop: shortest first, and beginning with the one asked for.
func TestCoordinatorNamesLoop(t *testing.T) {
	c := NewCoordinator()
	for _, name := range []string{"a", "b", "c", "d"} {
		c.Add(name)
	}
	plain, weak := NewDelay(0, 1, false), NewDelay(0, 1, true)
	c.Link(0, 1, plain, true)
	c.Link(1, 2, plain, true)
	c.Link(2, 0, weak, true)
	c.Link(1, 0, weak, false) // does not trigger
	c.Link(2, 3, plain, true)
	c.Link(3, 0, NewDelay(1, 1, false), true)
	require.NoError(t, c.Start(1))
	require.Equal(t, []string{"b", "c", "a"}, c.Loop(1))
	require.Nil(t, c.Loop(3))
	require.Equal(t, 0, cmp.Compare(c.Rank(0)+1, c.Rank(1)))
}
