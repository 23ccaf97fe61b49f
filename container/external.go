package container

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/simrun/simrun/scheduler"
)

// External lets a loop follow a clock that somebody outside sets, such as the
// master of several containers, while it listens to other containers. What comes
// from them, and what enters by Do, happens at the present virtual time, which
// stands still between two calls of SetTime.
//
// Who advances a loop that nobody else reaches needs no External: the loop's
// AdvanceTo does it.
type External struct {
	driver
	settings []*setting // that are to be made, in order; of the loop's goroutine
}

// setting is an order to set the clock.
type setting struct {
	clock *External
	to    scheduler.Time
	given atomic.Bool // up: nobody waits for it
	done  func(next scheduler.Time, err error)
}

// NewExternal returns a clock for a loop that [External.Run] will start.
func NewExternal(loop *scheduler.Loop) *External { return &External{driver: newDriver(loop)} }

// Run runs the loop until ctx is cancelled, which is no error, or an event fails.
// What is due at one time is completed before it ends. The loop belongs to Run
// until that returns; afterwards close the containers. Run can be called once.
func (x *External) Run(ctx context.Context) (err error) {
	if err := x.begin(); err != nil {
		return err
	}
	defer func() {
		x.end(err)
		for len(x.settings) > 0 {
			x.finish(cmp.Or(err, ErrStopped))
		}
	}()
	for {
		if err := x.complete(ctx); err != nil {
			return err
		}
		if !x.wait(ctx, nil, func() bool { return x.complete(ctx) != nil }) {
			return nil
		}
	}
}

// complete does all that can be done without waiting.
func (x *External) complete(ctx context.Context) error {
	for {
		x.admit()
		if err := x.advance(ctx, x.loop.Now()); err != nil {
			return err
		}
		now := x.loop.Now()
		if ctx.Err() != nil || len(x.settings) == 0 && x.loop.Next() > now {
			return nil
		}
		if x.loop.Next() <= now {
			continue // what could not leave has come back
		}
		s := x.settings[0]
		switch {
		case s.given.Load():
			x.finish(nil)
		case s.to < now:
			x.finish(&scheduler.PastError{Time: s.to, Now: now})
		case !x.settled():
			return nil
		case now < s.to:
			x.unsettle()
			if err := x.advance(ctx, min(x.loop.Next(), s.to)); err != nil {
				return err
			}
		default:
			x.finish(nil)
		}
	}
}

// finish ends the first setting.
func (x *External) finish(err error) {
	s := x.settings[0]
	x.settings = slices.Delete(x.settings, 0, 1)
	x.unsettle() // the next one is to see what has come since
	s.done(x.loop.Next(), err)
}

// SetTime sets the clock to t, and returns when something is due next, or
// scheduler.Never. On its way to t it stops at each time at which something is
// due, so that everything happens at its own time, and goes on when all agents
// are quiet there. Setting the clock to the present time completes what has come
// from outside since.
//
// An agent is quiet when each of its behaviours sleeps until later, or waits for an
// agent that is quiet itself. That is exact for the agents of the loop. Of a
// callee in another container it can only be told from outside that it seems to be
// quiet, see [Endpoint]: SetTime waits until the call is answered, or until then. So a
// call to a container whose clock has to be set first holds nothing up.
//
// It fails with a *scheduler.PastError if t is before the present; with the cause
// of ctx, if that ends first, when the clock stands where it has come to, which
// may be before t; with the error of an event that fails; and with [ErrStopped].
// SetTime is safe for concurrent use; one call waits for the other. A behaviour
// must not call it.
func (x *External) SetTime(ctx context.Context, t scheduler.Time) (next scheduler.Time, err error) {
	switch {
	case ctx.Value(behaviourKey{}) != nil:
		return 0, errors.New("SetTime was called by an agent, for which it would wait")
	case t == scheduler.Never:
		return 0, errors.New("the clock cannot be set to never; give the time to set it to")
	}
	type outcome struct {
		next scheduler.Time
		err  error
	}
	done := make(chan outcome, 1)
	s := &setting{clock: x, to: t, done: func(next scheduler.Time, err error) { done <- outcome{next, err} }}
	x.enter(s)
	select {
	case o := <-done:
		return o.next, o.err
	case <-ctx.Done():
		s.given.Store(true)
		return 0, fmt.Errorf("set the clock to %v: %w", t, context.Cause(ctx))
	}
}

func (s *setting) visit() { s.clock.settings = append(s.clock.settings, s) }

func (s *setting) refuse(why error) { s.done(scheduler.Never, why) }
