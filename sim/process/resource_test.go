package process_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/simrun/simrun/scheduler"
	"github.com/simrun/simrun/sim/process"
)

func TestResourceServesByPriorityThenInOrder(t *testing.T) {
	s, d := newModel(t)
	r := process.NewResource(s, "r", 2)
	for i, priority := range []int{0, 0, 1, 0, -1, 1, -1, 0} {
		s.Start(fmt.Sprint(i), func(p *process.Process) error {
			require.NoError(t, r.AcquirePriority(p, priority))
			defer r.Release()
			d.note("%s", p.Name())
			return p.Hold(time.Second)
		})
	}
	run(t, s)
	assert.Equal(t, []string{"0s 0", "0s 1", "1s 4", "1s 6", "2s 3", "2s 7", "3s 2", "3s 5"}, d.lines)
}

// Whatever joins and leaves the queue, it is in the order of priorities, and then
// of coming; a slice that is sorted each time says so, too.
func TestQueuesKeepTheirOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := process.New("model")
		defer func() { require.NoError(t, s.Close()) }()
		r := process.NewResource(s, "r", 1)
		require.True(t, r.TryAcquire())
		type customer struct {
			p        *process.Process
			priority int
			patience int
		}
		n := rapid.IntRange(1, 30).Draw(t, "customers")
		customers := make([]customer, n)
		var served []int
		for i := range customers {
			c := customer{priority: rapid.IntRange(0, 3).Draw(t, "priority"), patience: rapid.IntRange(1, 5).Draw(t, "patience")}
			c.p = s.Start(fmt.Sprint(i), func(p *process.Process) error {
				err := p.Within(time.Duration(c.patience)*time.Second, func() error { return r.AcquirePriority(p, c.priority) })
				if errors.Is(err, process.ErrTimeout) {
					return nil
				}
				served = append(served, i)
				r.Release()
				return err
			})
			customers[i] = c
		}
		_, err := s.At(3*scheduler.Second+1, func() error { r.Release(); return nil })
		require.NoError(t, err)
		require.NoError(t, s.Run(context.Background()))
		var want []int
		for priority := range 4 {
			for i, c := range customers {
				if c.priority == priority && c.patience > 3 {
					want = append(want, i)
				}
			}
		}
		require.Equal(t, want, served)
		require.Zero(t, r.InUse())
		require.Zero(t, r.Queue())
	})
}

func TestPreemption(t *testing.T) {
	s, d := newModel(t)
	r := process.NewPreemptiveResource(s, "crane", 2)
	u := r.Monitor()
	work := func(name string, begin, length time.Duration, priority int) {
		s.StartAt(scheduler.Time(begin), name, func(p *process.Process) error {
			for left := length; left > 0; {
				require.NoError(t, r.Acquire(p, priority))
				since := p.Now()
				d.note("%s begins", name)
				err := p.Hold(left)
				r.Release(p)
				if err == nil {
					d.note("%s ends", name)
					return nil
				}
				var lost *process.PreemptedError
				require.ErrorAs(t, err, &lost)
				assert.Equal(t, since, lost.Since)
				left -= p.Now().Sub(since)
				d.note("%s: %v; %v left", name, err, left)
			}
			return nil
		})
	}
	work("a", 0, 10*time.Second, 2)
	work("b", time.Second, 10*time.Second, 2)
	work("urgent", 3*time.Second, 4*time.Second, 1)
	work("c", 4*time.Second, time.Second, 2)
	run(t, s)
	assert.Equal(t, []string{
		"0s a begins", "1s b begins",
		"3s urgent begins", `3s b: interrupted: process "urgent" has taken the unit of resource "crane"; 8s left`,
		"7s urgent ends", "7s b begins", "10s a ends", "10s c begins", "11s c ends", "15s b ends",
	}, d.lines)
	assert.Equal(t, 2.0, u.Content.Max())
	assert.InDelta(t, 25.0/15, u.Content.Mean(s.Now()), 1e-12)
	assert.InDelta(t, (4.0+6)/15, u.Queue.Mean(s.Now()), 1e-12)
}

