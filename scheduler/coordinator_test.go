package scheduler

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// system is a random set of processes that step themselves and trigger each
// other. What a process does at a step depends on its name and the time alone.
type system struct {
	names []string
	links []sysLink
	first []Time // first step, -1: none
	self  []int  // 0: never steps by itself; else its steps are up to that far apart
	until Time

	outside []sysEvent // steps that nobody in the system causes
}

type sysEvent struct {
	lp int
	at Time
}

type sysLink struct {
	from, to int
	delay    time.Duration
	trigger  bool
}

type made struct {
	At         Time
	MaxAdvance Time
}

func drawSystem(t *rapid.T) *system {
	n := rapid.IntRange(1, 8).Draw(t, "processes")
	s := &system{until: Time(rapid.IntRange(1, 25).Draw(t, "until"))}
	for i := range n {
		s.names = append(s.names, fmt.Sprintf("p%d", (i*5)%n))
		s.first = append(s.first, Time(rapid.IntRange(-1, 5).Draw(t, "first")))
		s.self = append(s.self, rapid.IntRange(0, 4).Draw(t, "self"))
	}
	slices.Sort(s.names)
	s.names = rapid.Permutation(slices.Compact(s.names)).Draw(t, "names")
	for len(s.names) < n {
		s.names = append(s.names, fmt.Sprintf("q%d", len(s.names)))
	}
	for range rapid.IntRange(0, 2*n).Draw(t, "links") {
		l := sysLink{from: rapid.IntRange(0, n-1).Draw(t, "from"), to: rapid.IntRange(0, n-1).Draw(t, "to"),
			delay: time.Duration(rapid.IntRange(0, 3).Draw(t, "delay")), trigger: rapid.Bool().Draw(t, "trigger")}
		// Links without delay lead to a higher number, so there is no cycle.
		if l.delay == 0 && l.from > l.to {
			l.from, l.to = l.to, l.from
		}
		if l.delay == 0 && l.from == l.to {
			l.delay = 1
		}
		s.links = append(s.links, l)
	}
	return s
}

// acts says what process i does at its step at t: when it wants to step next
// (Never: not at all), and by which of its links it triggers.
func (s *system) acts(i int, t Time) (Time, func(link int) bool) {
	h := uint64(t)*0x9e3779b97f4a7c15 ^ uint64(i)*0xbf58476d1ce4e5b9
	mix := func(k uint64) uint64 {
		x := h + k*0x94d049bb133111eb
		x ^= x >> 31
		x *= 0xff51afd7ed558ccd
		return x ^ x>>33
	}
	next := Never
	if s.self[i] > 0 {
		next = t + 1 + Time(mix(1)%uint64(s.self[i]))
	}
	return next, func(link int) bool { return mix(uint64(link)+2)%3 != 0 }
}

func (s *system) build() *Coordinator {
	c := NewCoordinator()
	for i, name := range s.names {
		c.NeedMaxAdvance(c.Add(name))
		if s.first[i] >= 0 {
			c.Schedule(LP(i), At(s.first[i]))
		}
	}
	for _, l := range s.links {
		c.Link(LP(l.from), LP(l.to), Delay{Time: l.delay}, l.trigger)
	}
	return c
}

// sequential runs the system one step after the other, in the order of time
// and rank: the reference.
func (s *system) sequential(rank func(i int) int) [][]made {
	due := make([]map[Time]bool, len(s.names))
	for i := range due {
		due[i] = map[Time]bool{}
		if s.first[i] >= 0 {
			due[i][s.first[i]] = true
		}
	}
	for _, e := range s.outside {
		due[e.lp][e.at] = true
	}
	earliest := func(i int) Time {
		first := Never
		for t := range due[i] {
			first = min(first, t)
		}
		return first
	}
	// The shortest delay over links that trigger, Floyd and Warshall, with paths
	// through the process itself left out later by not counting it.
	dist := make([][]Time, len(s.names))
	for i := range dist {
		dist[i] = slices.Repeat([]Time{Never}, len(s.names))
	}
	for _, l := range s.links {
		if l.trigger {
			dist[l.from][l.to] = min(dist[l.from][l.to], Time(l.delay))
		}
	}
	for k := range dist {
		for i := range dist {
			for j := range dist {
				if dist[i][k] != Never && dist[k][j] != Never {
					dist[i][j] = min(dist[i][j], dist[i][k]+dist[k][j])
				}
			}
		}
	}
	steps := make([][]made, len(s.names))
	for {
		best := -1
		for i := range due {
			if e := earliest(i); e < s.until && (best < 0 || cmp.Or(cmp.Compare(e, earliest(best)), cmp.Compare(rank(i), rank(best))) < 0) {
				best = i
			}
		}
		if best < 0 {
			return steps
		}
		now := earliest(best)
		delete(due[best], now)
		advance := s.until
		advance = min(advance, earliest(best)-1)
		for i := range due {
			if e := earliest(i); i != best && e != Never && dist[i][best] != Never {
				advance = min(advance, e+dist[i][best]-1)
			}
		}
		steps[best] = append(steps[best], made{now, advance})
		next, triggers := s.acts(best, now)
		if next != Never {
			due[best][next] = true
		}
		for k, l := range s.links {
			if l.from == best && l.trigger && triggers(k) {
				due[l.to][now+Time(l.delay)] = true
			}
		}
	}
}

