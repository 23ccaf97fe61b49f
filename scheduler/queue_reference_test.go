package scheduler

// heapQueue is the queue in its simplest form: a 4-ary heap that knows where each
// event is, so that one can be taken out at once. It is the reference of benchmarks.
type heapQueue struct {
	heap  []entry
	slots []heapSlot
	free  []uint32
	count uint64
}

type heapSlot struct {
	pos    int32 // index into heap; -1 if the slot is free
	serial uint64
	event  event
}

const arity = 4

func (q *heapQueue) push(t Time, o order, source *Actor, do Handler) EventID {
	var s uint32
	if n := len(q.free); n > 0 {
		s, q.free = q.free[n-1], q.free[:n-1]
	} else {
		s = uint32(len(q.slots))
		q.slots = append(q.slots, heapSlot{})
	}
	q.count++
	q.slots[s].serial, q.slots[s].event = q.count, event{source, do}
	q.heap = append(q.heap, entry{})
	q.up(len(q.heap)-1, entry{key{t, o}, s})
	return EventID{slot: s, serial: q.count}
}

func (q *heapQueue) popUntil(until Time) (Time, order, event, bool) {
	if len(q.heap) == 0 || q.heap[0].time > until {
		return 0, 0, event{}, false
	}
	top := q.heap[0]
	return top.time, top.order, q.remove(0), true
}

func (q *heapQueue) cancel(id EventID) bool {
	if !q.waiting(id) {
		return false
	}
	q.remove(int(q.slots[id.slot].pos))
	return true
}

func (q *heapQueue) reschedule(id EventID, t Time, o order) bool {
	if !q.waiting(id) {
		return false
	}
	q.place(int(q.slots[id.slot].pos), entry{key{t, o}, id.slot})
	return true
}

func (q *heapQueue) waiting(id EventID) bool {
	return id.serial != 0 && int(id.slot) < len(q.slots) && q.slots[id.slot].serial == id.serial
}

func (q *heapQueue) remove(i int) event {
	s := &q.slots[q.heap[i].slot]
	e := s.event
	*s = heapSlot{pos: -1}
	q.free = append(q.free, q.heap[i].slot)
	last := len(q.heap) - 1
	moved := q.heap[last]
	q.heap = q.heap[:last]
	if i < last {
		q.place(i, moved)
	}
	return e
}

func (q *heapQueue) place(i int, e entry) {
	if i > 0 && e.before(q.heap[(i-1)/arity].key) {
		q.up(i, e)
	} else {
		q.down(i, e)
	}
}

func (q *heapQueue) up(i int, e entry) {
	for i > 0 {
		parent := (i - 1) / arity
		if !e.before(q.heap[parent].key) {
			break
		}
		q.put(i, q.heap[parent])
		i = parent
	}
	q.put(i, e)
}

func (q *heapQueue) down(i int, e entry) {
	for {
		first := i*arity + 1
		if first >= len(q.heap) {
			break
		}
		least := first
		for c := first + 1; c < min(first+arity, len(q.heap)); c++ {
			if q.heap[c].before(q.heap[least].key) {
				least = c
			}
		}
		if !q.heap[least].before(e.key) {
			break
		}
		q.put(i, q.heap[least])
		i = least
	}
	q.put(i, e)
}

func (q *heapQueue) put(i int, e entry) {
	q.heap[i] = e
	q.slots[e.slot].pos = int32(i)
}

// valueHeap is a plain binary heap of values, without handles and without events.
type valueHeap struct{ entryHeap }

func (h *valueHeap) push(t Time, o order, _ *Actor, _ Handler) EventID {
	h.entryHeap.push(entry{key: key{t, o}})
	return EventID{}
}

func (h *valueHeap) popUntil(until Time) (Time, order, event, bool) {
	if len(h.entryHeap) == 0 || h.entryHeap[0].time > until {
		return 0, 0, event{}, false
	}
	e := h.entryHeap.pop()
	return e.time, e.order, event{}, true
}
