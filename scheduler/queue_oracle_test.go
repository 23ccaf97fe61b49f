package scheduler

import (
	"cmp"
	"slices"
)

// sortedKeys is what a queue has to do, in the most obvious way: the oracle of tests. Keys
// are distinct.
type sortedKeys []key

func compareKeys(a, b key) int {
	return cmp.Or(cmp.Compare(a.time, b.time), cmp.Compare(a.order, b.order))
}

func (s sortedKeys) nextTime() Time {
	if len(s) == 0 {
		return Never
	}
	return s[0].time
}

func (s *sortedKeys) push(k key) {
	i, _ := slices.BinarySearchFunc(*s, k, compareKeys)
	*s = slices.Insert(*s, i, k)
}

func (s *sortedKeys) pop() key {
	first := (*s)[0]
	*s = (*s)[1:]
	return first
}

func (s *sortedKeys) cancel(k key) {
	i, _ := slices.BinarySearchFunc(*s, k, compareKeys)
	*s = slices.Delete(*s, i, i+1)
}

func (s sortedKeys) rekey(f func(order) order) {
	for i := range s {
		s[i].order = f(s[i].order)
	}
	slices.SortFunc(s, compareKeys)
}
