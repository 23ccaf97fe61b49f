package scheduler

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// TestEventsFromOutsideBeyondTheLimit schedules steps that nobody could foresee,
// later than the limit, as a run along a wall clock does. The steps are those of
// a run that knew them from the beginning, and nobody reads what is not there yet.
func TestEventsFromOutsideBeyondTheLimit(t *testing.T) {
	const lastEvent = 25 // as late as a system may end
	rapid.Check(t, func(t *rapid.T) {
		s := drawSystem(t)
		for range rapid.IntRange(0, 6).Draw(t, "events") {
			s.outside = append(s.outside, sysEvent{rapid.IntRange(0, len(s.names)-1).Draw(t, "who"), Time(rapid.IntRange(1, lastEvent).Draw(t, "when"))})
		}
		c := s.build()
		require.NoError(t, c.Start(s.until))
		limit := Time(0)
		c.SetLimit(limit)
		left := slices.Clone(s.outside)
		inject := func(i int) {
			c.Schedule(LP(left[i].lp), At(left[i].at))
			left = slices.Delete(left, i, i+1)
		}
		steps := make([][]Time, len(s.names))
		var flying []Grant
		for !c.Finished() || len(left) > 0 {
			checkBounds(t, c)
			if len(left) > 0 && rapid.IntRange(0, 3).Draw(t, "outside") == 0 {
				inject(rapid.IntRange(0, len(left)-1).Draw(t, "event"))
				continue
			}
			if rapid.Bool().Draw(t, "grant") || len(flying) == 0 {
				if g, ok := c.Next(); ok {
					s.checkGrant(t, c, g)
					steps[g.LP] = append(steps[g.LP], g.Stamp.Time)
					flying = append(flying, g)
					continue
				}
				if len(flying) == 0 {
					require.Less(t, limit, Time(lastEvent+1), "nobody steps and nobody may")
				}
				limit += Time(rapid.IntRange(1, 4).Draw(t, "later"))
				for i := len(left) - 1; i >= 0; i-- {
					if left[i].at <= limit {
						inject(i)
					}
				}
				c.SetLimit(limit)
				continue
			}
			at := rapid.IntRange(0, len(flying)-1).Draw(t, "complete")
			g := flying[at]
			flying = slices.Delete(flying, at, at+1)
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
		want := make([][]Time, len(s.names))
		for i, all := range s.sequential(func(i int) int { return c.Rank(LP(i)) }) {
			for _, step := range all {
				want[i] = append(want[i], step.At)
			}
		}
		require.Equal(t, want, steps)
	})
}

// checkGrant checks that all steps are complete whose values the granted one
// reads, and that it leaves no reader behind.
func (s *system) checkGrant(t require.TestingT, c *Coordinator, g Grant) {
	now := g.Stamp.Time
	for _, l := range s.links {
		if l.from == l.to {
			continue
		}
		if LP(l.to) == g.LP {
			from := c.lps[l.from].key.Time
			require.False(t, from != Never && from+Time(l.delay) <= now, "%s at %v reads %s, which has a step at %v and a delay of %v",
				c.Name(g.LP), now, c.Name(LP(l.from)), from, time.Duration(l.delay))
		}
		if LP(l.from) == g.LP {
			require.GreaterOrEqual(t, c.lps[l.to].key.Time, now, "%s runs ahead of %s", c.Name(g.LP), c.Name(LP(l.to)))
		}
	}
}
