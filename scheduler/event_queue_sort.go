package scheduler

import (
	"cmp"
	"math/bits"
	"slices"
)

// sorter sorts the entries of a bucket.
type sorter struct {
	input  []entry
	counts *[maxCounts]uint16 // by part of the bucket's time
}

const (
	logMaxCounts = 11
	maxCounts    = 1 << logMaxCounts
)

// What is spread over a rung, which takes chunks, was in more than one chunk.
const _ = uint(leafSize - chunkLen)

// empty returns the entries of a bucket, which is empty then. They are valid until it is
// called again, or a chunk is taken from p.
func (s *sorter) empty(b *bucket, p *chunkPool) []entry {
	if c := b.newest; c != nil && c.older == nil { // they need not be moved
		entries := c.entries[:b.n]
		*b = bucket{}
		p.put(c)
		return entries
	}
	s.input = slices.Grow(s.input[:0], int(b.n))[:b.n]
	b.moveTo(s.input, p)
	return s.input
}

// sort sorts entries into dst, which is as long. Their times are from start on, and most
// are less than 1<<shift later.
//
// It first distributes them over twice as many parts of this time as there are entries, by
// counting, so that hardly any comparison is left whose outcome a processor cannot foresee:
// that is what sorting costs.
func (s *sorter) sort(dst, entries []entry, start Time, shift uint8) {
	n := len(entries)
	if n <= 4 || n > maxLoad {
		copy(dst, entries)
		sortEntries(dst)
		return
	}
	if s.counts == nil {
		s.counts = new([maxCounts]uint16)
	}
	parts := min(uint8(bits.Len(uint(n)))+1, logMaxCounts) // as a logarithm
	counts := s.counts[:1<<parts]
	clear(counts)
	last := uint64(len(counts) - 1)
	shift -= min(shift, parts)
	for i := range entries {
		counts[min(uint64(entries[i].time-start)>>shift, last)]++
	}
	before, most := uint16(0), uint16(0)
	for i, c := range counts {
		counts[i] = before
		before += c
		most = max(most, c)
	}
	if most > leafSize {
		copy(dst, entries)
		sortEntries(dst)
		return
	}
	for i := range entries {
		at := &counts[min(uint64(entries[i].time-start)>>shift, last)]
		dst[*at] = entries[i]
		*at++
	}
	insertionSort(dst)
}

// sortEntries sorts by key. Many at once are mostly for one time, and often sorted.
func sortEntries(s []entry) {
	if len(s) <= leafSize {
		insertionSort(s)
		return
	}
	for i := 1; i < len(s); i++ {
		if s[i].before(s[i-1].key) {
			slices.SortFunc(s, compareEntries)
			return
		}
	}
}

func insertionSort(s []entry) {
	for i := 1; i < len(s); i++ {
		e := s[i]
		j := i
		for j > 0 && e.before(s[j-1].key) {
			s[j] = s[j-1]
			j--
		}
		s[j] = e
	}
}

func compareEntries(a, b entry) int {
	if a.time == b.time {
		return cmp.Compare(a.order, b.order)
	}
	return cmp.Compare(a.time, b.time)
}
