package container

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime/debug"
	"time"

	"github.com/simrun/simrun/scheduler"
)

// ErrStopped is returned to those who want to enter a loop whose Run has ended.
var ErrStopped = errors.New("the loop no longer follows the clock on the wall")

// RealTime lets a loop follow the clock on the wall, and goroutines outside enter
// it. The agents' code is the same as in virtual time.
type RealTime struct {
	loop    *scheduler.Loop
	factor  float64
	begun   chan struct{} // holds a token until Run is called
	door    chan errand
	stopped chan struct{}

	// What virtual time is set against, by Run.
	begin  time.Time
	origin scheduler.Time
}

// errand is something that is done inside for somebody outside.
type errand struct {
	do   func() error
	done chan error // has room for the answer
}

// NewRealTime returns a driver for a loop that [RealTime.Run] will start. The
// factor, how many seconds of virtual time pass in one real second, must be
// positive.
func NewRealTime(loop *scheduler.Loop, factor float64) (*RealTime, error) {
	if !(factor > 0) || math.IsInf(factor, 1) {
		return nil, fmt.Errorf("a factor of %v between virtual and real time; give a positive one", factor)
	}
	r := &RealTime{loop: loop, factor: factor, begun: make(chan struct{}, 1), door: make(chan errand), stopped: make(chan struct{})}
	r.begun <- struct{}{}
	return r, nil
}

// Run runs the loop, each event when its time has come, until ctx is cancelled,
// which is no error, or an event fails. What is due at one time is completed
// before it ends. The present virtual time is set against the present real time
// when it is called. The loop belongs to Run until that returns; afterwards close
// the containers. Run can be called once.
//
// An event that comes late is not skipped, and the next ones are not delayed on
// purpose: the loop catches up. Run returns by how much it was behind, in real
// time, at most.
func (r *RealTime) Run(ctx context.Context) (maxLag time.Duration, err error) {
	select {
	case <-r.begun:
	default:
		return 0, errors.New("Run was called before; make another RealTime to go on")
	}
	defer close(r.stopped)
	r.begin, r.origin = time.Now(), r.loop.Now()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for ctx.Err() == nil {
		next := r.loop.Next()
		wait := time.Duration(math.MaxInt64)
		if next != scheduler.Never {
			wait = time.Until(r.due(next))
		}
		if wait <= 0 {
			maxLag = max(maxLag, -wait)
			if err := r.advance(ctx, next); err != nil {
				return maxLag, err
			}
			// Those outside must not starve while the loop catches up.
			select {
			case e := <-r.door:
				e.done <- perform(e.do)
			default:
			}
			continue
		}
		timer.Reset(wait)
		select {
		case <-ctx.Done():
		case <-timer.C:
		case e := <-r.door:
			// Nothing was due a moment ago; the clock moves to the present.
			if err := r.advance(ctx, min(r.present(), next-1)); err != nil {
				e.done <- err
				return maxLag, err
			}
			e.done <- perform(e.do)
		}
	}
	return maxLag, nil
}

// Do has the loop's goroutine call do while no agent runs, and returns its error,
// or a panic as a *scheduler.PanicError. There do may use the containers and the
// loop, as with [Container.Notify] at the present time; the agents react after it
// has returned, so it must not wait for them. Do is safe for concurrent use.
//
// Do waits until Run has been called. It fails if ctx is cancelled before do could
// begin, and with [ErrStopped] when Run has ended; do is not called then. A
// behaviour is inside already and must not call it.
func (r *RealTime) Do(ctx context.Context, do func() error) error {
	if ctx.Value(processKey{}) != nil {
		return errors.New("Do was called by an agent, which is inside the loop already; do it directly")
	}
	e := errand{do: do, done: make(chan error, 1)}
	select {
	case r.door <- e:
		return <-e.done
	case <-r.stopped:
		return ErrStopped
	case <-ctx.Done():
		return ctx.Err()
	}
}

func perform(do func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &scheduler.PanicError{Value: v, Stack: debug.Stack()}
		}
	}()
	return do()
}

// advance completes what is due at t, also if ctx is cancelled meanwhile.
func (r *RealTime) advance(ctx context.Context, t scheduler.Time) error {
	return r.loop.AdvanceTo(context.WithoutCancel(ctx), max(t, r.loop.Now()))
}

// due returns the real time of virtual time t. A slow run can outlast
// time.Duration.
func (r *RealTime) due(t scheduler.Time) time.Time {
	return r.begin.Add(time.Duration(min(math.Ceil(float64(t-r.origin)/r.factor), math.MaxInt64/2)))
}

// present returns the virtual time of the present real time.
func (r *RealTime) present() scheduler.Time {
	passed := min(float64(time.Since(r.begin))*r.factor, math.MaxInt64/2)
	return r.origin.Add(time.Duration(passed))
}
