package process

import (
	"cmp"
	"slices"
)

// waiter is the place of a process in a queue.
type waiter struct {
	p          *Process
	next, prev *waiter
	priority   int
	amount     float64 // of a Level that it wants
	data       any     // what else there is to know
}

// queue is a line of processes: by priority, lower numbers first, and of one
// priority first come, first served.
type queue struct {
	first, last *waiter
	classes     []class // by priority; only those that somebody waits in
	length      int
}

// class is the waiters of one priority. Knowing their last, nobody has to walk
// along the line to enter it.
type class struct {
	priority int
	last     *waiter
}

func (q *queue) class(priority int) (int, bool) {
	return slices.BinarySearchFunc(q.classes, priority, func(c class, p int) int { return cmp.Compare(c.priority, p) })
}

func (q *queue) enter(w *waiter) {
	i, ok := q.class(w.priority)
	switch {
	case ok:
		w.prev = q.classes[i].last
		q.classes[i].last = w
	default:
		w.prev = nil
		if i > 0 {
			w.prev = q.classes[i-1].last
		}
		q.classes = slices.Insert(q.classes, i, class{w.priority, w})
	}
	if w.prev != nil {
		w.next, w.prev.next = w.prev.next, w
	} else {
		w.next, q.first = q.first, w
	}
	if w.next != nil {
		w.next.prev = w
	} else {
		q.last = w
	}
	q.length++
}

func (q *queue) leave(w *waiter) {
	if i, _ := q.class(w.priority); q.classes[i].last == w {
		if w.prev != nil && w.prev.priority == w.priority {
			q.classes[i].last = w.prev
		} else {
			q.classes = slices.Delete(q.classes, i, i+1)
		}
	}
	if w.prev != nil {
		w.prev.next = w.next
	} else {
		q.first = w.next
	}
	if w.next != nil {
		w.next.prev = w.prev
	} else {
		q.last = w.prev
	}
	w.next, w.prev = nil, nil
	q.length--
}
