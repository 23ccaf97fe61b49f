package stat_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/scheduler"
	"github.com/simrun/simrun/sim/random"
	"github.com/simrun/simrun/sim/stat"
)

// collectors are all of them, as functions that add an observation.
func collectors(t testing.TB) map[string]func(x float64) {
	var (
		tally stat.Tally
		w     stat.TimeWeighted
		now   scheduler.Time
		auto  stat.AutoHistogram
		q     stat.Quantiles
		b     stat.BatchMeans
	)
	fixed, err := stat.NewHistogram(0, 5, 100)
	require.NoError(t, err)
	return map[string]func(x float64){
		"Tally":         tally.Add,
		"TimeWeighted":  func(x float64) { now += 1000; w.Set(now, x) },
		"AutoHistogram": auto.Add,
		"Histogram":     fixed.Add,
		"Quantiles":     q.Add,
		"BatchMeans":    b.Add,
	}
}

// numbers are 1024 exponential variates.
func numbers() (x [1024]float64) {
	s := random.New(1, "bench")
	for i := range x {
		x[i] = s.ExpFloat64()
	}
	return x
}

func BenchmarkAdd(b *testing.B) {
	x := numbers()
	for name, add := range collectors(b) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				add(x[i%len(x)])
			}
		})
	}
}

func TestAddDoesNotAllocate(t *testing.T) {
	x := numbers()
	for name, add := range collectors(t) {
		for _, v := range x { // Quantiles find out what sizes there are
			add(v)
		}
		i := 0
		require.Zero(t, testing.AllocsPerRun(1000, func() { add(x[i%len(x)]); i++ }), name)
	}
}
