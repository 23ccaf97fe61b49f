package container

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/simrun/simrun/scheduler"
)

// RealTime lets a loop follow the clock on the wall, and goroutines outside enter
// it. The agents' code is the same as in virtual time.
type RealTime struct {
	driver
	factor float64

	// What virtual time is set against, by Run.
	start  time.Time
	origin scheduler.Time
}

// NewRealTime returns a driver for a loop that [RealTime.Run] will start. The
// factor, how many seconds of virtual time pass in one real second, must be
// positive.
func NewRealTime(loop *scheduler.Loop, factor float64) (*RealTime, error) {
	if !(factor > 0) || math.IsInf(factor, 1) {
		return nil, fmt.Errorf("a factor of %v between virtual and real time; give a positive one", factor)
	}
	return &RealTime{driver: newDriver(loop), factor: factor}, nil
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
	if err := r.begin(); err != nil {
		return 0, err
	}
	defer func() { r.end(err) }()
	r.start, r.origin = time.Now(), r.loop.Now()
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
			if err := r.receive(ctx); err != nil {
				return maxLag, err
			}
			continue
		}
		timer.Reset(wait)
		if r.wait(ctx, timer.C, func() bool { return r.catchUp(ctx) != nil || r.loop.Next() < next }) {
			if err := r.catchUp(ctx); err != nil {
				return maxLag, err
			}
		}
	}
	return maxLag, nil
}

// catchUp moves the clock to the present, or to where something is due next, and lets in
// who is in the inbox.
func (r *RealTime) catchUp(ctx context.Context) error {
	if err := r.advance(ctx, min(r.present(), r.loop.Next()-1)); err != nil {
		return err
	}
	return r.receive(ctx)
}

// receive lets in who is in the inbox, and completes what that begins.
func (r *RealTime) receive(ctx context.Context) error {
	r.admit()
	return r.advance(ctx, r.loop.Now())
}

// due returns the real time of virtual time t. A slow run can outlast
// time.Duration.
func (r *RealTime) due(t scheduler.Time) time.Time {
	return r.start.Add(time.Duration(min(math.Ceil(float64(t-r.origin)/r.factor), math.MaxInt64/2)))
}

// present returns the virtual time of the present real time.
func (r *RealTime) present() scheduler.Time {
	passed := min(float64(time.Since(r.start))*r.factor, math.MaxInt64/2)
	return r.origin.Add(time.Duration(passed))
}
