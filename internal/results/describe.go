package results

import "github.com/simrun/simrun/sim"

// Description is what a stored series comes to.
type Description struct {
	SeriesStats
	First, Last sim.Time // of its values, if there are any
	// TimeMean is the mean over virtual time, in which each number counts as long
	// as it is valid: until the next value, the last until Stored.End. It is
	// of persistent series with numbers only, see HasTimeMean.
	TimeMean    float64
	HasTimeMean bool

	valid   float64 // the number that is valid now
	isValid bool
	covered sim.Time // for how long there was a number
}

// Describe reads all values and sums up the series, in the order of s.Series.
func (s *Stored) Describe() ([]Description, error) {
	all := make([]Description, len(s.Series))
	for i := range all {
		all[i].Series = s.Series[i]
	}
	err := s.Rows(func(row sim.Row) error {
		all[row.Series].take(row)
		return nil
	})
	if err != nil {
		return nil, err
	}
	end, err := s.End()
	if err != nil {
		return nil, err
	}
	for i := range all {
		all[i].end(end)
	}
	return all, nil
}

func (d *Description) take(row sim.Row) {
	if d.Rows == 0 {
		d.First = row.Time
	}
	d.hold(row.Time)
	d.Last = row.Time
	d.valid, d.isValid = number(row.Value)
	d.add(row.Value)
}

// hold counts the number that is valid, up to a time.
func (d *Description) hold(to sim.Time) {
	if span := to - d.Last; d.isValid && span > 0 {
		d.covered += span
		d.TimeMean = toward(d.TimeMean, d.valid, float64(span)/float64(d.covered))
	}
}

func (d *Description) end(at sim.Time) {
	d.hold(at)
	d.HasTimeMean = !d.Event && d.covered > 0
}
