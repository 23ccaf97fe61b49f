package scheduler

import (
	"math"
	"math/bits"
	"slices"
)

const (
	// maxFlat is how many entries are sorted at once rather than spread over a first rung.
	maxFlat = 32
	// leafSize is how many entries are sorted at once rather than spread over a
	// finer rung.
	leafSize = 64
	// maxLoad is how many entries are sorted at once if these are no more than one in
	// minLoads, so that few of those that come in are to be inserted between them.
	maxLoad  = 4096
	minLoads = 32
	// maxShift is how many entries are moved to insert one in order.
	maxShift = 48
	// perBucket is how many entries of a new rung there are for each bucket, and
	// maxBuckets how many buckets it is spread over at most: few enough for all the
	// places that are written to while entries are spread to fit in the cache.
	perBucket  = 3
	minBuckets = 16
	maxBuckets = 1024
	// maxRungs bounds how often an entry is moved. Eight rungs of 1,024 buckets
	// are more than the 63 bits of a time need; only extremely uneven times use
	// all of them, and are then sorted.
	maxRungs = 8
)

const minTime Time = math.MinInt64

// ladder is a priority queue of entries: a ladder queue after Tang, Goh and Thng,
// "Ladder Queue: An O(1) Priority Queue Structure for Large-Scale Discrete Event
// Simulation", ACM TOMACS 15(3), 2005. Entries far ahead lie unsorted in top. When
// time gets there they are spread over the buckets of a rung, by time; a bucket
// that is still full when time gets to it is spread over a finer rung; one that is
// not is sorted, which is cheap, into near (their "bottom").
//
// Where we differ: A rung has a bounded number of buckets, whose width is a power
// of two. Those of the first rung are used again, as in a calendar queue, for as long as
// it suits what comes in: so most entries need not wait in top. A bucket is also sorted at
// once if it is a small part of all that is pending, however full it is, because that costs
// less than another rung. While few entries are pending all of them are in near, a sorted
// array. An entry that would have to be inserted deep in near goes to a heap, so that the
// worst case is a heap's. Entries that come in order, as those do that are for one time,
// cost next to nothing: at the present time they are appended to near, and what came so to
// top becomes near as it is.
type ladder struct {
	ends [2][]entry // near and top
	head int        // near[head:] is sorted; the rest has been popped
	late entryHeap  // came in before nearEnd, but not close to either end of near

	// Entries before nearEnd are in near or late; those from topStart on are in
	// top; those between are in rungs. nearEnd is the floor of the finest rung, or
	// topStart if there is none.
	nearEnd, topStart Time
	rungs             [maxRungs]rung
	depth             int // rungs in use, the finest last

	topSorted      bool // entries in top came in order
	topMin, topMax Time // of their times; meaningless if they came in order
	pool           chunkPool
	sorter         sorter
	fetcher        fetcher

	stale int // entries without an event, or whose event was put off
}

// Indexes of ladder.ends.
const (
	near = iota
	top
)

// rung is a range of time, divided into buckets.
type rung struct {
	// Buckets are numbered on and on, but are a ring: number i is at i modulo their number,
	// which is a power of two.
	buckets       []bucket
	start         Time   // of bucket 0
	shift         uint8  // a bucket is 1<<shift wide; the last one extends to end
	current, last uint64 // the buckets in use; those before current are empty for good
	floor         Time   // start of the current bucket, or end
	end           Time
	n             int // entries
	planned       int // entries when it was made
}

func (l *ladder) push(e entry, s *slots) {
	if l.depth == 0 && l.topSorted {
		// Which end it is cannot be foreseen, by a processor either, if some events are for
		// now and some for later. So let there be no branch.
		at := near
		if e.time >= l.topStart {
			at = top
		}
		end := &l.ends[at]
		if n := len(*end); n > 0 && n < cap(*end) && !e.before((*end)[n-1].key) {
			*end = append(*end, e)
			return
		}
	}
	switch {
	case e.time < l.nearEnd:
		l.pushNear(e, s)
	case e.time >= l.topStart:
		l.pushTop(e)
	default:
		r := &l.rungs[0]
		for i := 1; e.time < r.floor; i++ {
			r = &l.rungs[i]
		}
		r.bucketOf(e.time).add(e, &l.pool)
	}
}

func (l *ladder) pushTop(e entry) {
	entries := l.ends[top]
	switch n := len(entries); {
	case n == 0:
		l.topSorted = true
	case !l.topSorted:
		l.topMin, l.topMax = min(l.topMin, e.time), max(l.topMax, e.time)
	case e.before(entries[n-1].key):
		l.topSorted = false
		l.topMin, l.topMax = min(entries[0].time, e.time), entries[n-1].time
	}
	l.ends[top] = append(entries, e)
}

