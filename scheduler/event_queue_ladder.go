package scheduler

import (
	"cmp"
	"math"
	"math/bits"
	"slices"
)

const (
	// leafSize is how many entries are sorted at once rather than spread over a
	// finer rung.
	leafSize = 32
	// maxShift is how many entries are moved to insert one in order.
	maxShift = 48
	// perBucket is how many entries of a new rung there are for each bucket, and
	// maxBuckets how many buckets a rung has at most: few enough for all the
	// places that are written to while entries are spread to fit in the cache.
	perBucket  = 2
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
// of two. While few entries are pending all of them are in near, a sorted array. An
// entry that would have to be inserted deep in near goes to a heap, so that the
// worst case is a heap's. Entries in ascending order at the present time, which
// are common, are appended to near.
type ladder struct {
	near []entry   // near[head:] is sorted; the rest has been popped
	head int       //
	late entryHeap // came in before nearEnd, but not close to either end of near

	// Entries before nearEnd are in near or late; those from topStart on are in
	// top; those between are in rungs. nearEnd is the floor of the finest rung.
	nearEnd, topStart Time
	rungs             [maxRungs]rung
	depth             int // rungs in use, the finest last

	top            bucket
	topMin, topMax Time // times of entries in top; meaningless if it is empty
	pool           chunkPool

	stale int // entries without an event, or whose event was put off
}

// rung is a range of time, divided into buckets.
type rung struct {
	buckets []bucket
	start   Time  // of the first bucket
	shift   uint8 // a bucket is 1<<shift wide; the last one extends to end
	current int   // buckets before it are empty for good
	floor   Time  // start of the current bucket, or end
	end     Time
	n       int // entries
}

func (l *ladder) push(e entry, slots []slot) {
	switch {
	case e.time < l.nearEnd:
		l.pushNear(e, slots)
	case e.time >= l.topStart:
		l.pushTop(e)
	default:
		r := &l.rungs[0]
		for i := 1; e.time < r.floor; i++ {
			r = &l.rungs[i]
		}
		r.add(e, &l.pool)
	}
}

func (l *ladder) pushTop(e entry) {
	if l.top.n == 0 {
		l.topMin, l.topMax = e.time, e.time
	}
	l.topMin, l.topMax = min(l.topMin, e.time), max(l.topMax, e.time)
	l.top.add(e, &l.pool)
}

func (l *ladder) pushNear(e entry, slots []slot) {
	i := len(l.near)
	switch {
	case i == l.head || !e.before(l.near[i-1].key):
		l.append(e)
	case l.head > 0 && e.before(l.near[l.head].key):
		l.head--
		l.near[l.head] = e
	case i-l.head <= maxShift || !e.before(l.near[i-maxShift].key):
		l.append(e)
		near := l.near
		i = len(near) - 1
		for i > l.head && e.before(near[i-1].key) {
			near[i] = near[i-1]
			i--
		}
		near[i] = e
	case l.depth == 0 && l.topStart == Never:
		// There is nothing but near, and it has become too long for that.
		l.late.push(e)
		l.gather(slots)
	default:
		l.late.push(e)
	}
}

// append adds an entry at the end of near, in place of those that were popped if
// these are at least as many as are left.
func (l *ladder) append(e entry) {
	if len(l.near) == cap(l.near) && l.head > len(l.near)/2 {
		l.near = l.near[:copy(l.near, l.near[l.head:])]
		l.head = 0
	}
	l.near = append(l.near, e)
}

// front returns the first entry of near and late, which must not both be empty. It is
// valid until something is pushed or popped.
func (l *ladder) front() *entry {
	if l.lateIsFirst() {
		return &l.late[0]
	}
	return &l.near[l.head]
}

// lateIsFirst reports whether the first entry is in late. It is else in near.
func (l *ladder) lateIsFirst() bool {
	return len(l.late) > 0 && (l.head == len(l.near) || l.late[0].before(l.near[l.head].key))
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
func (l *ladder) refill(slots []slot) bool {
	l.near, l.head = l.near[:0], 0
	for l.head == len(l.near) {
		if l.depth == 0 {
			if l.top.n == 0 {
				l.nearEnd, l.topStart = Never, Never
				return false
			}
			l.lowerTop(slots)
			continue
		}
		r := &l.rungs[l.depth-1]
		if r.n == 0 {
			l.depth--
			l.nearEnd = r.end
			continue
		}
		for r.buckets[r.current].n == 0 {
			r.current++
		}
		b := &r.buckets[r.current]
		r.n -= int(b.n)
		r.current++
		r.floor = r.end
		if r.current < len(r.buckets) {
			r.floor = r.start + Time(r.current)<<r.shift
		}
		l.nearEnd = r.floor
		if b.n <= leafSize {
			l.load(b, slots)
			continue
		}
		first, last := b.span()
		l.lower(b, first, last, r.floor, slots)
	}
	return true
}

// lowerTop spreads what is in top over a first rung.
func (l *ladder) lowerTop(slots []slot) {
	if l.top.n <= leafSize {
		l.nearEnd, l.topStart = Never, Never
		l.load(&l.top, slots)
		return
	}
	l.topStart = l.topMax + 1
	l.nearEnd = l.topStart
	l.lower(&l.top, l.topMin, l.topMax, l.topStart, slots)
}

// lower spreads a bucket of entries from first to last over a new rung, which ends at
// end. If that is not possible, or all are for one time, they are sorted into
// near.
func (l *ladder) lower(b *bucket, first, last, end Time, slots []slot) {
	if first < last && l.depth < maxRungs {
		l.nearEnd = first
		l.spread(b, l.newRung(first, last, end, int(b.n)))
		return
	}
	l.load(b, slots)
	if first == last && first+1 < end && l.depth < maxRungs {
		// Leave to near what is for this time only. What comes in for the next times
		// would else stand in the way of what comes in for this one.
		l.nearEnd = first + 1
		l.newRung(first+1, end-1, end, len(l.near))
	}
}

func (l *ladder) newRung(first, last, end Time, entries int) *rung {
	r := &l.rungs[l.depth]
	l.depth++
	span := uint64(last - first)
	want := uint64(min(max(entries/perBucket, minBuckets), maxBuckets))
	r.shift = uint8(bits.Len64(span / want))
	n := int(span>>r.shift) + 1
	if cap(r.buckets) < n {
		r.buckets = make([]bucket, max(n, 2*cap(r.buckets)))
	}
	r.buckets = r.buckets[:n]
	r.start, r.floor, r.end, r.current, r.n = first, first, end, 0, 0
	return r
}

func (l *ladder) spread(b *bucket, r *rung) {
	for b.n > 0 {
		c, entries := b.take()
		for _, e := range entries {
			r.add(e, &l.pool)
		}
		l.pool.put(c)
	}
}

func (r *rung) add(e entry, p *chunkPool) {
	i := min(uint64(e.time-r.start)>>r.shift, uint64(len(r.buckets)-1))
	r.buckets[i].add(e, p)
	r.n++
}

// load sorts a bucket into near, which is empty. It leaves out entries
// without an event.
func (l *ladder) load(b *bucket, slots []slot) {
	l.near = slices.Grow(l.near[:0], int(b.n))[:b.n]
	i := len(l.near)
	for b.n > 0 {
		c, entries := b.take()
		for j := range entries {
			e := &entries[j]
			if e.alive(slots) {
				i--
				l.near[i] = *e
			}
		}
		l.pool.put(c)
	}
	l.head = i
	l.stale -= i
	sortEntries(l.near[i:])
}

// gather puts everything into top, under the key of its event, and leaves out
// entries without one.
func (l *ladder) gather(slots []slot) {
	keep := func(entries []entry) {
		for i := range entries {
			if e := &entries[i]; e.alive(slots) {
				s := &slots[e.slot]
				s.entry = s.due
				l.pushTop(entry{s.due, e.slot})
			}
		}
	}
	keepAll := func(b *bucket) {
		for b.n > 0 {
			c, entries := b.take()
			keep(entries)
			l.pool.put(c)
		}
	}
	top := l.top
	l.top = bucket{}
	keepAll(&top)
	for i := range l.rungs[:l.depth] {
		r := &l.rungs[i]
		for j := range r.buckets {
			keepAll(&r.buckets[j])
		}
	}
	keep(l.near[l.head:])
	keep(l.late)
	l.near, l.late, l.head, l.depth, l.stale = l.near[:0], l.late[:0], 0, 0, 0
	l.nearEnd, l.topStart = minTime, minTime
}

// rekey changes the order of all entries and of their events. They must be in top, as
// after gather.
func (l *ladder) rekey(f func(order) order, slots []slot) {
	room := l.top.room
	for c := l.top.newest; c != nil; c = c.older {
		for i := room; i < chunkLen; i++ {
			e := &c.entries[i]
			e.order = f(e.order)
			slots[e.slot].entry, slots[e.slot].due = e.key, e.key
		}
		room = 0
	}
}

// shrink gives memory back that so many entries do not need.
func (l *ladder) shrink(entries int) {
	if cap(l.near) > 4*entries {
		l.near, l.head = slices.Clone(l.near[l.head:]), 0
	}
	if cap(l.late) > 4*entries {
		l.late = slices.Clone(l.late)
	}
	// Entries that are spread fill few of their chunks.
	l.pool.shrink(4*entries/chunkLen + 2*maxBuckets)
}

// sortEntries sorts by key. Many at once are mostly for one time, and often sorted.
func sortEntries(s []entry) {
	if len(s) > leafSize {
		for i := 1; i < len(s); i++ {
			if s[i].before(s[i-1].key) {
				slices.SortFunc(s, compareEntries)
				return
			}
		}
		return
	}
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
