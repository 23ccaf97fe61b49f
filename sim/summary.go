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
	// MaxLag, if above 0, ends a paced run with a [*LagError] as soon as a step is not
	// done that long after its time was due by the wall clock. 0: the run catches up
	// as fast as it can.
	MaxLag time.Duration
	// Control, if not nil, lets others pause the run and set its pace.
	Control *Control
	// Observe, if not nil, is told of each step when it is complete, by the goroutine
	// that called Run. The run goes on when it returns.
	Observe func(*Instance, Span)
}

// Stats is what one simulator has cost.
type Stats struct {
	Steps     int64
	Setup     time.Duration // in Init, Create and SetupDone
	Own       time.Duration // computing its steps
	Waiting   time.Duration // between its steps
	Messaging time.Duration // encoding, sending, decoding; 0 for Go simulators
	// For says for whom it has waited, the longest first. It is estimated from samples,
	// see [Wait].
	For []Wait

	// Advanced is the virtual time from its first step to its last. What it got for
	// a step on average is Advanced / (Steps-1), and what it asked for Requested / Requests.
	Advanced  time.Duration
	Requests  int64   // steps that asked for a next one
	Requested float64 // nanoseconds of virtual time from those steps to the ones asked for
	Early     int64   // steps before the time that the step before had asked for, or though it had asked for none

	Traffic    Traffic          // with its process; zero for Go simulators
	Containers []ContainerStats // in which its agents live, if they are in other processes
}

// Traffic is what has been sent to a program in another process, and what has come
// from it.
type Traffic struct {
	Sent, Received           int64 // frames
	BytesSent, BytesReceived int64
}

// Trafficker is implemented by simulators that are in another process. Traffic may be
// called at any time, from any goroutine.
type Trafficker interface{ Traffic() Traffic }

// Containers is implemented by simulators whose agents live in containers in other
// processes. Containers may be called at any time, from any goroutine.
type Containers interface{ Containers() []ContainerStats }

// ContainerStats is what agents in one container in another process have cost.
type ContainerStats struct {
	Name    string
	Calls   int64         // requests of the run, above all to make a round
	Own     time.Duration // until they were answered
	Traffic Traffic
}

// Span is one step, as [RunOptions].Observe is told of it.
type Span struct {
	At     Time          // virtual time of the step
	Began  time.Time     // wall time
	Took   time.Duration // wall time, messages included
	Waited time.Duration // wall time since the simulator's last step
	For    *Instance     // that it waited for then; nil: nobody, or it is not known
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
	Lag     time.Duration // behind the wall clock, at the end of the last step; 0 without a pace
}
