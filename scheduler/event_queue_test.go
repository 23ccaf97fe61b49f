package scheduler

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// queuePair is a queue and its oracle, which are told the same.
type queuePair struct {
	t      *rapid.T
	queue  eventQueue
	oracle sortedKeys
	random *rand.Rand

	waiting []waitingEvent
	index   map[order]int // into waiting
	gone    EventID       // the last one that was popped or cancelled
	now     Time
	seq     order
	ran     order // set by the event that is run
}

type waitingEvent struct {
	id EventID
	key
}

// nextOrder returns orders that are distinct, but do not ascend, unless there is
// one source.
func (p *queuePair) nextOrder(sources int) order {
	p.seq++
	return order(p.random.IntN(sources))<<seqBits | p.seq
}

func (p *queuePair) schedule(at Time, o order) {
	do := handlerFunc(func() error { p.ran = o; return nil })
	p.index[o] = len(p.waiting)
	p.oracle.push(key{at, o})
	p.waiting = append(p.waiting, waitingEvent{p.queue.push(at, o, nil, do), key{at, o}})
}

func (p *queuePair) forget(i int) {
	p.gone = p.waiting[i].id
	delete(p.index, p.waiting[i].order)
	last := len(p.waiting) - 1
	if i < last {
		p.waiting[i] = p.waiting[last]
		p.index[p.waiting[i].order] = i
	}
	p.waiting = p.waiting[:last]
}

func (p *queuePair) pop() {
	at, o, e, _ := p.queue.popUntil(Never)
	if want := p.oracle.pop(); want != (key{at, o}) {
		p.t.Fatalf("popped %x at %v, want %x at %v", o, at, want.order, want.time)
	}
	if err := e.do.Handle(); err != nil || p.ran != o {
		p.t.Fatalf("what was to happen at %v, order %x, was that of %x (%v)", at, o, p.ran, err)
	}
	p.now = at
	p.forget(p.index[o])
}

func (p *queuePair) cancel(i int) {
	if !p.queue.cancel(p.waiting[i].id) {
		p.t.Fatalf("an event that was waiting could not be cancelled")
	}
	p.oracle.cancel(p.waiting[i].key)
	p.forget(i)
}

func (p *queuePair) reschedule(i int, at Time, o order) {
	w := &p.waiting[i]
	if !p.queue.reschedule(w.id, at, o) {
		p.t.Fatalf("an event that was waiting could not be moved")
	}
	p.oracle.cancel(w.key)
	p.oracle.push(key{at, o})
	delete(p.index, w.order)
	// What it does names its first order, so replace that as well.
	w.key = key{at, o}
	p.index[o] = i
	p.queue.slots.all[w.id.slot].event.do = handlerFunc(func() error { p.ran = o; return nil })
}

func (p *queuePair) check() {
	if got, want := p.queue.nextTime(), p.oracle.nextTime(); got != want || p.queue.len() != len(p.oracle) {
		p.t.Fatalf("%d events, the next at %v; want %d and %v", p.queue.len(), got, len(p.oracle), want)
	}
	if p.queue.cancel(p.gone) || p.queue.reschedule(p.gone, 0, 0) || p.queue.cancel(EventID{}) {
		p.t.Fatalf("a handle of an event that is gone was taken")
	}
}

// whens are ways to choose the time of an event.
var whens = []func(r *rand.Rand, now Time) Time{
	func(_ *rand.Rand, now Time) Time { return now },
	func(r *rand.Rand, now Time) Time { return later(now, Time(r.IntN(2))) },
	func(_ *rand.Rand, now Time) Time { return later(now, Second) },
	func(r *rand.Rand, now Time) Time { return later(now, Time(r.ExpFloat64()*float64(Second))) },
	func(r *rand.Rand, now Time) Time { return later(now, anyDigits(r)) },
	// The past is refused by the loop, not by the queue.
	func(r *rand.Rand, _ Time) Time { return Time(r.IntN(21) - 10) },
	func(r *rand.Rand, _ Time) Time { return -anyDigits(r) },
}

func later(now, d Time) Time { return min(now.Add(time.Duration(d)), Never-1) }

// anyDigits is evenly spread in its number of digits, up to the end of time.
func anyDigits(r *rand.Rand) Time { return Time(r.Uint64() >> (1 + r.IntN(63))) }

