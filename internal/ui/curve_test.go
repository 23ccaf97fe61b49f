package ui

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/simrun/simrun/sim"
)

// What is left of a curve is like all of it, where nobody can tell two times apart
// that are closer than a bucket.
func TestCurveKeepsFirstLeastGreatestAndLast(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const most = 8
		c := NewCurve(most)
		var all []point
		at := sim.Time(0)
		for i, n := 0, rapid.IntRange(1, 200).Draw(t, "values"); i < n; i++ {
			at += sim.Time(rapid.Int64Range(0, 1000).Draw(t, "later"))
			v := float64(rapid.IntRange(-50, 50).Draw(t, "value"))
			all = append(all, point{at, v})
			c.Add(at, v)
		}
		got := c.points(nil, 0)
		require.LessOrEqual(t, len(got), 4*most)
		for i, p := range got {
			require.Contains(t, all, p, "only what has been there")
			require.True(t, i == 0 || got[i-1].t <= p.t)
		}
		require.Equal(t, all[0], got[0])
		require.Equal(t, all[len(all)-1], got[len(got)-1])
		extremes := func(points []point) map[sim.Time][2]float64 {
			by := make(map[sim.Time][2]float64)
			for _, p := range points {
				k := p.t / c.width
				e, ok := by[k]
				if !ok {
					e = [2]float64{math.Inf(1), math.Inf(-1)}
				}
				by[k] = [2]float64{min(e[0], p.v), max(e[1], p.v)}
			}
			return by
		}
		require.Equal(t, extremes(all), extremes(got))
	})
}

// Whoever gets only news knows as much as who gets everything.
func TestCurveNews(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := NewCurve(8)
		var s shown
		var have []point
		at := sim.Time(0)
		for i, n := 0, rapid.IntRange(1, 100).Draw(t, "values"); i < n; i++ {
			at += sim.Time(rapid.Int64Range(0, 100).Draw(t, "later"))
			c.Add(at, float64(rapid.IntRange(-5, 5).Draw(t, "value")))
			if rapid.Bool().Draw(t, "look") {
				keep, more := c.news(&s)
				have = append(have[:keep], more...)
				require.Equal(t, c.points(nil, 0), have)
			}
		}
	})
}

func TestCurveLeavesOutWhatCannotBeDrawn(t *testing.T) {
	c := NewCurve(8)
	assert.False(t, c.Add(0, math.NaN()))
	assert.False(t, c.Add(1, math.Inf(-1)))
	assert.Empty(t, c.points(nil, 0))
	keep, more := c.news(&shown{})
	assert.Zero(t, keep)
	assert.Empty(t, more)
}

func BenchmarkCurve(b *testing.B) {
	c := NewCurve(1024)
	b.ReportAllocs()
	for i := range b.N {
		c.Add(sim.Time(i)*1e9, float64(i%97))
	}
}
