package scheduler

import "cmp"

// Places is a process's place among those that step at one instant, level by
// level: among the outermost loops of links of one instant, inside its loop, and so
// on, see Coordinator.Places.
type Places [TierLevels + 1]int32

// Places returns the place of a process in the order of steps. It is known after
// Start.
func (c *Coordinator) Places(lp LP) Places { return Places(c.places[lp]) }

// CompareSteps returns -1, 0 or +1 as the step at s of a process with places p comes
// before that at t of one with places q, is the same, or comes after it, in the order
// in which a coordinator that lets one process step at a time would grant them: of
// those at one time the lower place first, inside a loop the lower round first. What
// a step sees or is caused by comes before it.
func CompareSteps(p Places, s Stamp, q Places, t Stamp) int {
	if c := cmp.Compare(s.Time, t.Time); c != 0 {
		return c
	}
	for level := range p {
		if c := cmp.Compare(p[level], q[level]); c != 0 {
			return c
		}
		if level < TierLevels {
			if c := cmp.Compare(s.Tier.Level(level), t.Tier.Level(level)); c != 0 {
				return c
			}
		}
	}
	return 0
}
