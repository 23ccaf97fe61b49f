package scheduler

// eventQueue is a priority queue of events with the key (Time, order). Keys of
// waiting events are distinct, so it pops in a total order that does not depend on
// how they came in. The zero eventQueue is empty.
//
// A ladder of entries holds the keys. What an event does is kept aside in a slot,
// which an entry and the handle of the event lead to. An event that is cancelled or
// brought forward leaves an entry behind, which is dropped when somebody comes across
// it; one that is put off keeps its entry, which is moved then.
type eventQueue struct {
	ladder ladder
	slots  slots
}

// event is what happens, and who caused it.
type event struct {
	source *Actor
	do     Handler
}

// Handler is what an event does. A Handler that is a pointer, to an entity of the
// model or to what the event is about, is scheduled without allocating anything, which
// a function that is made for each event is not; nor is a method value. If it is a
// fmt.Stringer, errors name the event by it.
type Handler interface {
	// Handle is called at the time of the event. An error that it returns ends the run.
	Handle() error
}

type handlerFunc func() error

func (f handlerFunc) Handle() error { return f() }

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
	if e := q.atHand(); e != nil {
		return e
	}
	return q.search(t)
}

// nothingUntil reports whether it is known at once that no event is due up to and
// including t.
func (q *eventQueue) nothingUntil(t Time) bool {
	l := &q.ladder
	if len(l.late) > 0 {
		return false
	}
	if l.head < len(l.ends[near]) {
		return l.ends[near][l.head].time > t
	}
	return t < l.nearEnd || q.len() == 0
}

// nearAfter reports whether no event in near is before t or at it.
func (q *eventQueue) nearAfter(t Time) bool {
	l := &q.ladder
	return l.head >= len(l.ends[near]) || l.ends[near][l.head].time > t
}

// atHand returns the entry of the first event if that is where it nearly always is, or
// else nil.
func (q *eventQueue) atHand() *entry {
	if l := &q.ladder; l.head < len(l.ends[near]) && l.stale|len(l.late) == 0 {
		return &l.ends[near][l.head]
	}
	return nil
}

// search is first in all cases.
func (q *eventQueue) search(t Time) *entry {
	l, s := &q.ladder, &q.slots
	for {
		if l.head == len(l.ends[near]) && len(l.late) == 0 && (t < l.nearEnd || !l.refill(s)) {
			return nil
		}
		e := l.front()
		if l.stale == 0 || s.untouched(e.slot) {
			return e
		}
		alive := s.alive(e)
		m := s.moveOf(e.slot)
		if alive && !m.putOff() {
			return e
		}
		slot := e.slot
		l.pop()
		l.stale--
		if alive {
			m.entry = m.due
			l.push(entry{key: m.due, slot: slot}, s)
		} else {
			s.release(slot)
		}
	}
}

// few is how many events are so few that any of them may be moved to make place.
const few = 4

// push adds an event, which must be before Never. Its order must not be 0, nor that of
// an event that was cancelled or rescheduled.
func (q *eventQueue) push(t Time, o order, source *Actor, do Handler) EventID {
	s := &q.slots
	if len(s.free) == 0 || s.serial >= s.reviewAt {
		return q.pushWithRoom(t, o, source, do)
	}
	// This is not a method of slots because the call would be a twentieth of what an event costs.
	n := s.free[len(s.free)-1]
	s.free = s.free[:len(s.free)-1]
	s.live++
	s.serial++
	s.all[n] = slot{s.serial, event{source, do}}
	l := &q.ladder
	if s.live > few || t >= l.nearEnd || l.head == 0 {
		s.most = max(s.most, s.live)
		l.push(entry{key: key{t, o}, slot: n}, s)
		return EventID{slot: n, serial: s.serial}
	}
	// There is a free place before the first event. Those that come before the new one move up.
	l.head--
	k, entries, i := key{t, o}, l.ends[near], l.head
	for i+1 < len(entries) && entries[i+1].before(k) {
		entries[i] = entries[i+1]
		i++
	}
	entries[i] = entry{key: k, slot: n}
	return EventID{slot: n, serial: s.serial}
}

