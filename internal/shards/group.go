package shards

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/simrun/simrun/scheduler"
)

// Group is some shards that run together. Its methods must not be called concurrently.
type Group struct {
	lookahead time.Duration
	trace     func(scheduler.Occurrence) // or nil
	shards    []*Shard
	barrier   *barrier
	err       error // what ended the run
}

// New returns a group of n shards. What one of them sends another takes at least the
// lookahead. If trace is not nil it is told of every event of all shards, in their order,
// but some time after it has happened.
func New(n int, lookahead time.Duration, trace func(scheduler.Occurrence)) (*Group, error) {
	switch {
	case n < 1:
		return nil, fmt.Errorf("a group of %d shards: there must be at least one", n)
	case lookahead <= 0:
		return nil, fmt.Errorf("a lookahead of %v: it must be positive, or shards would have to wait for each other at every event", lookahead)
	}
	g := &Group{lookahead: lookahead, trace: trace, barrier: newBarrier(n)}
	for i := range n {
		g.shards = append(g.shards, newShard(g, i, n))
	}
	return g, nil
}

// Shards returns all shards.
func (g *Group) Shards() []*Shard { return g.shards }

// Run runs all shards as fast as possible over [0, until), see scheduler.RunUntil. If
// events of several shards fail, the error is that of the first one in the order of events.
// After an error, also after ctx was cancelled, the run cannot go on: every later call
// returns the same error.
func (g *Group) Run(ctx context.Context, until scheduler.Time) error {
	if g.err != nil {
		return g.err
	}
	for _, s := range g.shards {
		s.begin()
	}
	var others sync.WaitGroup
	for _, s := range g.shards[1:] {
		others.Go(func() { s.run(ctx, until) })
	}
	g.shards[0].run(ctx, until)
	others.Wait()
	g.err = g.firstFailure()
	return g.err
}

// window returns the end of the next window, given what the shards have told. It
// reports whether there is one.
func (g *Group) window(turn int, until scheduler.Time) (end scheduler.Time, more bool) {
	next := scheduler.Never
	for _, s := range g.shards {
		told := &s.told[turn]
		if told.failure != nil {
			return 0, false
		}
		next = min(next, told.next)
	}
	if end = until; len(g.shards) > 1 {
		end = min(until, scheduler.WindowEnd(next, g.lookahead))
	}
	return end, next < until
}

func (g *Group) firstFailure() error {
	var first *failure
	for _, s := range g.shards {
		for i := range s.told {
			if f := s.told[i].failure; f != nil && (first == nil || f.before(first)) {
				first = f
			}
		}
	}
	if first == nil {
		return nil
	}
	return first.err
}

// Close closes the loops of all shards, see scheduler.Loop.Close.
func (g *Group) Close() error {
	var errs []error
	for _, s := range g.shards {
		errs = append(errs, s.loop.Close())
	}
	return errors.Join(errs...)
}
