package process

import "github.com/simrun/simrun/scheduler"

// waiter is somebody's place among those who wait: in a line, or in a rankedLine.
type waiter struct {
	then       listener // who waits: a Process, or something else
	since      scheduler.Time
	next, prev *waiter // in a line
	place      int     // in a rankedLine
	amount     float64 // of a Level that it wants
	data       any     // what else there is to know
}

// listener is told when what it waits for has come.
type listener interface{ happened(err error) }

// goOn says that what w waits for has come. It is in nobody's line any more.
func (w *waiter) goOn(err error) { w.then.happened(err) }

// line is those who wait, first come, first served. Its zero value is empty.
type line struct{ first *waiter } // whose prev is the last

func (l *line) enter(w *waiter) {
	if l.first == nil {
		l.first, w.prev = w, w
		return
	}
	last := l.first.prev
	last.next, w.prev, l.first.prev = w, last, w
}

func (l *line) leave(w *waiter) {
	if w == l.first {
		l.first = w.next
	} else {
		w.prev.next = w.next
	}
	if w.next != nil {
		w.next.prev = w.prev
	} else if l.first != nil {
		l.first.prev = w.prev
	}
	w.next, w.prev = nil, nil
}

// countedLine is a line that knows how long it is.
type countedLine struct {
	line
	length int
}

func (l *countedLine) enter(w *waiter) {
	l.line.enter(w)
	l.length++
}

func (l *countedLine) leave(w *waiter) {
	l.line.leave(w)
	l.length--
}

// rankedLine is those who wait by priority, lower numbers first, and of one
// priority first come, first served.
type rankedLine struct {
	heap heap[rank]
	turn uint64 // of the last who entered
}

// rank is the place of a waiter in a rankedLine.
type rank struct {
	priority int
	turn     uint64 // among those of one priority
	waiter   *waiter
}

func newRankedLine() rankedLine {
	return rankedLine{heap: heap[rank]{
		before: func(a, b rank) bool {
			if a.priority != b.priority {
				return a.priority < b.priority
			}
			return a.turn < b.turn
		},
		placed: func(r rank, at int) { r.waiter.place = at },
	}}
}

func (l *rankedLine) length() int { return len(l.heap.elements) }

func (l *rankedLine) enter(w *waiter, priority int) {
	l.turn++
	l.heap.add(rank{priority, l.turn, w})
}

// comesFirst reports whether somebody comes before one who would enter now.
func (l *rankedLine) comesFirst(priority int) bool {
	return l.length() > 0 && l.heap.elements[0].priority <= priority
}

func (l *rankedLine) leave(w *waiter) { l.heap.remove(w.place) }

// next takes out who is first, if there is one.
func (l *rankedLine) next() (first rank, ok bool) {
	if l.length() == 0 {
		return first, false
	}
	return l.heap.remove(0), true
}
