package sim

import (
	"fmt"
	"time"
)

// Step is one step of a simulator. It is valid until Simulator.Step returns.
type Step struct {
	lp         *Instance
	time       Time
	elapsed    time.Duration
	maxAdvance Time
	output     Time
}

// Time is the virtual time of the step.
func (s *Step) Time() Time { return s.time }

// Elapsed is the virtual time since the simulator's previous step; 0 at its
// first.
func (s *Step) Elapsed() time.Duration { return s.elapsed }

// Date is Time as a date in UTC; the zero date if the world has no start.
func (s *Step) Date() time.Time { return s.lp.world.Date(s.time) }

// MaxAdvance is the latest time up to which no input can trigger another step,
// unless the simulator's own outputs come back to it earlier. It is before Time if
// another round at the same time may follow.
func (s *Step) MaxAdvance() Time { return s.maxAdvance }

// SetOutputTime says that the outputs of this step are as of t, not as of
// Time. It fails if t is earlier than Time.
func (s *Step) SetOutputTime(t Time) error {
	if t < s.time {
		return fmt.Errorf("output time %v is before the step's time %v; outputs cannot change the past", t, s.time)
	}
	s.output = t
	return nil
}
