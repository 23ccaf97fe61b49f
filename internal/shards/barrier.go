package shards

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// spins is how often a shard that waits looks for the others before it parks: for
// longer than it takes to be woken. It must be: who was woken is late by
// that long, so the others wait for that long at the end of the next window, and if they park
// then, everybody parks at every window (two shards took 1.4 times as long with 50,000).
const spins = 1_000_000

// barrier lets shards wait for each other. To be woken takes as long as hundreds of
// events, so who waits looks for the others for a while before it parks.
type barrier struct {
	parties int32
	spins   int // 0 if somebody must stop for the others to go on

	_        [64]byte // what follows is in cache lines of its own
	arrived  atomic.Int32
	_        [60]byte
	opened   atomic.Uint32 // how often
	_        [60]byte
	sleepers atomic.Int32
	mutex    sync.Mutex
	open     sync.Cond
}

func newBarrier(parties int) *barrier {
	b := &barrier{parties: int32(parties)}
	b.open.L = &b.mutex
	if runtime.GOMAXPROCS(0) >= parties {
		b.spins = spins
	}
	return b
}

// wait returns when all parties have called it. What each has written before, all
// can read then.
func (b *barrier) wait() {
	before := b.opened.Load()
	if b.arrived.Add(1) == b.parties {
		b.arrived.Store(0)
		b.opened.Add(1)
		if b.sleepers.Load() > 0 {
			b.mutex.Lock()
			defer b.mutex.Unlock()
			b.open.Broadcast()
		}
		return
	}
	for range b.spins {
		if b.opened.Load() != before {
			return
		}
	}
	b.mutex.Lock()
	defer b.mutex.Unlock()
	// The last one either sees that somebody sleeps, or it has opened before.
	b.sleepers.Add(1)
	defer b.sleepers.Add(-1)
	for b.opened.Load() == before {
		b.open.Wait()
	}
}
