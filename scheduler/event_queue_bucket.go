package scheduler

// entry is an event in the ladder: its key, and where the queue keeps the rest
// of it. It holds no pointer, so that the garbage collector has nothing to follow.
type entry struct {
	key
	slot uint32
}

// bucket is a bag of entries: a chain of chunks, all but the newest full. The
// zero bucket is empty.
type bucket struct {
	newest *chunk
	n      int
}

// chunk holds some entries. Its size is no power of two, or the beginnings of all would
// compete for the same few places of a cache.
type chunk struct {
	older   *chunk
	entries [chunkLen]entry
}

const chunkLen = 32 // a power of two

func (b *bucket) add(e entry, p *chunkPool) {
	i := uint(b.n) % chunkLen
	if i == 0 {
		b.newest = p.get(b.newest)
	}
	b.newest.entries[i] = e
	b.n++
}

// inNewest returns how many entries are in the newest chunk.
func (b *bucket) inNewest() int { return (b.n-1)&(chunkLen-1) + 1 }

// moveTo moves all entries to dst, which has room for just these, in the order in
// which they came in.
func (b *bucket) moveTo(dst []entry, p *chunkPool) {
	for used := b.inNewest(); b.newest != nil; used = chunkLen {
		c := b.newest
		n := len(dst) - used
		copy(dst[n:], c.entries[:used])
		dst = dst[:n]
		b.newest = c.older
		p.put(c)
	}
	b.n = 0
}

// span returns the times of the first and of the last entry.
func (b *bucket) span() (first, last Time) {
	first, last = Never, minTime
	used := b.inNewest()
	for c := b.newest; c != nil; c = c.older {
		for _, e := range c.entries[:used] {
			first, last = min(first, e.time), max(last, e.time)
		}
		used = chunkLen
	}
	return first, last
}

// chunkPool keeps chunks for use again.
type chunkPool struct {
	free        *chunk
	kept, inUse int
}

func (p *chunkPool) get(older *chunk) *chunk {
	p.inUse++
	c := p.free
	if c == nil {
		c = new(chunk)
	} else {
		p.free = c.older
		p.kept--
	}
	c.older = older
	return c
}

func (p *chunkPool) put(c *chunk) {
	p.inUse--
	c.older = p.free
	p.free = c
	p.kept++
}

// shrink leaves chunks that are not in use to the garbage collector, until there are
// no more than most in all.
func (p *chunkPool) shrink(most int) {
	for p.kept > 0 && p.kept+p.inUse > most {
		p.free = p.free.older
		p.kept--
	}
}
