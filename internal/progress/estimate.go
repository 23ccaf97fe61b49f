package progress

import (
	"time"

	"github.com/simrun/simrun/sim"
)

// window is how far back the speed is measured.
const window = 15 * time.Second

// Estimate knows how fast virtual time has passed of late. It is not safe for
// concurrent use.
type Estimate struct {
	samples []sample // in order of time, at most those within window and one before
}

type sample struct {
	wall    time.Time
	reached sim.Time
}

// Add notes how far the run had come at a time.
func (e *Estimate) Add(now time.Time, reached sim.Time) {
	e.samples = append(e.samples, sample{now, reached})
	for len(e.samples) > 2 && now.Sub(e.samples[1].wall) >= window {
		e.samples = e.samples[1:]
	}
}

// Speed is virtual time over real time, 0 if it is not known.
func (e *Estimate) Speed() float64 {
	if len(e.samples) < 2 {
		return 0
	}
	first, last := e.samples[0], e.samples[len(e.samples)-1]
	wall := last.wall.Sub(first.wall)
	if wall <= 0 {
		return 0
	}
	return float64(last.reached-first.reached) / float64(wall)
}

// Left is the real time until the end, negative if it is not known.
func (e *Estimate) Left(until sim.Time) time.Duration {
	speed := e.Speed()
	if speed <= 0 {
		return -1
	}
	nanoseconds := float64(until-e.samples[len(e.samples)-1].reached) / speed
	if nanoseconds > float64(1000*24*time.Hour) {
		return -1
	}
	return time.Duration(nanoseconds)
}
