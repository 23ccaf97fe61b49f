package scheduler

import (
	"context"
	"fmt"
	"time"
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
// one of this loop that was turned back (see PostAgain). from is the name of the actor,
// or of the descendant that has caused the event in its place (see Child); it may have been
// closed meanwhile. What is due at Never is dropped. Deliver fails if there never was an actor of that number, or with
// a *PastError.
func (l *Loop) Deliver(t Time, key Key, from string, do func(source *Actor) error) error {
	source, err := l.sender(t, key)
	if err != nil || t == Never {
		return err
	}
	if source == nil || source.name != from {
		source = l.descendant(uint32(key.Source()), from)
	}
	l.deliver(t, key, event{source, handlerFunc(func() error { return do(source) })})
	return nil
}

// DeliverHandler is Deliver for a Handler, where actors have no descendants. If the actor
// has been closed, the event is dropped.
func (l *Loop) DeliverHandler(t Time, key Key, do Handler) error {
	source, err := l.sender(t, key)
	if source == nil {
		return err
	}
	l.deliver(t, key, event{source, do})
	return nil
}

// sender returns the actor whose key it is, or nil, with the reason unless that is
// that the actor has been closed, or that t never comes.
func (l *Loop) sender(t Time, key Key) (*Actor, error) {
	n := key.Source()
	switch {
	case !l.sealed || n >= len(l.actors):
		return nil, fmt.Errorf("an event with key %#x: there is no actor number %d", uint64(key), n)
	case t < l.now:
		return nil, &PastError{Time: t, Now: l.now}
	case t == Never:
		return nil, nil
	}
	return l.actors[n], nil
}

func (l *Loop) deliver(t Time, key Key, e event) {
	if t == l.now {
		l.posted = append(l.posted, laneEvent{order(key), e})
	} else {
		l.queue.push(t, order(key), e.source, e.do)
	}
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
// From the first round on, all actors must be known: Actor fails. Child does not.
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

// RunWindow is RunUntil for one of several loops that share their actors and that
// nobody can disturb before the end of the window: whatever the others cause here is due
// then or later, see WindowEnd.
//
// From the first window on, all actors must be known: Actor fails.
func (l *Loop) RunWindow(ctx context.Context, end Time) error {
	l.seal()
	l.fixed = true
	return RunUntil(ctx, l, end)
}

// WindowEnd returns how far logical processes may run without regard to each other, if
// next is the time of the first event of all of them, and whatever one causes at
// another is due at least lookahead later. It is the window of the YAWNS protocol: Nicol, "The
// Cost of Conservative Synchronization in Parallel Discrete Event Simulations", Journal of
// the ACM 40(2), 1993.
func WindowEnd(next Time, lookahead time.Duration) Time { return next.Add(lookahead) }

// Mark returns how far the present round has come: the greatest key among its events
// that have run. Of two events of one round on different loops, that with the
// smaller mark would have come first if all were on one loop: merging two sequences
// by their heads takes an element before that of the other one if and only if
// nothing up to it is greater than everything up to the other.
func (l *Loop) Mark() Key { return Key(l.mark) }
