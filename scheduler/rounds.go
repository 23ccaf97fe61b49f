package scheduler

import (
	"context"
	"fmt"
)

// Key orders an event among those of its stamp: (Priority, Source, Seq) in one
// word. Loops that know the same actors give the same keys, so that an event has
// its place in the order on whatever loop it happens.
type Key uint64

// Source returns the number of the actor that caused the event: its place in Known.
func (k Key) Source() int { return int(order(k).source()) }

// Remote registers an actor that lives on another loop. It has its number in the
// order of names, so that all loops agree on numbers; its events come with
// Deliver. See Actor for errors.
func (l *Loop) Remote(name string) (*Actor, error) {
	if l.sealed {
		return nil, fmt.Errorf("actor %q: actors of other loops must be registered before anything happens", name)
	}
	a, err := l.Actor(name)
	if err == nil {
		a.remote = true
	}
	return a, err
}

// Remote reports whether the actor was registered with Loop.Remote.
func (a *Actor) Remote() bool { return a.remote }

// Number returns the actor's place in the order of names, once its loop is sealed.
func (a *Actor) Number() int { return int(a.number) }

// NextKey returns the key of an event that the actor causes on another loop, where
// it is scheduled with Deliver.
func (a *Actor) NextKey() (Key, error) {
	o, err := a.nextOrder(Normal)
	return Key(o), err
}

// Key returns the key of the event that runs.
func (l *Loop) Key() Key { return Key(l.current) }

// PostAgain schedules do in the next round of the present time under the key of
// the event that runs, on behalf of the actor that caused that: what is turned back
// needs no key of its own. It may be used once in an event.
func (l *Loop) PostAgain(source *Actor, do func() error) {
	l.posted = append(l.posted, laneEvent{l.current, event{source, handlerFunc(do)}})
}

// Deliver schedules an event that was caused on another loop, under its key. At the
// present time it belongs to the next round. The key is that of an actor there, or
// one of this loop that was turned back (see PostAgain); if the actor has been closed
// meanwhile, the event is dropped. Deliver fails if there is no such actor, or with
// a *PastError.
func (l *Loop) Deliver(t Time, key Key, do func(source *Actor) error) error {
	o := order(key)
	n := int(o.source())
	switch {
	case !l.sealed || n >= len(l.actors):
		return fmt.Errorf("an event with key %#x: there is no actor number %d", uint64(key), n)
	case t < l.now:
		return &PastError{Time: t, Now: l.now}
	case l.actors[n] == nil:
		return nil
	}
	source := l.actors[n]
	e := event{source, handlerFunc(func() error { return do(source) })}
	if t == l.now {
		l.posted = append(l.posted, laneEvent{o, e})
	} else {
		l.queue.push(t, o, e)
	}
	return nil
}

// Seal ends the registration of actors whose number follows from their name, as
// the first AdvanceTo does.
func (l *Loop) Seal() { l.seal() }

// Known returns the names of the actors that were registered before the loop was
// sealed, in byte order, those that are gone included.
func (l *Loop) Known() []string { return l.known }

// RunRound is the part of AdvanceTo that belongs to one round of time t, for a
// master that advances several loops round by round. It moves the clock to t,
// begins the round, unless that is the present one, with what was posted and
// delivered for it, and runs everything that is due. What is posted meanwhile waits:
// Next is t then.
//
// Rounds are numbered by the master, from 0 at each time; a loop that has nothing to
// do in one may be left out. Nothing may be left to do before t. A round
// beyond the limit is a *RoundsError on every loop, with those actors that it knows
// of. For other errors see AdvanceTo.
//
// From the first round on, all actors must be known: Actor fails.
func (l *Loop) RunRound(ctx context.Context, t Time, round int) error {
	if err := l.mayAdvance("RunRound", t); err != nil {
		return err
	}
	l.seal()
	l.fixed = true
	switch next := l.Next(); {
	case next < t:
		return fmt.Errorf("RunRound was called for t=%v, but something is due at %v; run that first", t, next)
	case round < 0 || t == l.now && round < l.round:
		return fmt.Errorf("RunRound was called for round %d of t=%v, but it is round %d; rounds do not come again", round, t, l.round)
	}
	l.advancing = true
	defer l.rest()
	if err := l.interrupted(ctx); err != nil {
		return err
	}
	l.moveTo(t)
	if round > l.round {
		if err := l.beginRound(round); err != nil {
			return err
		}
	}
	return l.runRound(ctx, t)
}

// Mark returns how far the present round has come: the greatest key among its events
// that have run. Of two events of one round on different loops, that with the
// smaller mark would have come first if all were on one loop: merging two sequences
// by their heads takes an element before that of the other one if and only if
// nothing up to it is greater than everything up to the other.
func (l *Loop) Mark() Key { return Key(l.mark) }
