package scheduler

import (
	"cmp"
	"math/bits"
	"slices"
)

// sorter sorts the entries of a bucket.
type sorter struct {
	input  []entry
	counts *[maxCounts / lanes]uint64 // by part of the bucket's time, some in each word
}

const (
	logMaxCounts = 11
	maxCounts    = 1 << logMaxCounts

	// A word holds a few counts, so that they are added up at once: the highest lane of a
	// word times each is the sum of all, the one below it that of all but the highest, and so on.
	laneBits = 16
	lanes    = 64 / laneBits
	laneMask = 1<<laneBits - 1
	each     = 1 + 1<<laneBits + 1<<(2*laneBits) + 1<<(3*laneBits)

	// maxInsertion is how many entries are sorted by insertion, a power of two.
	maxInsertion = 32
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
		s.counts = new([maxCounts / lanes]uint64)
	}
	parts := min(uint8(bits.Len(uint(n)))+1, logMaxCounts) // as a logarithm
	counts := s.counts[:1<<parts/lanes]
	clear(counts)
	last := uint64(1)<<parts - 1
	shift = (shift - min(shift, parts)) & 63
	for i := range entries {
		p := min(uint64(entries[i].time-start)>>shift, last)
		counts[p/lanes] += 1 << (p % lanes * laneBits)
	}
	before, all := uint64(0), uint64(0)
	for i, c := range counts {
		all |= c
		upTo := c * each
		counts[i] = upTo - c + before*each
		before += upTo >> (64 - laneBits)
	}
	if all&^((maxInsertion-1)*each) != 0 { // a part is crowded
		copy(dst, entries)
		sortEntries(dst)
		return
	}
	for i := range entries {
		p := min(uint64(entries[i].time-start)>>shift, last)
		at := counts[p/lanes] >> (p % lanes * laneBits) & laneMask
		counts[p/lanes] += 1 << (p % lanes * laneBits)
		dst[at] = entries[i]
	}
	insertionSort(dst)
}

// sortEntries sorts by key. Many at once are mostly for one time, and often sorted.
func sortEntries(s []entry) {
	if len(s) <= maxInsertion {
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
		if !s[i].before(s[i-1].key) {
			continue
		}
		e := s[i]
		s[i] = s[i-1]
		j := i - 1
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
