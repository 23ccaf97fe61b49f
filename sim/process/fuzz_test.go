package process_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/scheduler"
	"github.com/simrun/simrun/sim/process"
)

// FuzzModels lets processes do at random all that they can do, at few different times, so
// that much happens at one of them. Whenever the clock moves
//
//   - units, items and amounts are where they were put: nothing is lost or made;
//   - nobody waits for what is there;
//
// and whoever gets something was the first who wanted it. The same happens in a second run,
// on one processor or two. A run that is closed leaves no goroutine, see TestMain.
func FuzzModels(f *testing.F) {
	for seed := range uint64(60) {
		f.Add(seed, uint8(2+seed%20))
	}
	f.Fuzz(func(t *testing.T, seed uint64, processes uint8) {
		var digests [2][sha256.Size]byte
		for i := range digests {
			before := runtime.GOMAXPROCS(1 + i)
			digests[i] = runTown(t, seed, int(processes%32))
			runtime.GOMAXPROCS(before)
		}
		require.Equal(t, digests[0], digests[1])
	})
}

// town is a random model.
type town struct {
	t     *testing.T
	s     *process.Simulation
	log   hash.Hash
	all   []*process.Process
	busy  int // processes that were started
	turns int

	resource   *process.Resource
	wantUnit   tickets // who waits for a unit of it
	units      int     // that processes have
	preemptive *process.PreemptiveResource
	unitsP     int
	store      *process.Store[int]
	wantItem   tickets
	stored     int // items put less items got
	level      *process.Level
	wantAmount tickets
	amount     float64
	event      *process.Event[int]
	gate       *process.Gate
	condition  *process.Condition
	state      int
}

// ticket is somebody who waits, as the test knows it.
type ticket struct {
	p        *process.Process
	since    scheduler.Time
	turn     int
	priority int
	filter   int // of items: what they are modulo 3; -1: any
	amount   float64
}

type tickets []ticket

func (w *tickets) remove(p *process.Process) ticket {
	i := slices.IndexFunc(*w, func(t ticket) bool { return t.p == p })
	t := (*w)[i]
	*w = slices.Delete(*w, i, i+1)
	return t
}

const townCapacity = 3

func runTown(t *testing.T, seed uint64, processes int) (digest [sha256.Size]byte) {
	s := process.New("town")
	w := &town{
		t: t, s: s, log: sha256.New(),
		resource:   process.NewResource(s, "resource", 2),
		preemptive: process.NewPreemptiveResource(s, "preemptive", 2),
		store:      process.NewStore[int](s, "store", townCapacity),
		level:      process.NewLevel(s, "level", 10, 0),
		event:      process.NewEvent[int](s, "event"),
		gate:       process.NewGate(s, "gate"),
		condition:  process.NewCondition(s, "condition"),
	}
	if seed%3 == 0 {
		w.store = process.NewPriorityStore(s, "store", townCapacity, func(a, b int) bool { return a%5 < b%5 })
	}
	usage := w.resource.Monitor()
	for i := range processes {
		w.start(seed, i)
	}
	for until := scheduler.Time(1); until <= 60; until++ {
		require.NoError(t, s.RunUntil(context.Background(), until))
		w.check()
	}
	assert.LessOrEqual(t, usage.Content.Max(), 2.0)
	if seed%2 == 0 { // else it is closed in the middle of everything
		require.NoError(t, s.Run(context.Background()))
		w.check()
	}
	for _, wait := range s.Waiting() {
		fmt.Fprintln(w.log, wait)
	}
	require.NoError(t, s.Close())
	return [sha256.Size]byte(w.log.Sum(nil))
}

func (w *town) start(seed uint64, i int) {
	w.busy++
	rng := rand.New(rand.NewPCG(seed, uint64(i)))
	life := func(p *process.Process) error {
		for range 3 + rng.IntN(20) {
			err := w.act(p, rng)
			fmt.Fprintln(w.log, p.Now(), p.Name(), err)
			if errors.Is(err, process.ErrCancelled) || errors.Is(err, scheduler.ErrClosed) {
				return err
			}
		}
		if w.busy < 100 {
			w.start(seed, w.busy)
		}
		return nil
	}
	w.all = append(w.all, w.s.StartAt(w.s.Now()+scheduler.Time(rng.IntN(3)), fmt.Sprint(i), life))
}

func (w *town) turn() int {
	w.turns++
	return w.turns
}

// act does one thing, half of the times until a deadline.
func (w *town) act(p *process.Process, rng *rand.Rand) error {
	do := w.choose(p, rng)
	if rng.IntN(2) == 0 {
		return do()
	}
	return p.Within(time.Duration(rng.IntN(4)), do)
}

