package scheduler

import "math"

// fetcher has slots brought into the caches before they are needed. With many events
// pending, the slot of the next one is in memory, and a processor that asks for
// it waits as long as ten events take. It asks for many at a time if they are read in one
// loop, and waits hardly longer.
type fetcher struct {
	at  int    // when the head of near gets here, the next slots are to be fetched
	sum uint64 // of what was read, so that it is read
}

const (
	// fetchSize is how many slots are fetched at a time.
	fetchSize = 64
	// maxCached is how many slots are taken to be in a cache anyway: half a MB.
	maxCached = 1 << 14
)

// begin tells that near is another one.
func (f *fetcher) begin(s *slots) {
	f.at = math.MaxInt
	if len(s.all) > maxCached {
		f.at = 0
	}
}

// fetch fetches the slots of the next entries in near.
func (f *fetcher) fetch(near []entry, head int, s *slots) {
	sum := uint64(0)
	for _, e := range near[head:min(head+fetchSize, len(near))] {
		sum += s.all[e.slot].serial
	}
	f.at, f.sum = head+fetchSize, sum
}