// Who waits patiently is not overtaken by others who come later with a lower priority, or the
// same, and would take the unit away. SimPy's guide to its resources has this example.
func TestPreemptionDoesNotJumpTheQueue(t *testing.T) {
	for _, priority := range []int{-1, -2, -3} { // of who comes last
		s, d := newModel(t)
		r := process.NewPreemptiveResource(s, "r", 1)
		use := func(name string, begin scheduler.Time, acquire func(*process.Process, int) error, priority int) {
			s.StartAt(begin*scheduler.Second, name, func(p *process.Process) error {
				require.NoError(t, acquire(p, priority))
				defer r.Release(p)
				d.note("%s begins", name)
				if p.Hold(3*time.Second) != nil {
					d.note("%s loses it", name)
				}
				return nil
			})
		}
		use("a", 0, r.Acquire, 0)
		use("b", 1, r.AcquirePatiently, -2)
		use("c", 2, r.Acquire, priority)
		run(t, s)
		want := []string{"0s a begins", "3s b begins", "6s c begins"}
		if priority == -3 {
			want = []string{"0s a begins", "2s c begins", "2s a loses it", "5s b begins"}
		}
		assert.Equal(t, want, d.lines, "priority %d", priority)
	}
}

func TestPreemptionIsToldAtTheNextWaitIfTheProcessRuns(t *testing.T) {
	s, _ := newModel(t)
	r := process.NewPreemptiveResource(s, "r", 1)
	letters := process.NewStore[string](s, "letters", 1)
	s.Start("low", func(p *process.Process) error {
		require.NoError(t, r.Acquire(p, 1))
		assert.Panics(t, func() { _ = r.Acquire(p, 1) }, "a process holds one unit")
		letter, err := letters.Get(p)
		assert.NoError(t, err, "what was waited for has come")
		assert.Equal(t, "goodbye", letter)
		assert.ErrorContains(t, p.Hold(time.Second), "has taken the unit")
		r.Release(p) // nothing
		assert.Equal(t, 1, r.InUse())
		assert.NoError(t, r.AcquirePatiently(p, 0))
		assert.Equal(t, 2*scheduler.Second, p.Now())
		r.Release(p)
		return nil
	})
	s.Start("high", func(p *process.Process) error {
		assert.NoError(t, p.Hold(time.Second))
		assert.True(t, letters.TryPut("goodbye"))
		assert.NoError(t, r.Acquire(p, 0))
		defer r.Release(p)
		return p.Hold(time.Second)
	})
	run(t, s)
	assert.Zero(t, r.InUse())
}

// Who gives a unit back at the time at which it is taken away, after what was waited for has
// come, is not told: the next wait has nothing to do with it.
func TestPreemptionIsNotToldAfterTheRelease(t *testing.T) {
	s, _ := newModel(t)
	crane, lock := process.NewPreemptiveResource(s, "same name", 1), process.NewPreemptiveResource(s, "same name", 1)
	ship := process.NewStore[string](s, "ship", 1)
	low := s.Start("low", func(p *process.Process) error {
		require.NoError(t, crane.Acquire(p, 1))
		require.NoError(t, lock.Acquire(p, 1))
		_, err := ship.Get(p)
		require.NoError(t, err)
		crane.Release(p)
		crane.Release(p)
		assert.ErrorContains(t, p.Hold(time.Second), "wake up")
		assert.ErrorContains(t, p.Hold(time.Second), "has taken the unit", "of the other one")
		return p.Hold(time.Second)
	})
	s.Start("high", func(p *process.Process) error {
		require.NoError(t, p.Hold(time.Second))
		assert.True(t, ship.TryPut("barrel"))
		require.NoError(t, low.Interrupt(errors.New("wake up")))
		require.NoError(t, crane.Acquire(p, 0))
		return lock.Acquire(p, 0)
	})
	run(t, s)
	assert.Equal(t, 2*scheduler.Second, s.Now())
}