// TestCoordinatorAgreesWithSequentialRun completes steps in random order, as
// parallel simulators do that run ahead of each other, and compares with one step at
// a time.
func TestCoordinatorAgreesWithSequentialRun(t *testing.T) {
	ahead := 0
	checkUntil(t, &ahead, func(t *rapid.T) {
		s := drawSystem(t)
		c := s.build()
		windows := make([]int, len(s.names))
		for i := range windows {
			windows[i] = rapid.IntRange(0, 5).Draw(t, "window")
			c.SetWindow(LP(i), windows[i])
		}
		require.NoError(t, c.Start(s.until))
		steps := make([][]made, len(s.names))
		var flying []Grant
		for !c.Finished() {
			checkBounds(t, c)
			if rapid.Bool().Draw(t, "grant") || len(flying) == 0 {
				if g, ok := c.Next(); ok {
					steps[g.LP] = append(steps[g.LP], made{g.Stamp.Time, g.MaxAdvance})
					ahead += s.checkLead(t, c, g, steps[g.LP])
					flying = append(flying, g)
					continue
				}
				require.NotEmpty(t, flying, "nobody steps and nobody may")
			}
			at := rapid.IntRange(0, len(flying)-1).Draw(t, "complete")
			g := flying[at]
			flying = slices.Delete(flying, at, at+1)
			c.SetWindow(g.LP, rapid.IntRange(0, windows[g.LP]).Draw(t, "window now"))
			next, triggers := s.acts(int(g.LP), g.Stamp.Time)
			if next != Never {
				c.Schedule(g.LP, At(next))
			}
			for k, l := range s.links {
				if LP(l.from) == g.LP && l.trigger && triggers(k) {
					c.Schedule(LP(l.to), g.Stamp.Plus(Delay{Time: l.delay}))
				}
			}
			c.Done(g.LP)
		}
		require.Equal(t, s.sequential(func(i int) int { return c.Rank(LP(i)) }), steps)
	})
}

// checkLead checks that the process that may step is not too far ahead of those that
// read it, and returns whether it is ahead. made are its steps, this one included.
func (s *system) checkLead(t require.TestingT, c *Coordinator, g Grant, made []made) int {
	ahead := 0
	for _, l := range s.links {
		if LP(l.from) != g.LP || l.from == l.to {
			continue
		}
		reader := c.lps[l.to].bound.Time
		if reader < g.Stamp.Time {
			ahead = 1
		}
		if last := len(made) - 1 - c.lps[g.LP].window; last >= 0 {
			require.GreaterOrEqual(t, reader, made[last].At, "%s at %v is more than %d steps ahead of %s", c.Name(g.LP), g.Stamp, c.lps[g.LP].window, c.Name(LP(l.to)))
		}
	}
	return ahead
}

// checkBounds compares the bounds that are kept up to date with those worked
// out from nothing.
func checkBounds(t require.TestingT, c *Coordinator) {
	want := make([]Stamp, len(c.lps))
	for i := range want {
		want[i] = c.lps[i].key
	}
	for changed := true; changed; {
		changed = false
		for i := range c.lps {
			for _, e := range c.lps[i].trigOut {
				if s := want[i].Plus(e.delay); s.Before(want[e.lp]) {
					want[e.lp], changed = s, true
				}
			}
		}
	}
	for i := range want {
		require.Equal(t, want[i], c.lps[i].bound, "bound of %s", c.lps[i].name)
	}
}

