package scheduler

import (
	"errors"
	"fmt"
	"slices"
)

// family is an actor with its descendants, which share its number and its count of
// events.
type family struct {
	root    *Actor
	members []*Actor // descendants that are not closed
}

// Child registers an actor that a has made while the loop runs: after the first
// AdvanceTo. It lives on a's loop and takes a's place in the order of events: its events
// are numbered among those of a, and of all that a's other descendants cause. So
// their order follows from what happens on this loop alone, and the other loops of a
// run that has several need not know that there is a child. Else it is an actor like
// others.
//
// Names are unique, as in Loop.Actor; of actors that were there when the loop began
// not even the names of those that have retired are free for a child.
func (a *Actor) Child(name string) (*Actor, error) {
	l := a.loop
	_, known := slices.BinarySearch(l.known, name)
	switch {
	case name == "":
		return nil, fmt.Errorf("an actor needs a name")
	case !l.sealed:
		return nil, fmt.Errorf("actor %q: the loop has not begun; before that, actors are registered with Loop.Actor", name)
	case a.closed:
		return nil, fmt.Errorf("actor %q, a child of %q: %w", name, a.name, ErrClosed)
	case l.names[name] != nil:
		return nil, fmt.Errorf("the name %q is taken already; choose another", name)
	case known:
		return nil, fmt.Errorf("there was an actor %q when the loop began; a child cannot have its name", name)
	}
	if a.family == nil {
		a.family = &family{root: a}
	}
	f := a.family
	child := &Actor{loop: l, name: name, number: f.root.number, family: f, place: len(f.members)}
	child.seq = maxSeq // so that its orders come from familyOrder
	f.members = append(f.members, child)
	l.names[name] = child
	l.open++
	return child, nil
}

// Descends reports whether the actor was made by another one, see Child.
func (a *Actor) Descends() bool { return a.family != nil && a.family.root != a }

// rareOrder returns what takeOrder cannot: the key of the next event of a child, or why
// there is none.
func (a *Actor) rareOrder(p Priority) (order, error) {
	if !a.Descends() || a.closed || p > maxPriority {
		return 0, a.noOrder(p)
	}
	root := a.family.root // which may have been closed
	if root.seq == maxSeq {
		return 0, fmt.Errorf("actor %q and its children have scheduled %d events, which is the limit; split it into several actors", root.name, maxSeq)
	}
	return root.takeOrder(p), nil
}

// leaveFamily takes a closed actor out of its family. The number of a family is free
// when the last one is closed.
func (a *Actor) leaveFamily() {
	f := a.family
	if a.Descends() {
		last := len(f.members) - 1
		f.members[last].place = a.place
		f.members[a.place] = f.members[last]
		f.members[last] = nil
		f.members = f.members[:last]
	}
	if root := f.root; root.closed && len(f.members) == 0 {
		a.loop.vacate(root)
	}
}

// closeFamily closes an actor and its descendants.
func (a *Actor) closeFamily() error {
	errs := []error{a.Close()}
	for f := a.family; f != nil && len(f.members) > 0; {
		errs = append(errs, f.members[len(f.members)-1].Close())
	}
	return errors.Join(errs...)
}

// descendant returns an actor of the family with this number: the one that has the name,
// or one that stands for it, if it lives on another loop or has been closed.
func (l *Loop) descendant(number uint32, name string) *Actor {
	if a := l.names[name]; a != nil && a.number == number {
		return a
	}
	return &Actor{loop: l, name: name, number: number, retired: true, closed: true, remote: true}
}
