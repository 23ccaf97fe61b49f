package process

import "github.com/simrun/simrun/scheduler"

// waiter is somebody's place among those who wait: in a line, or in a rankedLine.
type waiter struct {
	p          *Process // who waits; nil if it is no process
	then       listener // who is told then
	since      scheduler.Time
	next, prev *waiter // in a line
	priority   int     // in a rankedLine
	turn       uint64  // there: among those of one priority
	place      int     // there: in the heap
	amount     float64 // of a Level that it wants
	data       any     // what else there is to know
}

// listener is told when what it waits for has come.
type listener interface{ happened(err error) }

// goOn says that what w waits for has come. It is in nobody's line any more.
func (w *waiter) goOn(err error) {
	if w.p != nil {
		w.p.resume(err)
		return
	}
	w.then.happened(err)
}

// line is those who wait, first come, first served. Its zero value is empty.
type line struct {
	first, last *waiter
	length      int
}

func (l *line) enter(w *waiter) {
	if w.prev = l.last; l.last != nil {
		l.last.next = w
	} else {
		l.first = w
	}
	l.last = w
	l.length++
}

func (l *line) leave(w *waiter) {
	if w.prev != nil {
		w.prev.next = w.next
	} else {
		l.first = w.next
	}
	if w.next != nil {
		w.next.prev = w.prev
	} else {
		l.last = w.prev
	}
	w.next, w.prev = nil, nil
	l.length--
}

// rankedLine is those who wait by priority, lower numbers first, and of one
// priority first come, first served.
type rankedLine struct {
	heap heap[*waiter]
	turn uint64 // of the last who entered
}

func newRankedLine() rankedLine {
	return rankedLine{heap: heap[*waiter]{
		before: func(a, b *waiter) bool {
			if a.priority != b.priority {
				return a.priority < b.priority
			}
			return a.turn < b.turn
		},
		placed: func(w *waiter, at int) { w.place = at },
	}}
}

func (l *rankedLine) length() int { return len(l.heap.elements) }

func (l *rankedLine) enter(w *waiter, priority int) {
	l.turn++
	w.priority, w.turn = priority, l.turn
	l.heap.add(w)
}

func (l *rankedLine) leave(w *waiter) { l.heap.remove(w.place) }

// next takes out who is first, or returns nil.
func (l *rankedLine) next() *waiter {
	if l.length() == 0 {
		return nil
	}
	return l.heap.remove(0)
}