// checkQueue does random operations, single ones and many at once, on a queue and on
// its oracle.
func checkQueue(t *rapid.T) {
	p := &queuePair{t: t, index: make(map[order]int)}
	p.random = rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
	some := func(action func(i int)) func(*rapid.T) {
		return func(t *rapid.T) {
			for range min(rapid.SampledFrom([]int{1, 1, 10, 100, 3000}).Draw(t, "how many"), len(p.waiting)) {
				action(p.random.IntN(len(p.waiting)))
			}
		}
	}
	when := rapid.IntRange(0, len(whens)-1)
	sources := rapid.SampledFrom([]int{1, 3, 1000})
	var which, from int
	draw := func(action func(*rapid.T)) func(*rapid.T) {
		return func(t *rapid.T) {
			which, from = when.Draw(t, "when"), sources.Draw(t, "sources")
			action(t)
		}
	}
	t.Repeat(map[string]func(*rapid.T){
		"schedule": draw(func(t *rapid.T) {
			for range rapid.SampledFrom([]int{1, 1, 10, 100, 3000}).Draw(t, "how many") {
				p.schedule(whens[which](p.random, p.now), p.nextOrder(from))
			}
		}),
		"cancel": some(p.cancel),
		"reschedule": draw(some(func(i int) {
			p.reschedule(i, whens[which](p.random, p.now), p.nextOrder(from))
		})),
		"pop": some(func(int) { p.pop() }),
		"hold": draw(some(func(int) {
			p.pop()
			p.schedule(whens[which](p.random, p.now), p.nextOrder(from))
		})),
		// As a loop does, which asks for the next time before every event.
		"look and hold": draw(some(func(int) {
			p.check()
			p.pop()
			p.schedule(whens[which](p.random, p.now), p.nextOrder(from))
		})),
		"number the sources anew": func(t *rapid.T) {
			flip := func(o order) order { return o.withSource(maxActors - 1 - o.source()) }
			p.queue.rekey(flip)
			p.oracle.rekey(flip)
			clear(p.index)
			for i := range p.waiting {
				w := &p.waiting[i]
				w.order = flip(w.order)
				p.index[w.order] = i
				o := w.order
				p.queue.slots.all[w.id.slot].event.do = handlerFunc(func() error { p.ran = o; return nil })
			}
		},
		"": func(*rapid.T) { p.check() },
	})
	for len(p.waiting) > 0 {
		p.pop()
	}
	p.check()
}

func TestEventQueueAgainstSortedSlice(t *testing.T) { rapid.Check(t, checkQueue) }

func FuzzEventQueue(f *testing.F) {
	// Long enough for some operations; rapid reads its decisions from it.
	random := rand.NewChaCha8([32]byte{1})
	for range 8 {
		seed := make([]byte, 2048)
		_, err := random.Read(seed)
		require.NoError(f, err)
		f.Add(seed)
	}
	f.Fuzz(rapid.MakeFuzz(checkQueue))
}

func TestSlotsAreUsedAgain(t *testing.T) {
	var q eventQueue
	for i := range 1000 {
		q.push(Time(i), order(2*i+1), nil, nil)
		id := q.push(Time(i), order(2*i+2), nil, nil)
		q.popUntil(Never)
		require.True(t, q.cancel(id))
	}
	require.Len(t, q.slots.all, 8)
}

// Whatever the load, events that come and go need no new memory.
func TestQueueDoesNotAllocateInSteadyState(t *testing.T) {
	const n, events = 1_000, 30_000
	check := func(name string, load contender) {
		t.Run(name, func(t *testing.T) {
			load.run(3 * events)
			require.Less(t, testing.AllocsPerRun(1, func() { load.run(events) }), events/1000.)
		})
	}
	for _, shape := range holdShapes {
		check(shape.name, newHold("", new(eventQueue), n, shape))
	}
	for _, churn := range []string{"cancel", "reschedule"} {
		check(churn, newTimers("", new(eventQueue), n, churn))
	}
}

// A queue that was long gives its memory back.
func TestQueueShrinks(t *testing.T) {
	const many, few = 50_000, 10
	var q eventQueue
	random := rand.New(rand.NewPCG(1, 2))
	seq := order(0)
	push := func(after Time) {
		seq++
		q.push(after, seq, nil, nil)
	}
	size := func() int {
		l := &q.ladder
		return 32*cap(q.slots.all) + 4*cap(q.slots.free) + 24*(cap(l.ends[near])+cap(l.ends[top])+cap(l.late)+cap(l.sorter.input)) + 512*(l.pool.kept+l.pool.inUse)
	}
	for range many {
		push(Time(random.ExpFloat64() * float64(Second)))
	}
	require.Greater(t, size(), 50*many)
	for q.len() > few {
		q.popUntil(Never)
	}
	for range 8 * many {
		now, _, _, _ := q.popUntil(Never)
		push(now + Time(random.ExpFloat64()*float64(Second)))
	}
	require.Equal(t, few, q.len())
	require.Less(t, size(), many*50/2)
}

func TestKeyPartsThatOverflow(t *testing.T) {
	l := NewLoop(Config{})
	a, err := l.Actor("a")
	require.NoError(t, err)

	_, err = a.nextOrder(maxPriority + 1)
	require.EqualError(t, err, "priority 16: the largest is 15")

	a.seq = maxSeq - 1
	last, err := a.nextOrder(Normal)
	require.NoError(t, err)
	require.Equal(t, uint32(0), last.source(), "the sequence number must not run into the source")
	_, err = a.nextOrder(Normal)
	require.ErrorContains(t, err, `actor "a" has scheduled`)

	require.Equal(t, last, last.withSource(maxActors-1).withSource(0))
	require.Equal(t, uint32(maxActors-1), last.withSource(maxActors-1).source())
}
