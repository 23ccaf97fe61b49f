package scheduler

// eventQueue is a priority queue of events with the key (Time, order). Keys of
// waiting events are distinct, so it pops in a total order that does not depend
// on how they came in.
//
// It is a 4-ary heap of small values without pointers. What an event does is
// kept aside in a slot; a slot and its generation make the handle by which an
// event can be cancelled or moved while it waits.
type eventQueue struct {
	heap  []heapEntry
	slots []slot
	free  []uint32 // slots that hold no event
}

type heapEntry struct {
	time  Time
	order order
	slot  uint32
}

func (e *heapEntry) before(f *heapEntry) bool {
	return e.time < f.time || e.time == f.time && e.order < f.order
}

type slot struct {
	pos        int32  // index into heap; -1 if the slot is free
	generation uint32 // counts the events that the slot has held, from 1
	event      event
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
type EventID struct{ slot, generation uint32 }

const arity = 4

func (q *eventQueue) len() int { return len(q.heap) }

// nextTime is the time of the first event, or Never.
func (q *eventQueue) nextTime() Time {
	if len(q.heap) == 0 {
		return Never
	}
	return q.heap[0].time
}

// first is the key of the first event; its time is Never if there is none.
func (q *eventQueue) first() (Time, order) {
	if len(q.heap) == 0 {
		return Never, 0
	}
	return q.heap[0].time, q.heap[0].order
}

// push adds an event.
func (q *eventQueue) push(t Time, o order, e event) EventID {
	var s uint32
	if n := len(q.free); n > 0 {
		s, q.free = q.free[n-1], q.free[:n-1]
	} else {
		s = uint32(len(q.slots))
		q.slots = append(q.slots, slot{})
	}
	q.slots[s].generation++
	q.slots[s].event = e
	q.heap = append(q.heap, heapEntry{})
	q.up(len(q.heap)-1, heapEntry{time: t, order: o, slot: s})
	return EventID{slot: s, generation: q.slots[s].generation}
}

// pop removes the first event. The queue must not be empty.
func (q *eventQueue) pop() (Time, order, event) {
	top := q.heap[0]
	return top.time, top.order, q.remove(0)
}

// cancel removes an event and reports whether it was still waiting.
func (q *eventQueue) cancel(id EventID) bool {
	if !q.waiting(id) {
		return false
	}
	q.remove(int(q.slots[id.slot].pos))
	return true
}

// reschedule gives an event another key and reports whether it was still
// waiting.
func (q *eventQueue) reschedule(id EventID, t Time, o order) bool {
	if !q.waiting(id) {
		return false
	}
	q.place(int(q.slots[id.slot].pos), heapEntry{time: t, order: o, slot: id.slot})
	return true
}

// rekey changes the order of every event and restores the heap.
func (q *eventQueue) rekey(f func(order) order) {
	for i := range q.heap {
		q.heap[i].order = f(q.heap[i].order)
	}
	for i := (len(q.heap) - 2) / arity; i >= 0 && len(q.heap) > 1; i-- {
		q.down(i, q.heap[i])
	}
}

func (q *eventQueue) waiting(id EventID) bool {
	return int(id.slot) < len(q.slots) && q.slots[id.slot].generation == id.generation && q.slots[id.slot].pos >= 0
}

// remove takes out the entry at i, fills the hole with the last one, and frees
// the slot.
func (q *eventQueue) remove(i int) event {
	s := &q.slots[q.heap[i].slot]
	e := s.event
	s.pos, s.event = -1, event{}
	q.free = append(q.free, q.heap[i].slot)
	last := len(q.heap) - 1
	moved := q.heap[last]
	q.heap = q.heap[:last]
	if i < last {
		q.place(i, moved)
	}
	return e
}

// place puts e at i or where it belongs above or below.
func (q *eventQueue) place(i int, e heapEntry) {
	if i > 0 && e.before(&q.heap[(i-1)/arity]) {
		q.up(i, e)
	} else {
		q.down(i, e)
	}
}

func (q *eventQueue) up(i int, e heapEntry) {
	for i > 0 {
		parent := (i - 1) / arity
		if !e.before(&q.heap[parent]) {
			break
		}
		q.put(i, q.heap[parent])
		i = parent
	}
	q.put(i, e)
}

func (q *eventQueue) down(i int, e heapEntry) {
	for {
		first := i*arity + 1
		if first >= len(q.heap) {
			break
		}
		least := first
		for c := first + 1; c < min(first+arity, len(q.heap)); c++ {
			if q.heap[c].before(&q.heap[least]) {
				least = c
			}
		}
		if !q.heap[least].before(&e) {
			break
		}
		q.put(i, q.heap[least])
		i = least
	}
	q.put(i, e)
}

func (q *eventQueue) put(i int, e heapEntry) {
	q.heap[i] = e
	q.slots[e.slot].pos = int32(i)
}
