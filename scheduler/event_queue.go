package scheduler

// eventQueue is a priority queue of events with the key (Time, order). Keys of
// waiting events are distinct, so it pops in a total order that does not depend on
// how they came in. The zero eventQueue is empty.
//
// A ladder of entries holds the keys. What an event does is kept aside in a slot,
// which an entry and the handle of the event lead to. An entry counts only while
// its slot has the same order: an event that is cancelled or moved leaves an
// entry behind, which is dropped when somebody comes across it.
type eventQueue struct {
	ladder ladder
	slots  slots
}

// event is what happens, and who caused it.
type event struct {
	source *Actor
	do     handler
}

// handler is what an event does. A process is one, so that it needs no function
// for each of its waits.
type handler interface{ handle() error }

type handlerFunc func() error

func (f handlerFunc) handle() error { return f() }

// EventID identifies a scheduled event for Cancel and Reschedule. The zero
// EventID is none. An EventID of an event that has run or was cancelled stays
// invalid for ever.
type EventID struct {
	slot   uint32
	serial uint64
}

func (q *eventQueue) len() int { return q.slots.live }

// nextTime is the time of the first event, or Never.
func (q *eventQueue) nextTime() Time {
	if e := q.first(Never); e != nil {
		return e.time
	}
	return Never
}

// due returns the order of the first event if that is not after t. Unlike nextTime it
// does not make the queue prepare for what is later, which would be in vain, or
// even in the way, if more comes in that is due.
func (q *eventQueue) due(t Time) (order, bool) {
	if e := q.first(t); e != nil && e.time <= t {
		return e.order, true
	}
	return 0, false
}

// first returns the entry of the first event, or nil if there is none, or it is
// known to be after t.
func (q *eventQueue) first(t Time) *entry {
	for {
		e := q.ladder.first(t, q.slots.all)
		if e == nil || q.ladder.dead == 0 || e.alive(q.slots.all) {
			return e
		}
		q.ladder.pop()
		q.ladder.dead--
	}
}

// push adds an event, which must be before Never. Its order must not be 0, nor that of
// an event that was cancelled or moved.
func (q *eventQueue) push(t Time, o order, e event) EventID {
	id := q.slots.occupy(o, e)
	q.ladder.push(entry{time: t, order: o, slot: id.slot}, q.slots.all)
	return id
}

// pop removes the first event. The queue must not be empty.
func (q *eventQueue) pop() (Time, order, event) {
	first := *q.first(Never)
	q.ladder.pop()
	e := q.slots.release(first.slot)
	if q.slots.untilReview < 0 {
		q.review()
	}
	return first.time, first.order, e
}

// cancel removes an event and reports whether it was still waiting.
func (q *eventQueue) cancel(id EventID) bool {
	if !q.waiting(id) {
		return false
	}
	q.slots.release(id.slot)
	q.disown()
	return true
}

// reschedule gives an event another key and reports whether it was still
// waiting. For the order see push.
func (q *eventQueue) reschedule(id EventID, t Time, o order) bool {
	if !q.waiting(id) {
		return false
	}
	q.slots.all[id.slot].order = o
	q.disown()
	q.ladder.push(entry{time: t, order: o, slot: id.slot}, q.slots.all)
	return true
}

// disown counts an entry that has lost its event. When there are more of them than
// of the others all are dropped.
func (q *eventQueue) disown() {
	q.ladder.dead++
	if q.ladder.dead > q.len()+leafSize {
		q.ladder.gather(q.slots.all)
	}
}

func (q *eventQueue) waiting(id EventID) bool {
	return int(id.slot) < len(q.slots.all) && id.serial != 0 && q.slots.all[id.slot].serial == id.serial
}

// source returns who caused an event that is waiting.
func (q *eventQueue) source(id EventID) *Actor { return q.slots.all[id.slot].event.source }

// rekey changes the order of every event. Orders must stay distinct.
func (q *eventQueue) rekey(f func(order) order) {
	q.ladder.gather(q.slots.all)
	for i := range q.slots.all {
		if s := &q.slots.all[i]; s.serial != 0 {
			s.order = f(s.order)
		}
	}
	q.ladder.takeOrders(q.slots.all)
}

// review gives memory back that has not been needed since the last review. There is
// one so seldom that it costs next to nothing for each event.
func (q *eventQueue) review() {
	s := &q.slots
	most := max(s.most, minSlots)
	s.most = s.live
	s.untilReview = 2 * most
	if len(s.all) > 4*most {
		q.ladder.gather(s.all) // so that no entry leads to a slot that goes
		s.shrink(most)
		s.untilReview = max(s.untilReview, len(s.all))
	}
	q.ladder.shrink(most)
}
