package scheduler

import (
	"math"
	"slices"
)

// slots hold what waiting events do. The number of a slot and the serial of the event
// in it make the handle of the event.
type slots struct {
	all    []slot
	free   []uint32 // numbers of slots below keep that hold no event, to be used next
	keep   uint32   // slots from here on are not used again, because they are to go
	live   int      // events
	serial uint64   // of the last event

	// For giving memory back: how many events have left until the next review, and
	// how many there were at most since the last one.
	untilReview, most int
}

type slot struct {
	serial uint64 // of the event that it holds; 0 if none
	event  event
	entry  key // of the entry that stands for the event; its order is 0 if there is none
	due    key // of the event; not before entry
}

// key is the place of an event in the order of all. Orders of events in a queue are not 0.
type key struct {
	time  Time
	order order
}

func (k key) before(l key) bool {
	return k.time < l.time || k.time == l.time && k.order < l.order
}

// putOff reports whether the event is later than the entry that stands for it.
func (s *slot) putOff() bool { return s.due.order != s.entry.order }

// minSlots is for how many events there is always memory.
const minSlots = 1024

// occupy puts an event into a slot.
func (s *slots) occupy(k key, e event) EventID {
	if len(s.free) == 0 {
		s.grow()
	}
	last := len(s.free) - 1
	n := s.free[last]
	s.free = s.free[:last]
	s.live++
	s.serial++
	at := &s.all[n]
	at.serial, at.event, at.entry, at.due = s.serial, e, k, k
	return EventID{slot: n, serial: s.serial}
}

// release frees a slot and returns the event that was in it.
func (s *slots) release(n uint32) event {
	at := &s.all[n]
	e := at.event
	at.serial, at.event, at.entry.order = 0, event{}, 0
	s.most = max(s.most, s.live)
	s.live--
	s.untilReview--
	if n < s.keep {
		s.free = append(s.free, n)
	}
	return e
}

// grow makes free slots.
func (s *slots) grow() {
	s.keep = math.MaxUint32
	if s.live == len(s.all) {
		more := max(len(s.all), 8)
		s.all = append(s.all, make([]slot, more)...)
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
		s.free = nil
	}
	s.keep = uint32(2 * events)
	s.listFree()
}
