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
	loop      *Loop
	name      string
	number    uint32     // Source in keys; provisional until the loop is sealed
	seq       uint64     // events scheduled so far
	processes []*Process // that have not ended, in order of creation
	closed    bool
}

// Name returns the name under which the actor was registered.
func (a *Actor) Name() string { return a.name }

// Actor registers a source of events. Names are unique in a loop.
//
// Actors registered before the first AdvanceTo are numbered by the byte order
// of their names, whatever the order of registration. One that is registered
// later gets the next number after all others, so that actors made while the
// loop runs are numbered in the order in which they were asked for. That order
// is itself the same in every run.
func (l *Loop) Actor(name string) (*Actor, error) {
	switch {
	case name == "":
		return nil, fmt.Errorf("an actor needs a name")
	case l.names[name]:
		return nil, fmt.Errorf("there is an actor %q already; names of actors are unique in a loop", name)
	case len(l.actors) == maxActors:
		return nil, fmt.Errorf("actor %q: there are %d actors, which is the limit", name, maxActors)
	}
	a := &Actor{loop: l, name: name, number: uint32(len(l.actors))}
	l.names[name] = true
	l.actors = append(l.actors, a)
	return a, nil
}

// Close unwinds the actor's processes, in order of their creation, and returns
// the panics that this caused. The actor can start no others; its scheduled
// events stay. Close must not be called from within the loop.
func (a *Actor) Close() error {
	if a.loop.advancing {
		panic("scheduler: Close was called from within the loop; close it after AdvanceTo has returned")
	}
	a.closed = true
	var errs []error
	for len(a.processes) > 0 {
		errs = append(errs, a.processes[0].unwind())
	}
	return errors.Join(errs...)
}

// seal gives the actors their final numbers, also in the keys of what was
// scheduled under provisional ones.
func (l *Loop) seal() {
	if l.sealed {
		return
	}
	l.sealed = true
	slices.SortFunc(l.actors, func(a, b *Actor) int { return cmp.Compare(a.name, b.name) })
	final := make([]uint32, len(l.actors)) // by provisional number
	for i, a := range l.actors {
		final[a.number] = uint32(i)
		a.number = uint32(i)
	}
	renumber := func(o order) order { return o.withSource(final[o.source()]) }
	l.queue.rekey(renumber)
	for i := range l.posted {
		l.posted[i].order = renumber(l.posted[i].order)
	}
}
