package results

import (
	"math"

	"github.com/simrun/simrun/sim"
)

// SeriesStats is what is known of a recorded series without keeping its values.
type SeriesStats struct {
	sim.Series
	Rows    int64 // values, of whatever kind
	Numbers int64 // of them, those that the rest is about: numbers that are not NaN
	Min     float64
	Max     float64
	Mean    float64 // of the recorded values, each counted once however long it was valid
}

// add takes in one value.
func (s *SeriesStats) add(v sim.Value) {
	s.Rows++
	f, ok := number(v)
	if !ok {
		return
	}
	s.Numbers++
	if s.Numbers == 1 {
		s.Min, s.Max, s.Mean = f, f, f
		return
	}
	s.Min, s.Max = min(s.Min, f), max(s.Max, f)
	s.Mean = toward(s.Mean, f, 1/float64(s.Numbers))
}

// toward is the mean with a number that has a share in it. It is Welford's running mean
// (Technometrics 4(3), 1962): it does not lose digits the way a long sum does, that of
// equal numbers is that number, and it does not overflow. It is infinite if a number is,
// and NaN if there are infinities of both signs.
func toward(mean, f, share float64) float64 {
	if apart := f - mean; apart-apart == 0 {
		return mean + apart*share
	}
	return mean*(1-share) + f*share
}

// number returns v if it is a number or a boolean, which counts as 0 or 1, and
// not NaN.
func number(v sim.Value) (float64, bool) {
	if k := v.Kind(); k == sim.KindText || k == sim.KindNull || k == sim.KindAny {
		return 0, false
	}
	f, err := v.Float64()
	return f, err == nil && !math.IsNaN(f)
}

// Merge combines the statistics of several series into one. What describes the
// series is taken from s.
func (s *SeriesStats) Merge(other SeriesStats) {
	s.Rows += other.Rows
	if other.Numbers == 0 {
		return
	}
	if s.Numbers == 0 {
		s.Numbers, s.Min, s.Max, s.Mean = other.Numbers, other.Min, other.Max, other.Mean
		return
	}
	s.Min, s.Max = min(s.Min, other.Min), max(s.Max, other.Max)
	s.Numbers += other.Numbers
	s.Mean = toward(s.Mean, other.Mean, float64(other.Numbers)/float64(s.Numbers))
}