func (w *town) choose(p *process.Process, rng *rand.Rand) func() error {
	priority, amount, other := rng.IntN(3), float64(1+rng.IntN(5)), w.all[rng.IntN(len(w.all))]
	hold := func() error { return p.Hold(time.Duration(rng.IntN(3))) }
	switch rng.IntN(14) {
	case 0:
		return hold
	case 1:
		return func() error {
			w.wantUnit = append(w.wantUnit, ticket{p: p, since: p.Now(), turn: w.turn(), priority: priority})
			free := w.resource.InUse() < w.resource.Capacity()
			err := w.resource.AcquirePriority(p, priority)
			w.served(&w.wantUnit, p, err, free, func(ticket) bool { return true })
			if err != nil {
				return err
			}
			defer w.resource.Release()
			w.units++
			defer func() { w.units-- }()
			return hold()
		}
	case 2:
		return func() error {
			if err := w.preemptive.Acquire(p, priority); err != nil {
				return err
			}
			w.unitsP++
			defer func() {
				w.unitsP--
				w.preemptive.Release(p)
			}()
			return hold()
		}
	case 3:
		return func() error {
			item := rng.IntN(100)
			err := w.store.Put(p, item)
			if err == nil {
				w.stored++
			}
			return err
		}
	case 4, 5:
		return func() error {
			want := ticket{p: p, since: p.Now(), turn: w.turn(), filter: rng.IntN(4) - 1}
			var match func(int) bool
			if want.filter >= 0 {
				match = func(n int) bool { return n%3 == want.filter }
			}
			there := slices.ContainsFunc(slices.Collect(w.store.Items()), func(n int) bool { return match == nil || match(n) })
			w.wantItem = append(w.wantItem, want)
			item, err := w.store.GetWhere(p, match)
			w.served(&w.wantItem, p, err, there, func(t ticket) bool { return t.filter < 0 || item%3 == t.filter })
			if err == nil {
				w.stored--
				assert.True(w.t, match == nil || match(item))
			}
			return err
		}
	case 6:
		return func() error {
			err := w.level.Put(p, amount)
			if err == nil {
				w.amount += amount
			}
			return err
		}
	case 7:
		return func() error {
			w.wantAmount = append(w.wantAmount, ticket{p: p, since: p.Now(), turn: w.turn(), amount: amount})
			getters, _ := w.level.Queue()
			there := getters == 0 && w.level.Amount() >= amount
			err := w.level.Get(p, amount)
			w.served(&w.wantAmount, p, err, there, func(ticket) bool { return true })
			if err == nil {
				w.amount -= amount
			}
			return err
		}
	case 8:
		return func() error {
			first, second := w.resource.Request(priority), w.store.Request(nil)
			defer first.Release()
			third, err := w.level.Request(amount)
			require.NoError(w.t, err)
			w.wantAmount = append(w.wantAmount, ticket{p: p, turn: w.turn(), amount: amount})
			timeout, err := w.s.Timeout(2)
			require.NoError(w.t, err)
			_, err = process.Await(p, process.AnyOf(w.s, first, w.event, timeout, other, second, third))
			w.wantAmount.remove(p)
			if !third.Withdraw() {
				w.amount -= amount
			}
			if !second.Withdraw() {
				w.stored-- // it has the item
			}
			return err
		}
	case 9:
		return func() error {
			if !w.event.Happened() {
				w.event.Trigger(1)
			}
			w.event = process.NewEvent[int](w.s, "event")
			return p.Wait(process.AllOf(w.s, w.event))
		}
	case 10:
		return func() error {
			w.gate.Open()
			if priority == 0 {
				w.gate.Close()
			}
			return w.gate.Pass(p)
		}
	case 11:
		return func() error {
			w.state++
			w.condition.Signal()
			return w.condition.Wait(p, func() bool { return w.state%3 == priority })
		}
	case 12:
		return func() error {
			if other != p && !other.Ended() {
				require.NoError(w.t, other.Interrupt(fmt.Errorf("by %s", p.Name())))
			}
			return nil
		}
	default:
		return func() error {
			if rng.IntN(4) == 0 {
				other.Cancel()
			}
			return nil
		}
	}
}

// served checks that who was served after a wait was the first who could be. Those who came
// with a higher priority at this very time do not count: it may have been after p was served.
func (w *town) served(wanted *tickets, p *process.Process, err error, atOnce bool, could func(ticket) bool) {
	own := wanted.remove(p)
	if err != nil || atOnce {
		return
	}
	for _, t := range *wanted {
		before := t.turn < own.turn
		if could(t) && (t.priority < own.priority && (before || t.since < p.Now()) || t.priority == own.priority && before) {
			assert.Fail(w.t, "who is first is not served first", "%s before %s at %v", p.Name(), t.p.Name(), p.Now())
		}
	}
}

// check is called when nobody can go on at the present time.
func (w *town) check() {
	t := w.t
	requests := w.resource.InUse() - w.units // those of case 8, which hold nothing for long
	assert.GreaterOrEqual(t, requests, 0)
	assert.LessOrEqual(t, w.resource.InUse(), w.resource.Capacity())
	if w.resource.Queue() > 0 {
		assert.Equal(t, w.resource.Capacity(), w.resource.InUse(), "a unit is free, and somebody waits for it")
	}
	assert.Equal(t, w.unitsP, w.preemptive.InUse())
	if w.preemptive.Queue() > 0 {
		assert.Equal(t, w.preemptive.Capacity(), w.preemptive.InUse())
	}
	assert.Equal(t, w.stored, w.store.Len())
	if _, putters := w.store.Queue(); putters > 0 {
		assert.Equal(t, townCapacity, w.store.Len(), "there is room, and somebody waits for it")
	}
	for item := range w.store.Items() {
		for _, want := range w.wantItem {
			assert.False(t, want.filter < 0 || item%3 == want.filter, "an item is there, and somebody waits for it")
		}
	}
	assert.Equal(t, w.amount, w.level.Amount())
	if len(w.wantAmount) > 0 {
		assert.Greater(t, w.wantAmount[0].amount, w.level.Amount(), "there is enough for the first who waits")
	}
}
