package stat_test

import (
	"encoding/binary"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/scheduler"
	"github.com/simrun/simrun/sim/stat"
)

// Whatever numbers come, no collector panics or loses count; figures are true or NaN.
func FuzzCollectors(f *testing.F) {
	bytes := func(x ...float64) (b []byte) {
		for _, v := range x {
			b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
		}
		return b
	}
	f.Add(bytes())
	f.Add(bytes(1, 2, 3))
	f.Add(bytes(nan, inf, -inf, 0, math.Copysign(0, -1)))
	f.Add(bytes(math.MaxFloat64, -math.MaxFloat64, 5e-324, 1e308, 1e-308))
	f.Fuzz(func(t *testing.T, data []byte) {
		var x []float64
		for ; len(data) >= 8; data = data[8:] {
			x = append(x, math.Float64frombits(binary.LittleEndian.Uint64(data)))
		}
		var (
			all     stat.Tally
			w       stat.TimeWeighted
			auto    stat.AutoHistogram
			q       stat.Quantiles
			b       stat.BatchMeans
			finite  uint64
			bounded = true // so that no variance overflows
		)
		fixed, err := stat.NewHistogram(-1, 1, 7)
		require.NoError(t, err)
		for i, v := range x {
			all.Add(v)
			w.Set(scheduler.Time(i), v)
			auto.Add(v)
			fixed.Add(v)
			q.Add(v)
			b.Add(v)
			if v-v == 0 {
				finite++
			}
			bounded = bounded && math.Abs(v) < 1e150
		}
		n := uint64(len(x))
		require.Equal(t, n, all.Count())
		require.Equal(t, [2]uint64{finite, n - finite}, [2]uint64{q.Count(), q.NotFinite()})
		sum := auto.NotFinite()
		for _, bin := range auto.Bins() {
			sum += bin.Count
		}
		require.Equal(t, n, sum)
		sum = fixed.NotFinite() + fixed.Under() + fixed.Over()
		for _, bin := range fixed.Bins() {
			sum += bin.Count
		}
		require.Equal(t, n, sum)
		if _, err := b.Interval(0.95); err == nil {
			require.GreaterOrEqual(t, n, uint64(64))
		}
		_, _ = stat.MSER5(x) // fails or not
		if n == 0 {
			return
		}
		if finite < n {
			require.True(t, math.IsNaN(all.Mean()) && math.IsNaN(all.Variance()) && math.IsNaN(all.Min()))
			return
		}
		for _, p := range []float64{0, 0.3, 0.5, 1} {
			require.True(t, all.Min() <= q.Quantile(p) && q.Quantile(p) <= all.Max())
		}
		if bounded {
			slack := 1e-9 * max(all.Max(), -all.Min())
			require.True(t, all.Min()-slack <= all.Mean() && all.Mean() <= all.Max()+slack)
			mean := w.Mean(scheduler.Time(n))
			require.True(t, all.Min()-slack <= mean && mean <= all.Max()+slack)
			require.InDelta(t, all.Mean(), mean, slack, "each value lasted for 1")
			require.False(t, all.Variance() < 0 || w.Variance(scheduler.Time(n)) < 0)
		}
	})
}