func (l *ladder) pushNear(e entry, s *slots) {
	i := len(l.ends[near])
	switch {
	case i == l.head || !e.before(l.ends[near][i-1].key):
		l.append(e)
	case l.head > 0 && e.before(l.ends[near][l.head].key):
		l.head--
		l.ends[near][l.head] = e
	case i-l.head <= maxShift || !e.before(l.ends[near][i-maxShift].key):
		l.append(e)
		entries := l.ends[near]
		i = len(entries) - 1
		for i > l.head && e.before(entries[i-1].key) {
			entries[i] = entries[i-1]
			i--
		}
		entries[i] = e
	case l.depth == 0 && l.topStart == Never:
		// There is nothing but near, and it has become too long for that.
		l.late.push(e)
		l.gather(s)
	default:
		l.late.push(e)
	}
}

// append adds an entry at the end of near, in place of those that were popped if
// these are at least as many as are left.
func (l *ladder) append(e entry) {
	if len(l.ends[near]) == cap(l.ends[near]) && l.head > len(l.ends[near])/2 {
		l.ends[near] = l.ends[near][:copy(l.ends[near], l.ends[near][l.head:])]
		l.head = 0
	}
	l.ends[near] = append(l.ends[near], e)
}

// front returns the first entry of near and late, which must not both be empty. It is
// valid until something is pushed or popped.
func (l *ladder) front() *entry {
	if l.lateIsFirst() {
		return &l.late[0]
	}
	return &l.ends[near][l.head]
}

// lateIsFirst reports whether the first entry is in late. It is else in near.
func (l *ladder) lateIsFirst() bool {
	return len(l.late) > 0 && (l.head == len(l.ends[near]) || l.late[0].before(l.ends[near][l.head].key))
}

// pop removes the entry that first has just returned.
func (l *ladder) pop() {
	if l.lateIsFirst() {
		l.late.pop()
	} else {
		l.head++
	}
}

// refill moves what comes next into near, which must be empty, as must be late.
// It reports whether there is anything.
func (l *ladder) refill(s *slots) bool {
	l.fetcher.begin(s)
	l.ends[near], l.head = l.ends[near][:0], 0
	for l.head == len(l.ends[near]) {
		if l.depth == 0 {
			if len(l.ends[top]) == 0 {
				l.nearEnd, l.topStart = Never, Never
				return false
			}
			l.lowerTop(s)
			continue
		}
		r := &l.rungs[l.depth-1]
		if r.n == 0 {
			l.depth--
			l.nearEnd = r.end
			continue
		}
		for r.bucket(r.current).n == 0 {
			r.current++
		}
		b := r.bucket(r.current)
		n := int(b.n)
		start := r.start + Time(r.current)<<r.shift
		r.n -= n
		r.current++
		if l.depth == 1 && n <= s.live/3 { // else it does not spread them
			l.extend(r, s)
		}
		r.floor = r.end
		if r.current <= r.last {
			r.floor = r.start + Time(r.current)<<r.shift
		}
		l.nearEnd = r.floor
		if n <= leafSize || n <= maxLoad && n <= s.live/minLoads {
			l.load(b, start, r.shift, s)
			continue
		}
		l.lower(b, s)
	}
	return true
}

// extend lets the first rung go on, with the buckets that it has passed, as far as they reach
// or to the first entry in top. If there are many more entries than it was made for, or far
// fewer, it does not: the rung ends, and another one is made.
func (l *ladder) extend(r *rung, s *slots) {
	if s.live > 2*r.planned || s.live < r.planned/2 {
		return
	}
	limit := Never
	if len(l.ends[top]) > 0 {
		limit = l.topMin
		if l.topSorted {
			limit = l.ends[top][0].time
		}
	}
	if stop := min(r.current+uint64(len(r.buckets)), uint64(limit-r.start)>>r.shift); stop > r.last+1 {
		r.last = stop - 1
		r.end = r.start + Time(stop)<<r.shift
		l.topStart = r.end
	}
}

// lowerTop spreads what is in top over a first rung, or takes it for near if it is
// sorted or little.
func (l *ladder) lowerTop(s *slots) {
	entries := l.ends[top]
	n := len(entries)
	switch {
	case n <= maxFlat:
		l.nearEnd, l.topStart = Never, Never
		l.ends[near] = append(l.ends[near], entries...)
		sortEntries(l.ends[near])
	case l.topSorted:
		l.topStart = entries[n-1].time + 1
		l.nearEnd = l.topStart
		l.ends[near], l.ends[top] = entries, l.ends[near]
	default:
		l.topStart = l.topMax + 1
		l.nearEnd = l.topStart
		r := l.newRung(l.topMin, l.topMax, l.topStart, n)
		for _, e := range entries {
			r.bucketOf(e.time).add(e, &l.pool)
		}
	}
	l.ends[top], l.topSorted = l.ends[top][:0], true
}

