package scheduler

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// Whoever has a step to make and may not make it waits for somebody who steps or may.
func TestWaitsForEndsWithSomebodyWhoCanGoOn(t *testing.T) {
	waits := 0
	checkUntil(t, &waits, func(t *rapid.T) {
		s := drawSystem(t)
		c := s.build()
		for i := range s.names {
			c.SetWindow(LP(i), rapid.IntRange(0, 5).Draw(t, "window"))
		}
		require.NoError(t, c.Start(s.until))
		var flying []LP
		for !c.Finished() {
			for i := range s.names {
				p, on := &c.lps[i], c.WaitsFor(LP(i))
				if p.busy || p.inReady || p.key.Time >= s.until {
					require.Equal(t, NoLP, on)
					continue
				}
				require.NotEqual(t, NoLP, on, c.Describe(LP(i)))
				require.True(t, c.lps[on].busy || c.lps[on].inReady, c.Describe(on))
				waits++
			}
			if len(flying) == 0 || rapid.Bool().Draw(t, "grant") {
				if g, ok := c.Next(); ok {
					flying = append(flying, g.LP)
					continue
				}
			}
			at := rapid.IntRange(0, len(flying)-1).Draw(t, "complete")
			lp := flying[at]
			flying = slices.Delete(flying, at, at+1)
			now := c.lps[lp].cur
			next, triggers := s.acts(int(lp), now.Time)
			if next != Never {
				c.Schedule(lp, At(next))
			}
			for k, l := range s.links {
				if LP(l.from) == lp && l.trigger && triggers(k) {
					c.Schedule(LP(l.to), now.Plus(Delay{Time: l.delay}))
				}
			}
			c.Done(lp)
		}
	})
}

func TestWaitsForGoesToTheEndOfTheChain(t *testing.T) {
	c := NewCoordinator()
	a, b, d, other := c.Add("a"), c.Add("b"), c.Add("d"), c.Add("other")
	c.Link(a, b, Delay{}, true)
	c.Link(b, d, Delay{}, false)
	c.Schedule(a, At(0))
	c.Schedule(d, At(0))
	c.Schedule(other, At(5))
	require.NoError(t, c.Start(10))
	assert.Equal(t, a, c.WaitsFor(d), "d waits for b, which a may trigger")
	assert.Equal(t, NoLP, c.WaitsFor(a), "it may step")
	assert.Equal(t, NoLP, c.WaitsFor(b), "it has no step to make")
	assert.Equal(t, NoLP, c.WaitsFor(other))

	g, ok := c.Next()
	require.True(t, ok)
	require.Equal(t, a, g.LP)
	assert.True(t, c.Stepping(a))
	assert.Equal(t, a, c.WaitsFor(d))
	assert.Equal(t, NoLP, c.WaitsFor(a), "it steps")
	c.Schedule(b, At(0))
	c.Done(a)
	assert.Equal(t, b, c.WaitsFor(d))
	assert.Equal(t, Time(0), c.Due(b))
	assert.Equal(t, Never, c.Due(a))
}
