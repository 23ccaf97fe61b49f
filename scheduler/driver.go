package scheduler

import (
	"context"
	"fmt"
	"math"
	"time"
)

// RunUntil runs a loop as fast as possible over [0, until): what is due at until
// or later does not happen. Afterwards the clock stands at the last event.
func RunUntil(ctx context.Context, l *Loop, until Time) error {
	for l.Next() < until {
		if err := l.AdvanceTo(ctx, l.Next()); err != nil {
			return err
		}
	}
	return nil
}

// WallClock is real time, as a driver needs it.
type WallClock interface {
	Now() time.Time
	// SleepUntil returns nil at t or later, or ctx.Err() as soon as ctx is
	// cancelled.
	SleepUntil(ctx context.Context, t time.Time) error
}

// RealTime runs a loop in step with a clock on the wall.
type RealTime struct {
	Clock WallClock
	// Factor is how many seconds of virtual time pass in one real second. It
	// must be positive.
	Factor float64
}

// RunUntil runs a loop over [0, until), each event when its time has come, and
// returns after until has passed (at once after the last event if until is
// Never). The clock of the loop and the one on the wall are set against each
// other when it is called.
//
// An event that comes late is not skipped, and the next ones are not delayed on
// purpose: the loop catches up. RunUntil returns by how much it was behind, in
// real time, at most.
func (r RealTime) RunUntil(ctx context.Context, l *Loop, until Time) (maxLag time.Duration, err error) {
	if !(r.Factor > 0) {
		return 0, fmt.Errorf("a factor of %v between virtual and real time; give a positive one", r.Factor)
	}
	begin, origin := r.Clock.Now(), l.Now()
	due := func(t Time) time.Time {
		real := min(float64(t-origin)/r.Factor, math.MaxInt64/2) // a slow run can outlast time.Duration
		return begin.Add(time.Duration(real))
	}
	for next := l.Next(); next < until; next = l.Next() {
		if err := r.Clock.SleepUntil(ctx, due(next)); err != nil {
			return maxLag, err
		}
		maxLag = max(maxLag, r.Clock.Now().Sub(due(next)))
		if err := l.AdvanceTo(ctx, next); err != nil {
			return maxLag, err
		}
	}
	if until == Never {
		return maxLag, nil
	}
	return maxLag, r.Clock.SleepUntil(ctx, due(until))
}
