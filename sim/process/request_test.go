package process_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/scheduler"
	"github.com/simrun/simrun/sim/process"
)

func TestTheFirstOfTwoResources(t *testing.T) {
	s, d := newModel(t)
	lanes := []*process.Resource{process.NewResource(s, "lane 1", 1), process.NewResource(s, "lane 2", 1)}
	for i, busy := range []time.Duration{3 * time.Second, 2 * time.Second} {
		s.Start("busy", func(p *process.Process) error {
			require.NoError(t, lanes[i].Acquire(p))
			defer lanes[i].Release()
			return p.Hold(busy)
		})
	}
	for _, name := range []string{"a", "b"} {
		s.Start(name, func(p *process.Process) error {
			first, second := lanes[0].Request(0), lanes[1].Request(0)
			defer first.Release()
			defer second.Release()
			assert.False(t, first.Granted())
			i, err := process.Await(p, process.AnyOf(s, first, second))
			require.NoError(t, err)
			[]*process.Request{second, first}[i].Release() // the other one
			d.note("%s in lane %d", name, i+1)
			return p.Hold(2 * time.Second)
		})
	}
	run(t, s)
	assert.Equal(t, []string{"2s a in lane 2", "3s b in lane 1"}, d.lines)
	for _, lane := range lanes {
		assert.Zero(t, lane.InUse())
		assert.Zero(t, lane.Queue())
	}
}

// A process that waits in Acquire loses its place by an interrupt; one that waits for
// its request keeps it.
func TestARequestKeepsItsPlaceWhenItsProcessIsInterrupted(t *testing.T) {
	s, d := newModel(t)
	r := process.NewResource(s, "r", 1)
	require.True(t, r.TryAcquire())
	first := s.Start("first", func(p *process.Process) error {
		q := r.Request(0)
		defer q.Release()
		for {
			err := p.Wait(q)
			if err == nil {
				break
			}
			d.note("first: %v", err)
		}
		d.note("first has it")
		return nil
	})
	s.Start("second", func(p *process.Process) error {
		require.NoError(t, r.Acquire(p))
		d.note("second has it")
		r.Release()
		return nil
	})
	s.Start("other", func(p *process.Process) error {
		require.NoError(t, p.Hold(time.Second))
		require.NoError(t, first.Interrupt(errors.New("hurry up")))
		require.NoError(t, p.Hold(time.Second))
		r.Release()
		return nil
	})
	run(t, s)
	assert.Equal(t, []string{"1s first: interrupted: hurry up", "2s first has it", "2s second has it"}, d.lines)
}

// Jockeying: who waits in the longer line changes to the other when that is shorter
// by two.
func TestJockeying(t *testing.T) {
	s, d := newModel(t)
	desks := []*process.Resource{process.NewResource(s, "left", 1), process.NewResource(s, "right", 1)}
	moved := process.NewCondition(s, "a line is shorter")
	length := func(i int) int { return desks[i].InUse() + desks[i].Queue() }
	for i, service := range []time.Duration{10, 1, 10, 1, 10} {
		name := string(rune('a' + i))
		s.Start(name, func(p *process.Process) error {
			at := i % 2
			q := desks[at].Request(0)
			if err := moved.Wait(p, func() bool { return q.Granted() || length(at) >= length(1-at)+2 }); err != nil {
				return err
			}
			if !q.Granted() {
				q.Release()
				at = 1 - at
				q = desks[at].Request(0)
				d.note("%s changes", name)
			}
			if err := p.Wait(q); err != nil {
				return err
			}
			d.note("%s is served at %s", name, desks[at].Name())
			if err := p.Hold(service * time.Second); err != nil {
				return err
			}
			q.Release()
			moved.Signal()
			return nil
		})
	}
	run(t, s)
	assert.Equal(t, []string{"0s a is served at left", "0s b is served at right", "1s c changes",
		"1s d is served at right", "2s c is served at right", "10s e is served at left"}, d.lines)
}

