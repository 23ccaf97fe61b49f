package scenarios

import (
	"fmt"
	"time"

	"github.com/simrun/simrun/sim"
)

// EndAt reads an end of the run that takes the place of the scenario's: a length
// of time, or a date after the start. The error says what to write.
func (s *Scenario) EndAt(text string) (sim.Time, error) {
	date, isDate := dateOf(text)
	if !isDate {
		d, err := sim.ParseDuration(text)
		if err != nil || d <= 0 {
			return 0, fmt.Errorf("not a length of time above 0 and up to 292 years with a unit, nor a date; write it like 90s, 12h, 7d or 2026-06-08")
		}
		return sim.Time(d), nil
	}
	after := date.Sub(s.Start)
	switch {
	case s.Start.IsZero():
		return 0, fmt.Errorf("a date needs a start, which the scenario does not give; write a length of time like 12h or 7d")
	case after <= 0:
		return 0, fmt.Errorf("not after the start, %s; give a later date, or a length of time like 7d", s.Start.Format(time.RFC3339))
	case !s.Start.Add(after).Equal(date): // Sub ends at the largest Duration
		return 0, fmt.Errorf("more than 292 years after the start; end it sooner")
	}
	return sim.Time(after), nil
}
