package progress

import (
	"time"

	"github.com/simrun/simrun/sim"
)

const (
	// slowestEvery is the time between two looks at what all simulators have cost.
	slowestEvery = time.Second
	// slowestShare is the least share of the time that is worth a word.
	slowestShare = 0.1
)

// slowest knows which simulator has taken the most of the time of a run so far.
type slowest struct {
	began  time.Time
	looked time.Time
	sim    string  // "": none that is worth a word
	share  float64 // of the real time, its own steps and messages
}

// due reports whether it is time to look again. It is for the goroutine that takes.
func (s *slowest) due(now time.Time) bool { return now.Sub(s.looked) >= slowestEvery }

func (s *slowest) take(activities []sim.Activity, now time.Time) {
	if len(activities) == 0 {
		return
	}
	s.looked, s.sim, s.share = now, "", slowestShare
	for _, a := range activities {
		if share := float64(a.Stats.Own+a.Stats.Messaging) / float64(max(now.Sub(s.began), 1)); share >= s.share {
			s.sim, s.share = a.Sim, min(1, share)
		}
	}
}
