package process

import (
	"iter"
	"slices"
)

// fifo keeps items in the order in which they came, in a ring.
type fifo[T any] struct {
	ring  []T // a power of two, or none
	first int // place of the first item, if there is one
	n     int
}

func (f *fifo[T]) at(i int) *T { return &f.ring[(f.first+i)&(len(f.ring)-1)] }

func (f *fifo[T]) add(item T) {
	if f.n == len(f.ring) {
		f.grow()
	}
	*f.at(f.n) = item
	f.n++
}

func (f *fifo[T]) grow() {
	ring := make([]T, max(8, 2*f.n))
	copy(ring[copy(ring, f.ring[f.first:]):], f.ring[:f.first])
	f.ring, f.first = ring, 0
}

// takeFirst takes out the first item; there must be one.
func (f *fifo[T]) takeFirst() (item T) {
	var none T
	p := f.at(0)
	item, *p = *p, none
	f.first = (f.first + 1) & (len(f.ring) - 1)
	f.n--
	return item
}

// take takes out the first item that matches.
func (f *fifo[T]) take(match func(T) bool) (item T, ok bool) {
	i := 0
	for i < f.n && !match(*f.at(i)) {
		i++
	}
	if i == f.n {
		return item, false
	}
	item = *f.at(i)
	for ; i > 0; i-- { // those before move up
		*f.at(i) = *f.at(i - 1)
	}
	f.takeFirst()
	return item, true
}

// all goes through the items in the order in which they would be taken.
func (f *fifo[T]) all() iter.Seq[T] {
	return func(yield func(T) bool) {
		for i := range f.n {
			if !yield(*f.at(i)) {
				return
			}
		}
	}
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

// take takes out the first item that matches; nil matches any.
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
