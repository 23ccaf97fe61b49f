package scheduler

import "fmt"

// Priority orders events of one stamp before anything else does: the smaller
// value runs first.
type Priority uint8

// Priorities of events. Values between and beyond them, up to 15, may be used.
const (
	Urgent Priority = 0 // before the usual: new inputs, for example
	Normal Priority = 8 // what At, After and Post use
)

// The second half of an event's key is one word, (Priority, Source, Seq) from
// the highest bits down, so that comparing two keys is comparing two pairs of
// integers.
const (
	priorityBits = 4
	sourceBits   = 22 // 4 million actors
	seqBits      = 38 // 274 thousand million events of each

	maxPriority = Priority(1<<priorityBits - 1)
	maxActors   = 1 << sourceBits
	maxSeq      = uint64(1<<seqBits - 1)
)

// order is (Priority, Source, Seq) packed.
type order uint64

func (o order) source() uint32 { return uint32(o>>seqBits) & (maxActors - 1) }

// withSource returns o with another source, which must be below maxActors.
func (o order) withSource(n uint32) order {
	const mask = order(maxActors-1) << seqBits
	return o&^mask | order(n)<<seqBits
}

// nextOrder returns the key of the actor's next event. An overflow of any of
// its parts is an error: keys that wrap around would break the order silently.
func (a *Actor) nextOrder(p Priority) (order, error) {
	if !a.hasOrder(p) {
		return a.rareOrder(p)
	}
	return a.takeOrder(p), nil
}

// hasOrder reports whether takeOrder returns the key of the next event; if not, ask
// rareOrder. They are nextOrder in two parts, which are short enough to be compiled into who calls them often.
func (a *Actor) hasOrder(p Priority) bool {
	return !a.closed && p <= maxPriority && a.seq < maxSeq
}

func (a *Actor) takeOrder(p Priority) order {
	a.seq++
	return order(p)<<(sourceBits+seqBits) | order(a.number)<<seqBits | order(a.seq)
}

// noOrder returns why there is no next event.
func (a *Actor) noOrder(p Priority) error {
	switch {
	case a.closed:
		return ErrClosed
	case p > maxPriority:
		return fmt.Errorf("priority %d: the largest is %d", p, maxPriority)
	}
	return fmt.Errorf("actor %q has scheduled %d events, which is the limit; split it into several actors", a.name, maxSeq)
}