func TestRequestsForItems(t *testing.T) {
	s, d := newModel(t)
	mail, orders := process.NewStore[string](s, "mail", 9), process.NewStore[int](s, "orders", 9)
	s.Start("clerk", func(p *process.Process) error {
		for range 2 {
			letter, order := mail.Request(nil), orders.Request(func(n int) bool { return n > 10 })
			first, err := process.Await(p, process.AnyOf(s, letter, order))
			require.NoError(t, err)
			if first == 0 {
				text, _ := letter.Value()
				d.note("letter %s", text)
			} else {
				n, _ := order.Value()
				d.note("order %d", n)
			}
			assert.Equal(t, first == 1, letter.Withdraw())
			assert.Equal(t, first == 0, order.Withdraw())
			assert.False(t, letter.Withdraw() || order.Withdraw(), "once")
		}
		n, err := process.Await(p, orders.Request(nil))
		d.note("order %d", n)
		return err
	})
	s.Start("post", func(p *process.Process) error {
		require.True(t, orders.TryPut(5))
		require.NoError(t, p.Hold(time.Second))
		require.True(t, orders.TryPut(20))
		require.NoError(t, p.Hold(time.Second))
		require.True(t, mail.TryPut("hello"))
		return nil
	})
	run(t, s)
	assert.Equal(t, []string{"1s order 20", "2s letter hello", "2s order 5"}, d.lines)
	assert.Zero(t, orders.Len())
	getters, _ := orders.Queue()
	assert.Zero(t, getters)
}

func TestRequestsForAmounts(t *testing.T) {
	s, d := newModel(t)
	tanks := []*process.Level{process.NewLevel(s, "old", 100, 0), process.NewLevel(s, "new", 100, 0)}
	s.Start("car", func(p *process.Process) error {
		requests := make([]*process.LevelRequest, 2)
		for i, tank := range tanks {
			var err error
			requests[i], err = tank.Request(40)
			require.NoError(t, err)
		}
		i, err := process.Await(p, process.AnyOf(s, requests[0], requests[1]))
		require.NoError(t, err)
		d.note("fuel of the %s tank", tanks[i].Name())
		assert.False(t, requests[i].Withdraw())
		assert.True(t, requests[1-i].Withdraw())
		assert.False(t, requests[1-i].Withdraw(), "once")
		_, err = tanks[0].Request(-1)
		assert.ErrorContains(t, err, "between 0 and the capacity")
		return nil
	})
	s.Start("can", func(p *process.Process) error {
		require.NoError(t, tanks[0].Get(p, 10))
		d.note("the car is out of the way")
		return nil
	})
	s.Start("truck", func(p *process.Process) error {
		require.NoError(t, tanks[0].Put(p, 20))
		require.NoError(t, p.Hold(time.Minute))
		return tanks[1].Put(p, 60)
	})
	run(t, s)
	assert.Equal(t, []string{"60s fuel of the new tank", "60s the car is out of the way"}, d.lines)
	assert.Equal(t, []float64{10, 20}, []float64{tanks[0].Amount(), tanks[1].Amount()})
}

func TestItemsAreSeenInTheOrderInWhichTheyGo(t *testing.T) {
	s, _ := newModel(t)
	for name, store := range map[string]*process.Store[int]{
		"in order of arrival": process.NewStore[int](s, "store", 9),
		"ranked":              process.NewPriorityStore(s, "store", 9, func(a, b int) bool { return a/10 < b/10 }),
	} {
		t.Run(name, func(t *testing.T) {
			for _, n := range []int{35, 11, 99, 24, 12, 20} {
				require.True(t, store.TryPut(n))
			}
			_, ok := store.TryGet(nil)
			require.True(t, ok)
			seen := slices.Collect(store.Items())
			for range store.Items() {
				break
			}
			var taken []int
			for store.Len() > 0 {
				n, _ := store.TryGet(nil)
				taken = append(taken, n)
			}
			assert.Equal(t, taken, seen)
			assert.Len(t, seen, 5)
		})
	}
}