// pushWithRoom is push after makeRoom.
func (q *eventQueue) pushWithRoom(t Time, o order, source *Actor, do Handler) EventID {
	q.makeRoom()
	return q.push(t, o, source, do)
}

// makeRoom sees to it that there is a free slot, and that memory is given back.
func (q *eventQueue) makeRoom() {
	if q.slots.serial >= q.slots.reviewAt {
		q.review()
	}
	if len(q.slots.free) == 0 {
		q.slots.grow()
	}
}

// plain returns the entry of the first event if there is nothing special about either, as is
// nearly always so, or else nil.
func (q *eventQueue) plain() *entry {
	if l := &q.ladder; l.head < len(l.ends[near]) && l.stale|len(l.late) == 0 && l.head < l.fetcher.at {
		if e := &l.ends[near][l.head]; e.slot < q.slots.keep && q.slots.all[e.slot].serial < rescheduled {
			return e
		}
	}
	return nil
}

// popPlain removes the event in the slot of the entry that plain has returned.
func (q *eventQueue) popPlain(n uint32) event {
	q.ladder.head++
	at := &q.slots.all[n]
	e := at.event
	*at = slot{}
	q.slots.live--
	q.slots.free = append(q.slots.free, n)
	return e
}

// popUntil removes the first event if that is not after until.
func (q *eventQueue) popUntil(until Time) (Time, order, event, bool) {
	if first := q.plain(); first != nil && first.time <= until {
		return first.time, first.order, q.popPlain(first.slot), true
	}
	first := q.first(until)
	if first == nil || first.time > until {
		return 0, 0, event{}, false
	}
	t, o, n := first.time, first.order, first.slot
	l, s := &q.ladder, &q.slots
	if l.pop(); l.head > l.fetcher.at {
		l.fetcher.fetch(l.ends[near], l.head, s)
	}
	return t, o, s.take(n), true
}

// cancel removes an event and reports whether it was still waiting.
func (q *eventQueue) cancel(id EventID) bool {
	if !q.slots.holds(id) {
		return false
	}
	if m := q.slots.moveOf(id.slot); m == nil || !m.putOff() {
		q.ladder.stale++
	}
	q.slots.cancel(id.slot)
	q.tidy()
	return true
}

// reschedule gives an event another key and reports whether it was still
// waiting. For the order see push.
func (q *eventQueue) reschedule(id EventID, t Time, o order) bool {
	if !q.slots.holds(id) {
		return false
	}
	due := key{t, o}
	m := q.slots.moveOf(id.slot)
	if m == nil {
		// Where its entry is nobody knows.
		m = q.slots.newMove(id.slot)
		q.ladder.stale++
	} else {
		if !m.putOff() {
			q.ladder.stale++
		}
		// An event that is put off, as timeouts are again and again, keeps its entry until
		// time gets there.
		if m.due = due; !due.before(m.entry) {
			return true
		}
	}
	m.entry, m.due = due, due
	m.extra++
	q.ladder.push(entry{key: due, slot: id.slot}, &q.slots)
	q.tidy()
	return true
}

// tidy sees to it that entries without an event do not become many more than the
// others.
func (q *eventQueue) tidy() {
	if q.ladder.stale > 2*q.len()+leafSize {
		q.ladder.gather(&q.slots)
	}
}

func (q *eventQueue) waiting(id EventID) bool { return q.slots.holds(id) }

// source returns who caused an event that is waiting.
func (q *eventQueue) source(id EventID) *Actor { return q.slots.all[id.slot].event.source }

// rekey changes the order of every event. Orders must stay distinct.
func (q *eventQueue) rekey(f func(order) order) {
	q.ladder.gather(&q.slots)
	q.ladder.rekey(f, &q.slots)
}

// review gives memory back that has not been needed since the last review. There is
// one so seldom that it costs next to nothing for each event.
func (q *eventQueue) review() {
	s := &q.slots
	most := max(s.most, minSlots)
	s.most = s.live
	next := 2 * most
	if len(s.all) > 4*most {
		q.ladder.gather(s) // so that no entry leads to a slot that goes
		s.shrink(most)
		next = max(next, len(s.all))
	}
	s.reviewAt = s.serial + uint64(next)
	q.ladder.shrink(most)
}
