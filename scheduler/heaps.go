package scheduler

// minHeap is a binary heap of small values.
type minHeap[T any] []T

func (h *minHeap[T]) push(v T, compare func(a, b T) int) {
	*h = append(*h, v)
	s := *h
	for i := len(s) - 1; i > 0; {
		up := (i - 1) / 2
		if compare(s[i], s[up]) >= 0 {
			break
		}
		s[i], s[up] = s[up], s[i]
		i = up
	}
}

func (h *minHeap[T]) pop(compare func(a, b T) int) T {
	s := *h
	top := s[0]
	last := len(s) - 1
	s[0] = s[last]
	*h = s[:last]
	h.down(0, compare)
	return top
}

func (h *minHeap[T]) init(compare func(a, b T) int) {
	for i := len(*h)/2 - 1; i >= 0; i-- {
		h.down(i, compare)
	}
}

func (h *minHeap[T]) down(i int, compare func(a, b T) int) {
	s := *h
	for {
		child := 2*i + 1
		if child >= len(s) {
			return
		}
		if child+1 < len(s) && compare(s[child+1], s[child]) < 0 {
			child++
		}
		if compare(s[child], s[i]) >= 0 {
			return
		}
		s[i], s[child] = s[child], s[i]
		i = child
	}
}

// readyLP is a process that may step. Ties of the stamp go by rank.
type readyLP struct {
	stamp Stamp
	rank  int32
	lp    LP
}

type readyHeap = minHeap[readyLP]

func compareReady(a, b readyLP) int {
	if a.stamp != b.stamp {
		return a.stamp.Compare(b.stamp)
	}
	return int(a.rank - b.rank)
}

type boundLP struct {
	bound Stamp
	lp    LP
}

type boundHeap = minHeap[boundLP]

func compareBound(a, b boundLP) int {
	if a.bound != b.bound {
		return a.bound.Compare(b.bound)
	}
	return int(a.lp - b.lp)
}

// pushStamp and popStamp keep a process's scheduled steps in a heap; popStamp
// takes duplicates of the first along.
func pushStamp(h *[]Stamp, s Stamp) {
	(*minHeap[Stamp])(h).push(s, Stamp.Compare)
}

func popStamp(h *[]Stamp) {
	first := (*minHeap[Stamp])(h).pop(Stamp.Compare)
	for len(*h) > 0 && (*h)[0] == first {
		(*minHeap[Stamp])(h).pop(Stamp.Compare)
	}
}

// keyHeap orders all processes by their key and knows where each one is.
type keyHeap []LP

func (h *keyHeap) init(c *Coordinator) {
	*h = make(keyHeap, len(c.lps))
	for i := range c.lps {
		(*h)[i] = LP(i)
		c.lps[i].keyPos = int32(i)
	}
	for i := len(*h)/2 - 1; i >= 0; i-- {
		h.down(c, i)
	}
}

// fix moves lp to its place after its key has changed.
func (h *keyHeap) fix(c *Coordinator, lp LP) {
	s := *h
	i := int(c.lps[lp].keyPos)
	for i > 0 {
		up := (i - 1) / 2
		if !c.lps[s[i]].key.Before(c.lps[s[up]].key) {
			break
		}
		h.swap(c, i, up)
		i = up
	}
	h.down(c, i)
}

func (h *keyHeap) down(c *Coordinator, i int) {
	s := *h
	for {
		child := 2*i + 1
		if child >= len(s) {
			return
		}
		if child+1 < len(s) && c.lps[s[child+1]].key.Before(c.lps[s[child]].key) {
			child++
		}
		if !c.lps[s[child]].key.Before(c.lps[s[i]].key) {
			return
		}
		h.swap(c, i, child)
		i = child
	}
}

func (h *keyHeap) swap(c *Coordinator, i, j int) {
	s := *h
	s[i], s[j] = s[j], s[i]
	c.lps[s[i]].keyPos, c.lps[s[j]].keyPos = int32(i), int32(j)
}
