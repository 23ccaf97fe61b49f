package process

import (
	"iter"
	"slices"
)

// items is what is in a store.
type items[T any] interface {
	len() int
	add(item T)
	// take takes out the first item that matches; nil matches any.
	take(match func(T) bool) (T, bool)
	// all goes through them in the order in which they would be taken.
	all() iter.Seq[T]
}

// fifo keeps items in the order in which they came.
type fifo[T any] struct {
	buf   []T
	first int // of buf; those before were taken
}

func (f *fifo[T]) len() int         { return len(f.buf) - f.first }
func (f *fifo[T]) add(item T)       { f.buf = append(f.buf, item) }
func (f *fifo[T]) all() iter.Seq[T] { return slices.Values(f.buf[f.first:]) }

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
	heap heap[rankedItem[T]]
	turn uint64 // of the last item that came
}

type rankedItem[T any] struct {
	item T
	turn uint64
}

func newRanked[T any](less func(a, b T) bool) *ranked[T] {
	return &ranked[T]{heap: heap[rankedItem[T]]{before: func(a, b rankedItem[T]) bool {
		if less(a.item, b.item) {
			return true
		}
		return a.turn < b.turn && !less(b.item, a.item)
	}}}
}

func (r *ranked[T]) len() int { return len(r.heap.elements) }

func (r *ranked[T]) add(item T) {
	r.turn++
	r.heap.add(rankedItem[T]{item, r.turn})
}

func (r *ranked[T]) take(match func(T) bool) (item T, ok bool) {
	best := -1
	for i, e := range r.heap.elements {
		if match != nil && !match(e.item) {
			continue
		}
		if best < 0 || r.heap.before(e, r.heap.elements[best]) {
			best = i
		}
		if match == nil {
			break // the first of the heap
		}
	}
	if best < 0 {
		return item, false
	}
	return r.heap.remove(best).item, true
}

func (r *ranked[T]) all() iter.Seq[T] {
	return func(yield func(T) bool) {
		inOrder := slices.SortedFunc(slices.Values(r.heap.elements), func(a, b rankedItem[T]) int {
			if r.heap.before(a, b) {
				return -1
			}
			return 1
		})
		for _, e := range inOrder {
			if !yield(e.item) {
				return
			}
		}
	}
}
