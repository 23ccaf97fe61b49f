package scheduler

// entryHeap is a binary heap of entries.
type entryHeap []entry

func (h *entryHeap) push(e entry) {
	*h = append(*h, e)
	s := *h
	i := len(s) - 1
	for i > 0 {
		up := (i - 1) / 2
		if !e.before(s[up].key) {
			break
		}
		s[i] = s[up]
		i = up
	}
	s[i] = e
}

// pop removes the first entry. The heap must not be empty.
func (h *entryHeap) pop() entry {
	s := *h
	top := s[0]
	last := len(s) - 1
	e := s[last]
	s = s[:last]
	*h = s
	i := 0
	for {
		child := 2*i + 1
		if child >= last {
			break
		}
		if child+1 < last && s[child+1].before(s[child].key) {
			child++
		}
		if !s[child].before(e.key) {
			break
		}
		s[i] = s[child]
		i = child
	}
	if last > 0 {
		s[i] = e
	}
	return top
}
