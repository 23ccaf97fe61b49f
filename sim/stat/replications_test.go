package stat_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/sim/random"
	"github.com/simrun/simrun/sim/stat"
)

// Law, example 10.1: average total cost per month of two inventory policies in five
// independent pairs of replications; the 90% interval is [1.65, 8.31].
func TestPairedTOfLaw(t *testing.T) {
	a := []float64{126.97, 124.31, 126.68, 122.66, 127.23}
	b := []float64{118.21, 120.22, 122.45, 122.68, 119.40}
	interval, err := stat.PairedT(a, b, 0.90)
	require.NoError(t, err)
	require.InDelta(t, 4.98, interval.Mean, 0.005)
	require.InDelta(t, 1.65, interval.Low(), 0.005)
	require.InDelta(t, 8.31, interval.High(), 0.005)
}

func TestPairedTFails(t *testing.T) {
	_, err := stat.PairedT([]float64{1, 2}, []float64{1}, 0.9)
	require.ErrorContains(t, err, "each replication needs both")
	_, err = stat.PairedT([]float64{1}, []float64{1}, 0.9)
	require.ErrorIs(t, err, stat.ErrFew)
	_, err = stat.PairedT([]float64{1, inf}, []float64{1, inf}, 0.9)
	require.ErrorIs(t, err, stat.ErrNotFinite)
}

// Replications that all start ten deviations off cover the mean as often as they say
// once the start is left out, and never with it.
func TestReplicationDeletionCovers(t *testing.T) {
	const runs = 500
	covered, biased := 0, 0
	for run := range uint64(runs) {
		seed := random.Replication(5, run)
		var replications [][]float64
		for n := range uint64(10) {
			s := random.New(random.Replication(seed, n), "ar1")
			x, v := make([]float64, 200), 20.0
			for i := range x {
				v = 0.8*v + s.NormFloat64()
				x[i] = v
			}
			replications = append(replications, x)
		}
		interval, err := stat.ReplicationDeletion(replications, 50, 0.95)
		require.NoError(t, err)
		if interval.Contains(0) {
			covered++
		}
		all, err := stat.ReplicationDeletion(replications, 0, 0.95)
		require.NoError(t, err)
		if all.Contains(0) {
			biased++
		}
	}
	require.InDelta(t, 0.95*runs, covered, 4*4.9) // standard deviation sqrt(500*0.95*0.05)
	require.Less(t, biased, runs/2)
}

func TestReplicationDeletionFails(t *testing.T) {
	good := []float64{1, 2, 3}
	for _, replications := range [][][]float64{nil, {good}, {good, {1, 2}}, {{}, {}}} {
		_, err := stat.ReplicationDeletion(replications, 2, 0.9)
		require.ErrorIs(t, err, stat.ErrFew)
	}
	_, err := stat.ReplicationDeletion([][]float64{good, {1, 2, nan}}, 1, 0.9)
	require.ErrorIs(t, err, stat.ErrNotFinite)
	require.Panics(t, func() { _, _ = stat.ReplicationDeletion([][]float64{good, good}, -1, 0.9) })
}