func TestStore(t *testing.T) {
	s, d := newModel(t)
	store := process.NewStore[int](s, "shelf", 2)
	u := store.Monitor()
	s.Start("producer", func(p *process.Process) error {
		for i := range 5 {
			if err := store.Put(p, i); err != nil {
				return err
			}
			d.note("put %d", i)
		}
		return nil
	})
	s.Start("consumer", func(p *process.Process) error {
		for {
			if err := p.Hold(time.Second); err != nil {
				return err
			}
			item, err := store.Get(p)
			if err != nil {
				return err
			}
			d.note("got %d", item)
		}
	})
	run(t, s)
	assert.Equal(t, []string{"0s put 0", "0s put 1", "1s got 0", "1s put 2", "2s got 1", "2s put 3", "3s got 2", "3s put 4",
		"4s got 3", "5s got 4"}, d.lines)
	assert.Equal(t, []process.Wait{{Process: "consumer", For: `an item in store "shelf"`, Since: 6 * scheduler.Second}}, s.Waiting())
	assert.Equal(t, 2.0, u.Content.Max())
	assert.EqualValues(t, 10, u.Waits.Count())
	assert.InDelta(t, 0.3, u.Waits.Mean(), 1e-12, "three of ten waited a second, to put")
}

func TestGettersOfOtherItemsDoNotHoldUp(t *testing.T) {
	s, d := newModel(t)
	store := process.NewStore[string](s, "store", process.Unlimited)
	get := func(name string, match func(string) bool) {
		s.Start(name, func(p *process.Process) error {
			item, err := store.GetWhere(p, match)
			d.note("%s gets %s", name, item)
			return err
		})
	}
	get("b", func(item string) bool { return item[0] == 'b' })
	get("any", nil)
	get("also any", nil)
	s.StartAt(scheduler.Second, "putter", func(p *process.Process) error {
		for _, item := range []string{"a1", "b1", "b2", "a2"} {
			require.NoError(t, store.Put(p, item))
			require.NoError(t, p.Hold(time.Second))
		}
		_, ok := store.TryGet(func(item string) bool { return item == "b3" })
		assert.False(t, ok)
		item, ok := store.TryGet(nil)
		assert.True(t, ok)
		assert.Equal(t, "a2", item)
		assert.Zero(t, store.Len())
		return nil
	})
	run(t, s)
	assert.Equal(t, []string{"1s any gets a1", "2s b gets b1", "3s also any gets b2"}, d.lines)
}

// A store is what a list is: items come out in the order of a stable sort, of
// those that match the first.
func TestStoresAgainstLists(t *testing.T) {
	type item struct{ rank, number int }
	rapid.Check(t, func(t *rapid.T) {
		s := process.New("model")
		ranked := rapid.Bool().Draw(t, "ranked")
		store := process.NewStore[item](s, "store", process.Unlimited)
		if ranked {
			store = process.NewPriorityStore(s, "store", process.Unlimited, func(a, b item) bool { return a.rank < b.rank })
		}
		var list []item
		for i := range rapid.IntRange(1, 60).Draw(t, "steps") {
			if rapid.IntRange(0, 2).Draw(t, "put") > 0 {
				it := item{rapid.IntRange(0, 4).Draw(t, "rank"), i}
				require.True(t, store.TryPut(it))
				list = append(list, it)
				continue
			}
			var match func(item) bool
			if rapid.Bool().Draw(t, "filter") {
				rest := rapid.IntRange(0, 2).Draw(t, "rest")
				match = func(it item) bool { return it.number%3 == rest }
			}
			best := -1
			for j, it := range list {
				if match != nil && !match(it) || best >= 0 && !(ranked && it.rank < list[best].rank) {
					continue
				}
				best = j
			}
			got, ok := store.TryGet(match)
			require.Equal(t, best >= 0, ok)
			if ok {
				require.Equal(t, list[best], got)
				list = append(list[:best], list[best+1:]...)
			}
			require.Equal(t, len(list), store.Len())
		}
	})
}

