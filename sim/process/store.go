package process

import (
	"fmt"
	"iter"
	"math"
)

// Unlimited is the capacity of a store or a level that is never full.
const Unlimited = math.MaxInt

// Store is a place for items, which some processes put in and others get out.
type Store[T any] struct {
	sim      *Simulation
	name     string
	capacity int
	fifo     fifo[T]     // its items
	ranked   *ranked[T]  // or these, if it is not nil
	getters  countedLine // for whom nothing fits of what is there
	putters  countedLine // for whose items there is no room
	usage    *Usage
	plain    bool       // nothing is ranked or monitored
	spare    *errand[T] // those that can be used again
}

// errand is what somebody waits for at a store.
type errand[T any] struct {
	store *Store[T]
	line  *countedLine
	match func(T) bool // of a getter; nil: any item
	item  T            // to put, or that it got
	next  *errand[T]   // the next spare one
}

// NewStore returns an empty store for so many items, which are taken out in the
// order in which they came. It panics if capacity is not positive.
func NewStore[T any](s *Simulation, name string, capacity int) *Store[T] {
	return newStore[T](s, name, capacity, nil)
}

// NewPriorityStore returns an empty store for so many items, of which the least is
// taken out first, and equal ones in the order in which they came.
func NewPriorityStore[T any](s *Simulation, name string, capacity int, less func(a, b T) bool) *Store[T] {
	return newStore(s, name, capacity, newRanked(less))
}

func newStore[T any](s *Simulation, name string, capacity int, items *ranked[T]) *Store[T] {
	if capacity <= 0 {
		panic(fmt.Sprintf("process: store %q: a capacity of %d is not positive", name, capacity))
	}
	return &Store[T]{sim: s, name: name, capacity: capacity, ranked: items, plain: items == nil}
}

// Name returns the name given to NewStore.
func (s *Store[T]) Name() string { return s.name }

// Capacity returns how many items there is room for.
func (s *Store[T]) Capacity() int { return s.capacity }

// Items goes through the items in the order in which they would be taken out. None
// must be put in or taken out meanwhile.
func (s *Store[T]) Items() iter.Seq[T] {
	if s.ranked != nil {
		return s.ranked.all()
	}
	return s.fifo.all()
}

// Len returns how many items are there.
func (s *Store[T]) Len() int {
	if s.ranked != nil {
		return s.ranked.len()
	}
	return s.fifo.n
}

// Queue returns how many processes wait to get something, and how many to put.
func (s *Store[T]) Queue() (getters, putters int) { return s.getters.length, s.putters.length }

// Put puts an item in, and waits for room if need be.
func (s *Store[T]) Put(p *Process, item T) error {
	if err := p.mayWait(); err != nil {
		return err
	}
	if s.hasRoom() {
		s.fifo.add(item)
		return nil
	}
	if s.tryPut(item) {
		return nil
	}
	e := s.errand(&s.putters, nil)
	e.item = item
	s.enter(&p.node, e)
	err := p.wait(e)
	s.done(e)
	return err
}

// TryPut puts an item in if there is room, and reports whether it has.
func (s *Store[T]) TryPut(item T) bool {
	if s.hasRoom() {
		s.fifo.add(item)
		return true
	}
	return s.tryPut(item)
}

// hasRoom reports whether putting an item in is nothing more than that.
func (s *Store[T]) hasRoom() bool { return s.plain && s.getters.first == nil && s.fifo.n < s.capacity }

// tryPut is TryPut in all cases.
func (s *Store[T]) tryPut(item T) bool {
	if s.Len() >= s.capacity {
		return false
	}
	if s.usage != nil {
		now := s.sim.Now()
		s.usage.served(now, now)
	}
	s.arrive(item)
	return true
}

// Get takes an item out, and waits for one if need be.
func (s *Store[T]) Get(p *Process) (T, error) { return s.GetWhere(p, nil) }

// GetWhere takes out the first item that matches, and waits for one if need be.
// Those who wait for other items do not hold it up.
func (s *Store[T]) GetWhere(p *Process, match func(item T) bool) (T, error) {
	if err := p.mayWait(); err != nil {
		var none T
		return none, err
	}
	if s.hasItem(match) {
		return s.fifo.takeFirst(), nil
	}
	if item, ok := s.tryGet(match); ok {
		return item, nil
	}
	e := s.errand(&s.getters, match)
	s.enter(&p.node, e)
	err := p.wait(e)
	return s.done(e), err
}