// TestCoordinatorLetsIndependentProcessesStepTogether shows that nobody waits
// without a reason.
func TestCoordinatorLetsIndependentProcessesStepTogether(t *testing.T) {
	c := NewCoordinator()
	for _, name := range []string{"a", "b", "reader"} {
		c.Schedule(c.Add(name), At(0))
	}
	c.Link(0, 2, Delay{}, false)
	require.NoError(t, c.Start(10))
	var granted []string
	for {
		g, ok := c.Next()
		if !ok {
			break
		}
		granted = append(granted, c.Name(g.LP))
	}
	require.Equal(t, []string{"a", "b"}, granted)
	on, at := c.Blocked(2)
	require.Equal(t, "a", c.Name(on))
	require.Equal(t, At(0), at)
	require.Equal(t, "waits at 0s for a, which has got to 0s", c.Describe(2))

	// b runs ahead freely; a may not overtake its reader.
	c.Schedule(1, At(5))
	c.Done(1)
	g, ok := c.Next()
	require.True(t, ok)
	require.Equal(t, Grant{LP: 1, Stamp: At(5), MaxAdvance: 10}, g)
	c.Schedule(0, At(1))
	c.Done(0)
	g, ok = c.Next()
	require.True(t, ok)
	require.Equal(t, "reader", c.Name(g.LP))
	_, ok = c.Next()
	require.False(t, ok)
	on, _ = c.Blocked(0)
	require.Equal(t, "reader", c.Name(on))
}

func TestCoordinatorReportsCycle(t *testing.T) {
	c := NewCoordinator()
	for _, name := range []string{"grid", "market", "house", "weather"} {
		c.Add(name)
	}
	c.Link(3, 2, Delay{}, false)
	c.Link(2, 0, Delay{}, false)
	c.Link(0, 1, Delay{}, false)
	c.Link(1, 2, Delay{}, false)
	err := c.Start(1)
	var cycle *CycleError
	require.ErrorAs(t, err, &cycle)
	path := strings.Join(cycle.Path, " ")
	require.Contains(t, []string{"grid market house grid", "house grid market house", "market house grid market"}, path)
	require.ErrorContains(t, err, "shift one of them in time")
}

func TestCoordinatorLimitHoldsBack(t *testing.T) {
	c := NewCoordinator()
	c.Schedule(c.Add("a"), At(5))
	require.NoError(t, c.Start(10))
	c.SetLimit(4)
	_, ok := c.Next()
	require.False(t, ok)
	require.Equal(t, Time(5), c.NextDue())
	// An event from outside comes before it.
	c.Schedule(0, At(4))
	g, ok := c.Next()
	require.True(t, ok)
	require.Equal(t, At(4), g.Stamp)
	c.Done(0)
	c.SetLimit(Never)
	g, ok = c.Next()
	require.True(t, ok)
	require.Equal(t, At(5), g.Stamp)
}

// TestEventFromOutsideUnreadies: an event that nobody could foresee takes the
// leave back that another process was about to get.
func TestEventFromOutsideUnreadies(t *testing.T) {
	c := NewCoordinator()
	source, reader := c.Add("source"), c.Add("reader")
	c.Link(source, reader, Delay{}, true)
	c.Schedule(reader, At(8))
	require.NoError(t, c.Start(10))
	c.SetLimit(3)
	_, ok := c.Next()
	require.False(t, ok)
	c.Schedule(source, At(4))
	c.SetLimit(Never)
	g, ok := c.Next()
	require.True(t, ok)
	require.Equal(t, Grant{LP: source, Stamp: At(4), MaxAdvance: 10}, g)
	_, ok = c.Next()
	require.False(t, ok, "the reader may be triggered at 4")
	c.Schedule(reader, At(4))
	c.Done(source)
	g, _ = c.Next()
	require.Equal(t, Grant{LP: reader, Stamp: At(4)}, g)
}

// TestMaxAdvanceDoesNotDependOnWhoIsFaster: source is kept in step with reader, which it
// triggers a while later. Both may step at one time; whoever does first, source's step counts.
func TestMaxAdvanceDoesNotDependOnWhoIsFaster(t *testing.T) {
	for _, sourceFirst := range []bool{true, false} {
		c := NewCoordinator()
		before, reader, source := c.Add("before"), c.Add("reader"), c.Add("source")
		c.Link(before, reader, Delay{}, false)
		c.Link(source, reader, Delay{Time: 2}, true)
		c.KeepInStep(source, reader)
		c.NeedMaxAdvance(reader)
		for lp := range LP(3) {
			c.Schedule(lp, At(1))
		}
		require.NoError(t, c.Start(10))
		for range 2 {
			_, ok := c.Next()
			require.True(t, ok)
		}
		if sourceFirst {
			c.Done(source)
		}
		c.Done(before)
		g, ok := c.Next()
		require.True(t, ok)
		require.Equal(t, Grant{LP: reader, Stamp: At(1), MaxAdvance: 2}, g, "source first: %v", sourceFirst)
	}
}
