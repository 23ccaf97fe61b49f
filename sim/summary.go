package sim

import "time"

// RunOptions say how far and how fast to run.
type RunOptions struct {
	// Until ends the run: steps at Until and later are not run.
	Until Time
	// Pace is how many seconds of virtual time pass in a second of real time.
	// 0 means as fast as possible. A paced run lasts until the clock has reached
	// Until, because events may come from outside.
	Pace float64
}

// Stats is what one simulator has cost.
type Stats struct {
	Steps     int64
	Setup     time.Duration // in Init, Create and SetupDone
	Own       time.Duration // computing its steps
	Waiting   time.Duration // with a step due, for others
	Messaging time.Duration // encoding, sending, decoding; 0 for Go simulators
}

// Messenger is implemented by simulators that exchange messages with another
// process. Messaging returns the time spent so far on encoding and decoding
// them; it is taken off the time that their steps take.
type Messenger interface{ Messaging() time.Duration }

// Summary tells about a run, also about one that failed.
type Summary struct {
	Reached   Time // every step before it was completed
	Until     Time
	Complete  bool // the run reached Until
	Wall      time.Duration
	MaxLag    time.Duration // behind real time at most, with RunOptions.Pace
	Digest    string        // of everything that was put out, equal for equal runs
	Rows      int64         // values recorded
	Instances []*Instance   // in the order of Add; see Instance.Stats
}

// Status is a snapshot of a run under way.
type Status struct {
	Reached Time // every step before it was completed
	Until   Time
	Steps   int64
}