func TestLevel(t *testing.T) {
	s, d := newModel(t)
	tank := process.NewLevel(s, "tank", 100, 10)
	u := tank.Monitor()
	get := func(name string, amount float64) *process.Process {
		return s.Start(name, func(p *process.Process) error {
			if err := tank.Get(p, amount); err != nil {
				d.note("%s: %v", name, err)
				return nil
			}
			d.note("%s has %v", name, amount)
			return nil
		})
	}
	big := get("big", 50)
	get("small", 5)
	s.StartAt(scheduler.Second, "truck", func(p *process.Process) error {
		assert.Error(t, tank.Put(p, 101))
		assert.Error(t, tank.Put(p, 0))
		assert.Error(t, tank.Get(p, math.NaN()))
		require.NoError(t, tank.Put(p, 20))
		require.NoError(t, p.Hold(time.Second))
		require.NoError(t, big.Interrupt(errors.New("closing")))
		require.NoError(t, p.Hold(time.Second))
		require.NoError(t, tank.Put(p, 75))
		assert.ErrorIs(t, p.Within(time.Second, func() error { return tank.Put(p, 1) }), process.ErrTimeout, "the tank is full")
		return nil
	})
	run(t, s)
	assert.Equal(t, []string{"2s big: interrupted: closing", "2s small has 5"}, d.lines, "who is first is not overtaken")
	assert.Equal(t, 100.0, tank.Amount())
	assert.Equal(t, 100.0, u.Content.Max())
	getters, putters := tank.Queue()
	assert.Zero(t, getters+putters)
}

func TestConditionsAndGates(t *testing.T) {
	s, d := newModel(t)
	tide, lock := 0, process.NewGate(s, "lock")
	harbour := process.NewCondition(s, "harbour")
	for _, ship := range []struct {
		name    string
		draught int
	}{{"deep", 3}, {"flat", 1}, {"thirsty", 1}} {
		s.Start(ship.name, func(p *process.Process) error {
			require.NoError(t, harbour.Wait(p, func() bool { return tide >= ship.draught }))
			d.note("%s is in", ship.name)
			if ship.name == "flat" {
				tide = 0 // so that it is not true any more for the next one
			}
			require.NoError(t, lock.Pass(p))
			d.note("%s is through", ship.name)
			return nil
		})
	}
	s.Start("moon", func(p *process.Process) error {
		for i := 1; i <= 3; i++ {
			require.NoError(t, p.Hold(time.Hour))
			tide = i
			harbour.Signal()
		}
		require.NoError(t, p.Hold(time.Hour))
		lock.Open()
		lock.Close()
		assert.False(t, lock.IsOpen())
		return nil
	})
	run(t, s)
	assert.Equal(t, []string{"3600s flat is in", "7200s thirsty is in", "10800s deep is in",
		"14400s flat is through", "14400s thirsty is through", "14400s deep is through"}, d.lines)
}

// What has become true in time counts, whatever comes after it at the same time.
func TestAConditionHoldsBeforeADeadline(t *testing.T) {
	s, d := newModel(t)
	tide, harbour := 0, process.NewCondition(s, "harbour")
	for _, change := range []struct {
		at   scheduler.Time
		tide int
	}{{1, 1}, {2, 2}, {2, 0}} {
		_, err := s.At(change.at, func() error {
			tide = change.tide
			harbour.Signal()
			return nil
		})
		require.NoError(t, err)
	}
	ship := func(name string, draught int) *process.Process {
		return s.Start(name, func(p *process.Process) error {
			err := p.Before(scheduler.Time(draught), func() error {
				return harbour.Wait(p, func() bool { return tide == draught })
			})
			d.note("%s: %v, then %v", name, err, p.Hold(0))
			return nil
		})
	}
	ship("flat", 1)
	interrupted := ship("interrupted", 1)
	ship("deep", 2) // which is not true any more when it goes on
	_, err := s.At(1, func() error { return interrupted.Interrupt(errors.New("storm")) })
	require.NoError(t, err)
	run(t, s)
	assert.Equal(t, []string{
		"0.000000001s interrupted: <nil>, then interrupted: storm", "0.000000001s flat: <nil>, then <nil>",
		"0.000000002s deep: the time was over at 0.000000002s, then <nil>",
	}, d.lines)
}
