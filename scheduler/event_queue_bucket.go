package scheduler

// entry is an event in the ladder: its key, and where the queue keeps the rest
// of it. It holds no pointer, so that the garbage collector has nothing to follow.
type entry struct {
	key
	slot uint32
}

// alive reports whether the entry stands for an event that is still to come.
func (e *entry) alive(slots []slot) bool { return slots[e.slot].entry.order == e.order }

// bucket is a bag of entries: a chain of chunks, all but the newest full. The
// zero bucket is empty.
type bucket struct {
	newest *chunk
	room   int32 // free places in the newest chunk, which are its first
	n      int32
}

// chunk holds some entries; 21 of them make it 512 bytes.
type chunk struct {
	older   *chunk
	entries [chunkLen]entry
}

const chunkLen = 21

func (b *bucket) add(e entry, p *chunkPool) {
	if b.room == 0 {
		b.newest = p.get(b.newest)
		b.room = chunkLen
	}
	b.room--
	b.newest.entries[b.room] = e
	b.n++
}

// take removes a chunk and returns its entries, those that came in last first.
// The caller gives the chunk back when it has read them.
func (b *bucket) take() (*chunk, []entry) {
	c := b.newest
	entries := c.entries[b.room:]
	b.newest, b.room = c.older, 0
	b.n -= int32(len(entries))
	return c, entries
}

// span returns the times of the first and of the last entry.
func (b *bucket) span() (first, last Time) {
	first, last = Never, minTime
	room := b.room
	for c := b.newest; c != nil; c = c.older {
		for i := room; i < chunkLen; i++ {
			first, last = min(first, c.entries[i].time), max(last, c.entries[i].time)
		}
		room = 0
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
