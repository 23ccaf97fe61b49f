package results_test

import (
	"bytes"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/internal/results"
	"github.com/simrun/simrun/sim"
)

// Means of numbers that are far apart, or infinite, are what they are, whether each value
// counts once or as long as it was valid.
func TestMeansOfHugeNumbers(t *testing.T) {
	for _, test := range []struct {
		name           string
		values         []float64 // at 0 s, 1 s, ...; the run ends at 1000 s
		mean, timeMean float64
	}{
		{"constant", []float64{0.1, 0.1, 0.1}, 0.1, 0.1},
		{"late", []float64{math.NaN(), 5, 6}, 5.5, (5 + 6*998) / 999.0},
		{"far apart", []float64{-1.5e308, 1.5e308}, 0, 1.497e308},
		{"huge", []float64{1.5e308, 1.5e308, 1.5e308}, 1.5e308, 1.5e308},
		{"infinite", []float64{1, math.Inf(1), 2}, math.Inf(1), math.Inf(1)},
		{"twice infinite", []float64{math.Inf(-1), 1, math.Inf(-1)}, math.Inf(-1), math.Inf(-1)},
		{"first infinite", []float64{math.Inf(1)}, math.Inf(1), math.Inf(1)},
		{"infinities of both signs", []float64{math.Inf(1), 1, math.Inf(-1)}, math.NaN(), math.NaN()},
	} {
		t.Run(test.name, func(t *testing.T) {
			var rows []sim.Row
			for i, v := range test.values {
				rows = append(rows, sim.Row{Time: sim.Time(i) * 1e9, Value: sim.Float(v)})
			}
			stored, err := results.Open(recordAs(t, results.CSV, mixed[:1], rows))
			require.NoError(t, err)
			all, err := stored.Describe()
			require.NoError(t, err)
			d := all[0]
			require.True(t, d.HasTimeMean)
			near := func(want, got float64, what string) {
				if math.IsNaN(want) || math.IsInf(want, 0) {
					assert.Equal(t, sim.Float(want).String(), sim.Float(got).String(), what)
					return
				}
				assert.InDelta(t, want, got, 1e-12*math.Abs(want)+1e-12, what)
			}
			near(test.mean, d.Mean, "mean")
			near(test.timeMean, d.TimeMean, "over time")
			twice := d.SeriesStats
			twice.Merge(d.SeriesStats)
			near(test.mean, twice.Mean, "merged")
		})
	}
}

// A time at which there is an event and a sample has one line in a table.
func TestSamplesBesideEvents(t *testing.T) {
	series := []sim.Series{{Entity: "a", Attr: "x"}, {Entity: "a", Attr: "trip", Event: true}, {Entity: "b", Attr: "x"}}
	stored, err := results.Open(recordAs(t, results.CSV, series, []sim.Row{
		{Time: 0, Series: 0, Value: sim.Int(1)}, {Time: 0, Series: 1, Value: sim.Int(10)}, {Time: 0, Series: 2, Value: sim.Int(2)},
		{Time: 300e9, Series: 1, Value: sim.Int(11)},
		{Time: 600e9, Series: 1, Value: sim.Int(12)}, {Time: 600e9, Series: 1, Value: sim.Int(13)}, {Time: 600e9, Series: 2, Value: sim.Int(3)},
	}))
	require.NoError(t, err)
	print := func(s results.Selection) string {
		s.Sources = []results.Source{{Stored: stored, Pick: []int{0, 1, 2}}}
		var out bytes.Buffer
		require.NoError(t, s.Print(&out))
		return out.String()
	}
	assert.Equal(t, `time,date,a.x,a.trip,b.x
0,2026-06-01T00:00:00Z,1,10,2
300,2026-06-01T00:05:00Z,,11,
600,2026-06-01T00:10:00Z,1,12,3
600,2026-06-01T00:10:00Z,,13,
`, print(results.Selection{Every: 600e9, Join: true}))
	assert.Equal(t, `time,date,a.x,a.trip,b.x
0,2026-06-01T00:00:00Z,1,10,2
300,2026-06-01T00:05:00Z,1,11,2
600,2026-06-01T00:10:00Z,1,12,3
600,2026-06-01T00:10:00Z,,13,
`, print(results.Selection{Join: true}))
	assert.Equal(t, `time,date,entity,attribute,value
0,2026-06-01T00:00:00Z,a,x,1
0,2026-06-01T00:00:00Z,a,trip,10
0,2026-06-01T00:00:00Z,b,x,2
300,2026-06-01T00:05:00Z,a,trip,11
600,2026-06-01T00:10:00Z,a,x,1
600,2026-06-01T00:10:00Z,a,trip,12
600,2026-06-01T00:10:00Z,a,trip,13
600,2026-06-01T00:10:00Z,b,x,3
`, print(results.Selection{Every: 600e9}))
}
