package sim

import (
	"errors"
	"fmt"
	"math"
	"sync"
	"sync/atomic"
)

// A Control lets others pause a run and set its pace while it goes on. Give it to
// one run with RunOptions.Control; the zero Control is ready for that. Its methods
// may be called from any goroutine, before, during and after the run, and never
// wait. They do not change what a run computes, only when.
//
// A pause lets the steps that are under way come to their end and begins no other.
// The clock of a run that is paced stands still meanwhile.
type Control struct {
	mu      sync.Mutex
	paused  bool
	instant int     // how many instants to run although paused
	pace    float64 // asked for
	repaced bool    // somebody has asked
	run     *run    // nil: none, or it has ended
	news    atomic.Bool
}

// Pause pauses the run.
func (c *Control) Pause() { c.change(func() { c.paused, c.instant = true, 0 }) }

// Resume lets the run go on.
func (c *Control) Resume() { c.change(func() { c.paused, c.instant = false, 0 }) }

// Step pauses the run, or lets one that is paused go on to the end of the next
// instant: it makes all the steps that are due then.
func (c *Control) Step() {
	c.change(func() {
		if c.paused {
			c.instant++
		}
		c.paused = true
	})
}

// ErrPaced says that a run which was begun with a pace must keep one, because
// events may come from outside.
var ErrPaced = errors.New("the run is paced by real time; give it another pace, it cannot be without one")

// SetPace sets how many seconds of virtual time pass in a second of real time, from
// now on; 0 is as fast as possible. It fails if pace is negative or not finite, and
// with [ErrPaced].
func (c *Control) SetPace(pace float64) error {
	if !(pace >= 0) || math.IsInf(pace, 1) {
		return fmt.Errorf("pace %v must not be negative, and finite", pace)
	}
	c.mu.Lock()
	paced := c.run != nil && c.run.pace > 0
	c.mu.Unlock()
	if paced && pace == 0 {
		return ErrPaced
	}
	c.change(func() { c.pace, c.repaced = pace, true })
	return nil
}

// Paused reports whether the run is paused, or will be at once.
func (c *Control) Paused() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.paused
}

// Pace is the pace of the run, 0 if it is as fast as possible.
func (c *Control) Pace() float64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.pace
}

func (c *Control) change(do func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	do()
	c.news.Store(true)
	if c.run != nil {
		c.run.wakeUp()
	}
}

// begin makes c the control of r, which has the given pace unless another one was
// asked for.
func (c *Control) begin(r *run) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.run != nil {
		return errors.New("run: another run has the control; make one for each")
	}
	c.run = r
	if !c.repaced {
		c.pace = r.pace
	}
	return nil
}

func (c *Control) end() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.run = nil
}

// steer takes over what the control says.
func (r *run) steer() {
	c := r.control
	c.mu.Lock()
	c.news.Store(false)
	paused, pace := c.paused, c.pace
	r.instants += c.instant
	c.instant = 0
	c.mu.Unlock()

	if !paused {
		r.instants = 0
	}
	if r.clock.rate == 0 {
		r.clock.reach(min(r.settled(), r.until)) // a clock that begins, begins there
	}
	r.clock.set(pace, paused)
	if r.paused = paused; paused {
		r.allowed = before0
	}
	r.setLimit()
}

// before0 is earlier than every step.
const before0 = Time(-1)

// oneInstant allows the steps of the next instant, if that was asked for and
// nobody steps.
func (r *run) oneInstant() {
	if r.instants == 0 || r.busy > 0 {
		return
	}
	next := r.coord.NextDue()
	if next == Never || next <= r.allowed {
		return // what is due at the instant allowed last is made first
	}
	r.instants--
	r.allowed = next
	r.clock.reach(next)
	r.setLimit()
}
