package process

import (
	"container/heap"
	"slices"
)

// items is what is in a store.
type items[T any] interface {
	len() int
	add(item T)
	// take takes out the first item that matches; nil matches any.
	take(match func(T) bool) (T, bool)
}

// fifo keeps items in the order in which they came.
type fifo[T any] struct {
	buf   []T
	first int // of buf; those before were taken
}

func (f *fifo[T]) len() int   { return len(f.buf) - f.first }
func (f *fifo[T]) add(item T) { f.buf = append(f.buf, item) }

func (f *fifo[T]) take(match func(T) bool) (item T, ok bool) {
	i := f.first
	if match != nil {
		for i < len(f.buf) && !match(f.buf[i]) {
			i++
		}
	}
	if i == len(f.buf) {
		return item, false
	}
	var none T
	item, f.buf[i] = f.buf[i], none
	if i > f.first {
		f.buf = slices.Delete(f.buf, i, i+1)
		return item, true
	}
	f.first++
	if 2*f.first >= len(f.buf) { // at most half of it is unused
		n := copy(f.buf, f.buf[f.first:])
		clear(f.buf[n:])
		f.buf, f.first = f.buf[:n], 0
	}
	return item, true
}

// ranked keeps items by an order, and equal ones in the order in which they came.
type ranked[T any] struct {
	less func(a, b T) bool
	heap []rankedItem[T]
	seq  uint64
}

type rankedItem[T any] struct {
	item T
	seq  uint64
}

func (r *ranked[T]) len() int { return len(r.heap) }

func (r *ranked[T]) add(item T) {
	r.seq++
	heap.Push((*rankedHeap[T])(r), rankedItem[T]{item, r.seq})
}

func (r *ranked[T]) take(match func(T) bool) (item T, ok bool) {
	best := -1
	for i := range r.heap {
		if match != nil && !match(r.heap[i].item) {
			continue
		}
		if best < 0 || (*rankedHeap[T])(r).Less(i, best) {
			best = i
		}
		if match == nil {
			break // the first of the heap
		}
	}
	if best < 0 {
		return item, false
	}
	return heap.Remove((*rankedHeap[T])(r), best).(rankedItem[T]).item, true
}

// rankedHeap has the methods that package heap wants.
type rankedHeap[T any] ranked[T]

func (h *rankedHeap[T]) Len() int { return len(h.heap) }

func (h *rankedHeap[T]) Less(i, j int) bool {
	a, b := &h.heap[i], &h.heap[j]
	if h.less(a.item, b.item) {
		return true
	}
	return !h.less(b.item, a.item) && a.seq < b.seq
}

func (h *rankedHeap[T]) Swap(i, j int) { h.heap[i], h.heap[j] = h.heap[j], h.heap[i] }
func (h *rankedHeap[T]) Push(x any)    { h.heap = append(h.heap, x.(rankedItem[T])) }

func (h *rankedHeap[T]) Pop() any {
	last := len(h.heap) - 1
	x := h.heap[last]
	h.heap[last] = rankedItem[T]{}
	h.heap = h.heap[:last]
	return x
}
