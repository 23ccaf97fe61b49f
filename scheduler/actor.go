package scheduler

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
)

// Actor is somebody who causes events: an agent, a simulator, a process. Its
// place in the order of events follows from its name alone, see Loop.Actor.
type Actor struct {
	Owner any // what whoever registered the actor wants to find with it

	// What the scheduling of an event needs is together, in one line of the cache.
	loop    *Loop
	seq     uint64 // events scheduled so far
	number  uint32 // Source in keys; provisional until the loop is sealed
	closed  bool   // it causes no more events
	retired bool   // it starts no more processes
	remote  bool   // it lives on another loop

	name      string
	processes processes // that have not ended
	family    *family   // nil: it has made no others, and nobody has made it
	place     int       // among the members of its family
}

// Name returns the name under which the actor was registered.
func (a *Actor) Name() string { return a.name }

// Actor registers a source of events. Names are unique in a loop; that of an
// actor that has retired may be used again.
//
// Actors registered before the first AdvanceTo are numbered by the byte order
// of their names, whatever the order of registration; those that were closed
// follow. One that is registered
// later gets the number of the last one that was closed, or else the next number
// after all others, so that actors made while the loop runs are numbered in the
// order in which they were asked for. That order is itself the same in every run.
func (l *Loop) Actor(name string) (*Actor, error) {
	switch {
	case name == "":
		return nil, fmt.Errorf("an actor needs a name")
	case l.names[name] != nil:
		return nil, fmt.Errorf("the name %q is taken already; choose another", name)
	case l.fixed:
		return nil, fmt.Errorf("actor %q: the loop is one of several that share their actors, and runs already; register all of them before", name)
	case len(l.actors) == maxActors && len(l.vacant) == 0:
		return nil, fmt.Errorf("actor %q: there are %d actors, which is the limit", name, maxActors)
	}
	a := &Actor{loop: l, name: name}
	l.names[name] = a
	l.open++
	if n := len(l.vacant); n > 0 {
		a.number, a.seq = l.vacant[n-1].number, l.vacant[n-1].seq
		l.vacant = l.vacant[:n-1]
		l.actors[a.number] = a
	} else {
		a.number = uint32(len(l.actors))
		l.actors = append(l.actors, a)
	}
	return a, nil
}

// Lookup returns the actor of a name, or nil. One that has retired has none.
func (l *Loop) Lookup(name string) *Actor { return l.names[name] }

// vacancy is the number of an actor that was closed. The next one counts its
// events on from there, because some of the old ones may still be to come.
type vacancy struct {
	number uint32
	seq    uint64
}

// Retire gives up the actor's name, so that another may be registered under it.
// The actor can start no more processes, and those that have not begun do not
// begin; those that have go on until Close.
func (a *Actor) Retire() {
	if !a.retired {
		a.retired = true
		delete(a.loop.names, a.name)
	}
}

// Close retires the actor and unwinds its processes, in order of their creation.
// It returns the panics that this caused. The actor can cause no more events;
// those that it has scheduled stay. Close may be called by a handler of an event,
// but not by a process; calling it again does nothing.
func (a *Actor) Close() error {
	if a.loop.running != nil {
		panic("scheduler: Close was called by a process; schedule an event that closes it")
	}
	if a.closed {
		return nil
	}
	a.Retire()
	var errs []error
	for a.processes.first != nil {
		errs = append(errs, a.processes.first.unwind())
	}
	a.closed = true
	if a.loop.open--; a.loop.open == 0 {
		a.loop.endIdle()
	}
	switch {
	case a.family != nil:
		a.leaveFamily()
	case a.loop.sealed:
		a.loop.vacate(a)
	}
	return errors.Join(errs...)
}

// Closed reports whether the actor has been closed.
func (a *Actor) Closed() bool { return a.closed }

// vacate makes the number of a closed actor free.
func (l *Loop) vacate(a *Actor) {
	l.actors[a.number] = nil
	l.vacant = append(l.vacant, vacancy{a.number, a.seq})
}

// seal gives the actors their final numbers, also in the keys of what was
// scheduled under provisional ones.
func (l *Loop) seal() {
	if l.sealed {
		return
	}
	l.sealed = true
	// Those that were closed come last, because other loops do not know them.
	slices.SortStableFunc(l.actors, func(a, b *Actor) int {
		if a.closed != b.closed {
			if a.closed {
				return 1
			}
			return -1
		}
		return cmp.Compare(a.name, b.name)
	})
	final := make([]uint32, len(l.actors)) // by provisional number
	l.known = make([]string, 0, len(l.actors))
	for i, a := range l.actors {
		if !a.closed {
			l.known = append(l.known, a.name)
		}
		final[a.number] = uint32(i)
		a.number = uint32(i)
	}
	renumber := func(o order) order { return o.withSource(final[o.source()]) }
	l.queue.rekey(renumber)
	l.caused.rekey(renumber)
	for i := range l.posted {
		l.posted[i].order = renumber(l.posted[i].order)
	}
	for _, a := range slices.Clone(l.actors) {
		if a.closed {
			l.vacate(a)
		}
	}
}