// TryGet takes out the first item that matches, if there is one; nil matches any.
func (s *Store[T]) TryGet(match func(item T) bool) (item T, ok bool) {
	if s.hasItem(match) {
		return s.fifo.takeFirst(), true
	}
	return s.tryGet(match)
}

// hasItem reports whether getting an item is nothing more than taking the first one.
func (s *Store[T]) hasItem(match func(item T) bool) bool {
	return s.plain && match == nil && s.fifo.n > 0 && s.putters.first == nil
}

// tryGet is TryGet in all cases.
func (s *Store[T]) tryGet(match func(item T) bool) (item T, ok bool) {
	switch {
	case s.ranked != nil:
		item, ok = s.ranked.take(match)
	case match != nil:
		item, ok = s.fifo.take(match)
	case s.fifo.n > 0:
		item, ok = s.fifo.takeFirst(), true
	}
	if !ok {
		return item, false
	}
	if s.usage != nil {
		now := s.sim.Now()
		s.usage.served(now, now)
		s.usage.holds(now, float64(s.Len()))
	}
	if s.putters.first != nil {
		s.admit()
	}
	return item, true
}

// admit lets those put who wait for room, as far as there is any.
func (s *Store[T]) admit() {
	for s.putters.first != nil && s.Len() < s.capacity {
		w := s.putters.first
		s.putters.leave(w)
		s.settle(w)
		s.arrive(w.data.(*errand[T]).item)
		w.goOn(nil)
	}
}

// arrive gives an item to the first who waits for one like it, or stores it.
func (s *Store[T]) arrive(item T) {
	if s.getters.first != nil && s.give(item) {
		return
	}
	if s.ranked != nil {
		s.ranked.add(item)
	} else {
		s.fifo.add(item)
	}
	if s.usage != nil {
		s.usage.holds(s.sim.Now(), float64(s.Len()))
	}
}

// give gives an item to the first who waits for one like it, and reports whether there is one.
func (s *Store[T]) give(item T) bool {
	for w := s.getters.first; w != nil; w = w.next {
		if e := w.data.(*errand[T]); e.match == nil || e.match(item) {
			s.getters.leave(w)
			e.item = item
			s.settle(w)
			w.goOn(nil)
			return true
		}
	}
	return false
}

// settle counts one who has waited, and does not any more.
func (s *Store[T]) settle(w *waiter) {
	now := s.sim.Now()
	s.usage.served(now, w.since)
	s.usage.queued(now, s.getters.length+s.putters.length)
}

func (s *Store[T]) errand(l *countedLine, match func(T) bool) *errand[T] {
	e := s.spare
	if e == nil {
		e = &errand[T]{store: s}
	} else {
		s.spare = e.next
	}
	e.line, e.match = l, match
	return e
}

// done returns the item of an errand, which can be used again.
func (s *Store[T]) done(e *errand[T]) (item T) {
	var none T
	item, e.item = e.item, none
	e.match, e.next, s.spare = nil, s.spare, e
	return item
}

func (s *Store[T]) enter(w *waiter, e *errand[T]) {
	w.data, w.since = e, s.sim.Now()
	e.line.enter(w)
	s.usage.queued(w.since, s.getters.length+s.putters.length)
}

func (s *Store[T]) withdraw(w *waiter, e *errand[T]) {
	e.line.leave(w)
	s.usage.queued(s.sim.Now(), s.getters.length+s.putters.length)
}

func (e *errand[T]) describe() string {
	if e.line == &e.store.putters {
		return fmt.Sprintf("room in store %q", e.store.name)
	}
	return fmt.Sprintf("an item in store %q", e.store.name)
}

func (e *errand[T]) leave(p *Process) { e.store.withdraw(&p.node, e) }

// Monitor begins to collect statistics.
func (s *Store[T]) Monitor() *Usage {
	s.usage, s.plain = newUsage(s.sim.Now(), float64(s.Len()), s.getters.length+s.putters.length), false
	return s.usage
}