// What has no process waits with When.
func TestHandlersWait(t *testing.T) {
	s, d := newModel(t)
	desk := process.NewResource(s, "desk", 1)
	var served int
	arrive := func() error {
		q := desk.Request(0)
		s.When(q, func() error {
			d.note("served")
			_, err := s.After(2*time.Second, func() error {
				q.Release()
				served++
				return nil
			})
			return err
		})
		return nil
	}
	for i := range 3 {
		_, err := s.At(scheduler.Time(i)*scheduler.Second, arrive)
		require.NoError(t, err)
	}
	p := s.Start("p", func(p *process.Process) error { return p.Hold(time.Second) })
	s.When(p, func() error { d.note("p has ended"); return nil })
	run(t, s)
	assert.Equal(t, []string{"0s served", "1s p has ended", "2s served", "4s served"}, d.lines)
	assert.Equal(t, 3, served)

	s.When(p, func() error { return errors.New("no") })
	assert.ErrorContains(t, s.Run(context.Background()), "no", "an error of a handler ends the run")
}

// What is done between two runs is done at the time to which the first one came.
func TestBetweenTwoRuns(t *testing.T) {
	s, d := newModel(t)
	go1 := process.NewEvent[int](s, "go")
	s.Start("p", func(p *process.Process) error {
		require.NoError(t, p.Hold(time.Second))
		require.NoError(t, p.Wait(go1))
		d.note("goes on")
		require.NoError(t, p.Hold(time.Second))
		d.note("ends")
		return nil
	})
	require.NoError(t, s.RunUntil(context.Background(), 5*scheduler.Second))
	go1.Trigger(1)
	s.Start("q", func(*process.Process) error { d.note("q"); return nil })
	require.NoError(t, s.RunUntil(context.Background(), 5*scheduler.Second))
	assert.Empty(t, d.lines)
	run(t, s)
	assert.Equal(t, []string{"5s q", "5s goes on", "6s ends"}, d.lines)
}

// Deferred releases while a model is closed give units to processes that are about
// to end, too; nobody goes on, and nobody waits again.
func TestCloseWithDeferredReleases(t *testing.T) {
	s, d := newModel(t)
	r, pre := process.NewResource(s, "r", 1), process.NewPreemptiveResource(s, "pre", 1)
	tank, store := process.NewLevel(s, "tank", 10, 0), process.NewStore[int](s, "store", 1)
	done := process.NewEvent[int](s, "done")
	for i := range 4 {
		s.Start("p", func(p *process.Process) error {
			defer func() {
				d.note("%d is unwound", i)
				if !done.Happened() {
					done.Trigger(i)
				}
				_ = store.TryPut(i)
			}()
			if err := r.Acquire(p); err != nil {
				assert.ErrorIs(t, err, scheduler.ErrClosed)
				return err
			}
			defer r.Release()
			if err := pre.Acquire(p, 0); err != nil {
				return err
			}
			defer pre.Release(p)
			assert.ErrorIs(t, p.Hold(time.Hour), scheduler.ErrClosed)
			_ = tank.Put(p, 1)
			t.Error("a process that is to end waits again")
			return nil
		})
	}
	s.Start("big", func(p *process.Process) error { return tank.Get(p, 5) })
	s.Start("getter", func(p *process.Process) error {
		_, err := store.Get(p)
		assert.ErrorIs(t, err, scheduler.ErrClosed)
		return err
	})
	s.Start("waiting", func(p *process.Process) error {
		err := p.Within(time.Minute, func() error { return p.Wait(process.AllOf(s, done)) })
		assert.ErrorIs(t, err, scheduler.ErrClosed)
		return err
	})
	s.StartAt(scheduler.Hour, "later", func(*process.Process) error { t.Error("it begins"); return nil })
	require.NoError(t, s.RunUntil(context.Background(), scheduler.Second))
	require.NoError(t, s.Close())
	assert.Equal(t, []string{"1s 0 is unwound", "1s 1 is unwound", "1s 2 is unwound", "1s 3 is unwound"}, d.lines)
	require.NoError(t, s.Close(), "again")
	assert.Error(t, s.Run(context.Background()))
}

func TestAPanicDuringCloseIsReported(t *testing.T) {
	s := process.New("model")
	s.Start("clumsy", func(p *process.Process) error {
		defer func() { panic("dropped it") }()
		return p.Hold(time.Hour)
	})
	require.NoError(t, s.RunUntil(context.Background(), 1))
	err := s.Close()
	assert.ErrorContains(t, err, "clumsy")
	assert.ErrorContains(t, err, "dropped it")
}