// lower spreads a bucket over a new rung, which ends where near does now. If that is not
// possible, or all are for one time, they are sorted into near.
func (l *ladder) lower(b *bucket, s *slots) {
	first, last := b.span()
	end := l.nearEnd
	entries := l.sorter.empty(b, &l.pool)
	if first < last && l.depth < maxRungs {
		l.nearEnd = first
		r := l.newRung(first, last, end, len(entries))
		for _, e := range entries {
			r.bucketOf(e.time).add(e, &l.pool)
		}
		return
	}
	l.ends[near] = append(l.ends[near], l.living(entries, s)...)
	sortEntries(l.ends[near])
	if first == last && first+1 < end && l.depth < maxRungs {
		// Leave to near what is for this time only. What comes in for the next times
		// would else stand in the way of what comes in for this one.
		l.nearEnd = first + 1
		l.newRung(first+1, end-1, end, len(l.ends[near]))
	}
}

// living drops entries without an event.
func (l *ladder) living(entries []entry, s *slots) []entry {
	if l.stale == 0 {
		return entries
	}
	n := 0
	for i := range entries {
		if e := &entries[i]; s.untouched(e.slot) || s.alive(e) {
			entries[n] = *e
			n++
		} else {
			l.stale--
			s.release(e.slot)
		}
	}
	return entries[:n]
}

func (l *ladder) newRung(first, last, end Time, entries int) *rung {
	r := &l.rungs[l.depth]
	l.depth++
	span := uint64(last - first)
	want := uint64(min(max(entries/perBucket, minBuckets), maxBuckets))
	r.shift = uint8(bits.Len64(span / want))
	r.last = span >> r.shift
	// If it is extended, what comes in is to be rarely beyond it.
	n := 1 << bits.Len64(r.last+r.last/2)
	if cap(r.buckets) < n {
		r.buckets = make([]bucket, n)
	}
	r.buckets = r.buckets[:n]
	r.start, r.floor, r.end, r.current, r.n, r.planned = first, first, end, 0, 0, entries
	return r
}

// bucketOf returns the bucket for an entry that is to be added.
func (r *rung) bucketOf(t Time) *bucket {
	r.n++
	return r.bucket(min(uint64(t-r.start)>>(r.shift&63), r.last))
}

// bucket returns the one with a number.
func (r *rung) bucket(i uint64) *bucket {
	return &r.buckets[i&uint64(len(r.buckets)-1)]
}

// load sorts a bucket, which begins at start and is 1<<shift wide, into near, which is empty.
func (l *ladder) load(b *bucket, start Time, shift uint8, s *slots) {
	entries := l.living(l.sorter.empty(b, &l.pool), s)
	n := len(entries)
	l.ends[near] = slices.Grow(l.ends[near], n)[:n]
	l.sorter.sort(l.ends[near], entries, start, shift)
}

// gather puts everything into top, under the key of its event, and leaves out
// entries without one.
func (l *ladder) gather(s *slots) {
	entries := l.ends[top]
	l.ends[top] = entries[:0] // what is written there has been read before
	keep := func(entries []entry) {
		for i := range entries {
			if e := &entries[i]; s.alive(e) {
				l.pushTop(entry{key: s.settle(e), slot: e.slot})
			} else {
				s.release(e.slot)
			}
		}
	}
	keep(entries)
	for i := range l.rungs[:l.depth] {
		r := &l.rungs[i]
		for j := range r.buckets {
			keep(l.sorter.empty(&r.buckets[j], &l.pool))
		}
	}
	keep(l.ends[near][l.head:])
	keep(l.late)
	l.ends[near], l.late, l.head, l.depth, l.stale = l.ends[near][:0], l.late[:0], 0, 0, 0
	l.nearEnd, l.topStart = minTime, minTime
}

// rekey changes the order of all entries and of their events. They must be in top, as
// after gather.
func (l *ladder) rekey(f func(order) order, s *slots) {
	entries := l.ends[top]
	l.ends[top] = entries[:0]
	for _, e := range entries {
		e.order = f(e.order)
		if m := s.moveOf(e.slot); m != nil {
			m.entry, m.due = e.key, e.key
		}
		l.pushTop(e)
	}
}

// shrink gives memory back that so many entries do not need.
func (l *ladder) shrink(entries int) {
	if cap(l.ends[near]) > 4*entries {
		l.ends[near], l.head = slices.Clone(l.ends[near][l.head:]), 0
	}
	if cap(l.late) > 4*entries {
		l.late = slices.Clone(l.late)
	}
	if cap(l.ends[top]) > 4*entries {
		l.ends[top] = slices.Clone(l.ends[top])
	}
	if cap(l.sorter.input) > 4*entries {
		l.sorter.input = nil
	}
	// Entries that are spread fill few of their chunks.
	l.pool.shrink(4*entries/chunkLen + 2*maxBuckets)
}
