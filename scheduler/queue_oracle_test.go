package scheduler

import "slices"

// sortedSlice is what a queue does, in the most obvious way: the oracle of tests.
type sortedSlice struct {
	waiting []sortedEvent // by key
	serial  uint64
}

type sortedEvent struct {
	key
	serial uint64
}

func compareKeys(a sortedEvent, k key) int {
	switch {
	case a.key == k:
		return 0
	case a.before(k):
		return -1
	}
	return 1
}

func (q *sortedSlice) len() int { return len(q.waiting) }

func (q *sortedSlice) nextTime() Time {
	if len(q.waiting) == 0 {
		return Never
	}
	return q.waiting[0].time
}

func (q *sortedSlice) push(k key) (serial uint64) {
	q.serial++
	q.insert(sortedEvent{k, q.serial})
	return q.serial
}

func (q *sortedSlice) insert(e sortedEvent) {
	i, _ := slices.BinarySearchFunc(q.waiting, e.key, compareKeys)
	q.waiting = slices.Insert(q.waiting, i, e)
}

func (q *sortedSlice) pop() key {
	k := q.waiting[0].key
	q.waiting = q.waiting[1:]
	return k
}

func (q *sortedSlice) cancel(serial uint64) {
	q.waiting = slices.DeleteFunc(q.waiting, func(e sortedEvent) bool { return e.serial == serial })
}

func (q *sortedSlice) reschedule(serial uint64, k key) {
	q.cancel(serial)
	q.insert(sortedEvent{k, serial})
}

func (q *sortedSlice) rekey(f func(order) order) {
	for i := range q.waiting {
		q.waiting[i].order = f(q.waiting[i].order)
	}
	slices.SortFunc(q.waiting, func(a, b sortedEvent) int { return compareKeys(a, b.key) })
}
