package scheduler

import (
	"cmp"
	"slices"
)

// lane holds events of the present round in the order of their keys. It is what a
// queue need not do for them: they are never cancelled, and most are known in
// order.
type lane struct {
	events []laneEvent
	next   int
}

type laneEvent struct {
	order order
	event event
}

func (l *lane) empty() bool { return l.next == len(l.events) }

// fits reports whether an event with that key may be appended.
func (l *lane) fits(o order) bool { return l.empty() || l.events[len(l.events)-1].order < o }

func (l *lane) append(o order, e event) {
	if l.empty() {
		l.events, l.next = l.events[:0], 0
	}
	l.events = append(l.events, laneEvent{o, e})
}

func (l *lane) pop() event {
	e := l.events[l.next].event
	l.events[l.next].event = event{} // for the garbage collector
	l.next++
	return e
}

// maxPopped is how many places of popped events a lane keeps: 2 MB.
const maxPopped = 1 << 16

// giveBack gives the memory of many popped events back, such as the beginnings of a
// million processes. Each event is copied at most once, all in all.
func (l *lane) giveBack() {
	if l.next > maxPopped && l.next > len(l.events)/2 {
		l.events, l.next = slices.Clone(l.events[l.next:]), 0
	}
}

// rekey changes the order of every event that is left. Orders must stay distinct.
func (l *lane) rekey(f func(order) order) {
	left := l.events[l.next:]
	for i := range left {
		left[i].order = f(left[i].order)
	}
	sortLane(left)
}

func sortLane(events []laneEvent) {
	inOrder := func(a, b laneEvent) int { return cmp.Compare(a.order, b.order) }
	if !slices.IsSortedFunc(events, inOrder) {
		slices.SortFunc(events, inOrder)
	}
}

// fill moves events to the lane, which must be empty, and returns an empty slice
// with room for the next ones.
func (l *lane) fill(events []laneEvent) []laneEvent {
	sortLane(events)
	spare := l.events[:0]
	l.events, l.next = events, 0
	return spare
}

// soon schedules an event of the present round that is never cancelled.
func (l *Loop) soon(source *Actor, p Priority, do Handler) error {
	o, err := source.nextOrder(p)
	if err != nil {
		return err
	}
	if e := (event{source, do}); l.caused.fits(o) {
		l.caused.append(o, e)
	} else {
		l.queue.push(l.now, o, source, do)
	}
	return nil
}

// firstLane returns the lane with the first event of the lanes, or nil.
func (l *Loop) firstLane() *lane {
	switch {
	case l.arrived.empty():
		if l.caused.empty() {
			return nil
		}
		return &l.caused
	case l.caused.empty() || l.arrived.events[l.arrived.next].order < l.caused.events[l.caused.next].order:
		return &l.arrived
	}
	return &l.caused
}

// take removes the first event of the present round, if there is one left.
func (l *Loop) take() (order, event, bool) {
	lane := l.firstLane()
	if lane != nil {
		first := lane.events[lane.next].order
		if queued, ok := l.queue.due(l.now); !ok || first < queued {
			return first, lane.pop(), true
		}
	}
	_, o, e, ok := l.queue.popUntil(l.now)
	return o, e, ok
}
