package scheduler

import (
	"math"
	"slices"
)

// slots hold what waiting events do. The number of a slot and the serial of the event
// in it make the handle of the event. A slot is not used again before no entry leads to it.
type slots struct {
	all    []slot
	moves  []move   // by slot, or nil if no event has been rescheduled
	free   []uint32 // numbers of slots below keep that are free, to be used next
	keep   uint32   // slots from here on are not used again, because they are to go
	live   int      // events
	serial uint64   // of the last event

	// For giving memory back: the serial with which the next review is due, and
	// how many events there were at most since the last one.
	reviewAt uint64
	most     int
}

// slot is small, so that many fit into the caches: with many events pending nearly every
// one is an access to memory.
type slot struct {
	// serial is that of the event, with the highest bit set if it was rescheduled, or
	// only the highest bit if the event is gone and entries are left; 0 if it is free.
	serial uint64
	event  event
}

const (
	rescheduled = 1 << 63 // and larger serials are those of rescheduled events
	leftovers   = rescheduled
)

// move is what there is to know about a rescheduled event.
type move struct {
	entry key   // of the entry that stands for the event
	due   key   // of the event; not before entry
	extra int32 // entries that lead to the slot, but for one
}

// putOff reports whether the event is later than the entry that stands for it.
func (m *move) putOff() bool { return m.due.order != m.entry.order }

// key is the place of an event in the order of all. Orders of events in a queue are not 0.
type key struct {
	time  Time
	order order
}

func (k key) before(l key) bool {
	return k.time < l.time || k.time == l.time && k.order < l.order
}

// minSlots is for how many events there is always memory.
const minSlots = 1024

// exchange puts an event into the slot of one that is gone, as is the entry for it, and
// returns its serial.
func (s *slots) exchange(n uint32, e event) uint64 {
	s.serial++
	at := &s.all[n]
	at.serial, at.event = s.serial, e
	return s.serial
}

// take returns the event in a slot, which is gone then, as is the entry for it.
func (s *slots) take(n uint32) event {
	at := &s.all[n]
	e := at.event
	at.event = event{}
	s.live--
	if at.serial > rescheduled {
		at.serial = leftovers
		s.release(n)
		return e
	}
	at.serial = 0
	if n < s.keep {
		s.free = append(s.free, n)
	}
	return e
}

// cancel removes the event in a slot, and leaves its entry.
func (s *slots) cancel(n uint32) {
	s.all[n] = slot{serial: leftovers}
	s.live--
}

// release tells that an entry is gone that has led to a slot.
func (s *slots) release(n uint32) {
	if s.moves != nil && s.moves[n].extra > 0 {
		s.moves[n].extra--
		return
	}
	s.all[n].serial = 0
	if n < s.keep {
		s.free = append(s.free, n)
	}
}

// untouched reports whether the event in a slot to which an entry leads is as it was scheduled,
// neither cancelled nor rescheduled.
func (s *slots) untouched(n uint32) bool { return s.all[n].serial < rescheduled }

// alive reports whether an entry stands for an event that is still to come.
func (s *slots) alive(e *entry) bool {
	serial := s.all[e.slot].serial
	return serial < rescheduled || serial > leftovers && s.moves[e.slot].entry.order == e.order
}

// moveOf returns the move of a slot if its event was rescheduled, or nil.
func (s *slots) moveOf(n uint32) *move {
	if s.all[n].serial <= rescheduled {
		return nil
	}
	return &s.moves[n]
}

// newMove gives a slot a move. The first entry for its event is left over.
func (s *slots) newMove(n uint32) *move {
	if s.moves == nil {
		s.moves = make([]move, len(s.all))
	}
	s.all[n].serial |= rescheduled
	return &s.moves[n]
}

// settle tells that the entry for an event is about to be at the time of the event, and
// returns its key.
func (s *slots) settle(e *entry) key {
	m := s.moveOf(e.slot)
	if m == nil {
		return e.key
	}
	m.entry = m.due
	return m.due
}

// holds reports whether an event is still in its slot.
func (s *slots) holds(id EventID) bool {
	return int(id.slot) < len(s.all) && id.serial != 0 && s.all[id.slot].serial&^rescheduled == id.serial
}

// grow makes free slots.
func (s *slots) grow() {
	s.keep = math.MaxUint32
	if s.listFree(); len(s.free) > 0 {
		return
	}
	s.all = append(s.all, make([]slot, max(len(s.all), 8))...)
	if s.moves != nil {
		s.moves = append(s.moves, make([]move, len(s.all)-len(s.moves))...)
	}
	s.listFree()
}

// listFree lists the free slots, so that the first one is used first.
func (s *slots) listFree() {
	s.free = s.free[:0]
	for n := min(len(s.all), int(s.keep)) - 1; n >= 0; n-- {
		if s.all[n].serial == 0 {
			s.free = append(s.free, uint32(n))
		}
	}
}

// shrink gives up free slots at the end, and sees to it that more of them get free
// if there are no more than so many events.
func (s *slots) shrink(events int) {
	n := len(s.all)
	for n > 0 && s.all[n-1].serial == 0 {
		n--
	}
	if n < len(s.all)/2 {
		s.all = slices.Clone(s.all[:n])
		if s.moves != nil {
			s.moves = slices.Clone(s.moves[:n])
		}
		s.free = nil
	}
	s.keep = uint32(2 * events)
	s.listFree()
}
