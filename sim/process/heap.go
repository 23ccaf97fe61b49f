package process

// heap is a binary heap, from which any element can be removed (D. E. Knuth, The Art
// of Computer Programming 3, section 5.2.3).
type heap[T any] struct {
	elements []T // the first one is before all others
	before   func(a, b T) bool
	placed   func(e T, at int) // is told where an element is; may be nil
}

func (h *heap[T]) add(e T) {
	h.elements = append(h.elements, e)
	h.up(len(h.elements) - 1)
}

func (h *heap[T]) remove(at int) T {
	last := len(h.elements) - 1
	e, moved := h.elements[at], h.elements[last]
	var none T
	h.elements[last] = none
	h.elements = h.elements[:last]
	if at < last {
		h.elements[at] = moved
		h.down(h.up(at))
	}
	return e
}

// up and down move an element to where it belongs; up returns where that is.
func (h *heap[T]) up(at int) int {
	e := h.elements[at]
	for at > 0 {
		parent := (at - 1) / 2
		if !h.before(e, h.elements[parent]) {
			break
		}
		h.place(h.elements[parent], at)
		at = parent
	}
	h.place(e, at)
	return at
}

func (h *heap[T]) down(at int) {
	e := h.elements[at]
	for {
		child := 2*at + 1
		if child >= len(h.elements) {
			break
		}
		if child+1 < len(h.elements) && h.before(h.elements[child+1], h.elements[child]) {
			child++
		}
		if !h.before(h.elements[child], e) {
			break
		}
		h.place(h.elements[child], at)
		at = child
	}
	h.place(e, at)
}

func (h *heap[T]) place(e T, at int) {
	h.elements[at] = e
	if h.placed != nil {
		h.placed(e, at)
	}
}
