package scheduler

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// queueModel is the oracle: a slice that is sorted before every pop.
type queueModel []modelEvent

type modelEvent struct {
	time  Time
	order order
	id    EventID
	what  int
}

func (m queueModel) sort() {
	slices.SortFunc(m, func(a, b modelEvent) int {
		return cmp.Or(cmp.Compare(a.time, b.time), cmp.Compare(a.order, b.order))
	})
}

// checkQueue does random operations on a queue and on the model.
func checkQueue(t *rapid.T) {
	var q eventQueue
	var model queueModel
	var gone []EventID // of events that were popped or cancelled
	var popped int
	seq := order(0)
	times := rapid.Custom(func(t *rapid.T) Time { return Time(rapid.IntRange(0, 20).Draw(t, "time")) })
	// Orders are distinct, but do not come in ascending.
	orders := func(t *rapid.T) order {
		seq++
		return order(rapid.IntRange(0, 3).Draw(t, "source"))<<seqBits | seq
	}
	// Small numbers are drawn more often than large ones; spread them, so that
	// events are taken out of all parts of the heap.
	which := func(t *rapid.T) int { return (31*rapid.IntRange(0, len(model)-1).Draw(t, "which") + 17) % len(model) }
	pop := func(t *rapid.T) {
		model.sort()
		at, o, e := q.pop()
		if err := e.do.handle(); err != nil {
			t.Fatal(err)
		}
		want := model[0]
		if at != want.time || o != want.order || popped != want.what {
			t.Fatalf("popped event %d at %v, want event %d at %v", popped, at, want.what, want.time)
		}
		gone = append(gone, want.id)
		model = slices.Delete(model, 0, 1)
	}
	t.Repeat(map[string]func(*rapid.T){
		"schedule": func(t *rapid.T) {
			at, o, what := times.Draw(t, "at"), orders(t), int(seq)
			id := q.push(at, o, event{do: handlerFunc(func() error { popped = what; return nil })})
			model = append(model, modelEvent{at, o, id, what})
		},
		// Many at once, so that the heap gets deep.
		"schedule many": func(t *rapid.T) {
			for _, at := range rapid.SliceOfN(times, 30, 60).Draw(t, "at") {
				o, what := orders(t), int(seq)
				id := q.push(at, o, event{do: handlerFunc(func() error { popped = what; return nil })})
				model = append(model, modelEvent{at, o, id, what})
			}
		},
		"cancel": func(t *rapid.T) {
			if len(model) == 0 {
				t.Skip("empty")
			}
			i := which(t)
			if !q.cancel(model[i].id) {
				t.Fatalf("event %d was waiting, but could not be cancelled", model[i].what)
			}
			gone = append(gone, model[i].id)
			model = slices.Delete(model, i, i+1)
		},
		"reschedule": func(t *rapid.T) {
			if len(model) == 0 {
				t.Skip("empty")
			}
			i := which(t)
			model[i].time, model[i].order = times.Draw(t, "to"), orders(t)
			if !q.reschedule(model[i].id, model[i].time, model[i].order) {
				t.Fatalf("event %d was waiting, but could not be moved", model[i].what)
			}
		},
		"use what is gone": func(t *rapid.T) {
			if len(gone) == 0 {
				t.Skip("nothing is gone yet")
			}
			id := rapid.SampledFrom(gone).Draw(t, "which")
			if q.cancel(id) || q.reschedule(id, 0, 0) || q.cancel(EventID{}) {
				t.Fatalf("a handle of an event that is gone was taken")
			}
		},
		"pop": func(t *rapid.T) {
			if len(model) == 0 {
				t.Skip("empty")
			}
			pop(t)
		},
		"number the sources anew": func(t *rapid.T) {
			flip := func(o order) order { return o.withSource(3 - o.source()) }
			q.rekey(flip)
			for i := range model {
				model[i].order = flip(model[i].order)
			}
		},
		"": func(t *rapid.T) {
			model.sort()
			want := Never
			if len(model) > 0 {
				want = model[0].time
			}
			if got := q.nextTime(); got != want || q.len() != len(model) {
				t.Fatalf("%d events, the next at %v; want %d and %v", q.len(), got, len(model), want)
			}
		},
	})
	for len(model) > 0 {
		pop(t)
	}
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
		q.push(Time(i), 0, event{})
		id := q.push(Time(i), 1, event{})
		q.pop()
		require.True(t, q.cancel(id))
	}
	require.Len(t, q.slots, 2)
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
