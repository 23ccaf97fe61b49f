package process_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/scheduler"
	"github.com/simrun/simrun/sim/process"
)

func TestWaitingSaysForWhat(t *testing.T) {
	s, _ := newModel(t)
	var (
		resource   = process.NewResource(s, "desk", 1)
		preemptive = process.NewPreemptiveResource(s, "doctor", 1)
		store      = process.NewStore[int](s, "shelf", 1)
		level      = process.NewLevel(s, "tank", 5, 3)
		gate       = process.NewGate(s, "lock")
		condition  = process.NewCondition(s, "tide")
		event      = process.NewEvent[int](s, "call")
	)
	assert.Equal(t, []string{"desk", "doctor", "shelf", "tank"}, []string{resource.Name(), preemptive.Name(), store.Name(), level.Name()})
	assert.Equal(t, []int{1, 1, 1}, []int{resource.Capacity(), preemptive.Capacity(), store.Capacity()})
	timeout, err := s.Timeout(time.Hour)
	require.NoError(t, err)
	sleeper := s.Start("sleeper", func(p *process.Process) error { return p.HoldUntil(scheduler.Never) })
	require.True(t, resource.TryAcquire())
	s.Start("holder", func(p *process.Process) error {
		require.NoError(t, preemptive.Acquire(p, 0))
		require.NoError(t, store.Put(p, 1))
		return p.Hold(time.Minute)
	})
	waits := []struct {
		what string
		wait func(p *process.Process) error
	}{
		{`resource "desk"`, resource.Acquire},
		{`resource "doctor"`, func(p *process.Process) error { return preemptive.AcquirePatiently(p, -1) }},
		{`resource "doctor"`, func(p *process.Process) error { return preemptive.Acquire(p, 0) }},
		{`room in store "shelf"`, func(p *process.Process) error { return store.Put(p, 2) }},
		{`an item in store "shelf"`, func(p *process.Process) error {
			_, err := store.GetWhere(p, func(n int) bool { return n == 3 })
			return err
		}},
		{`an amount in level "tank"`, func(p *process.Process) error { return level.Get(p, 5) }},
		{`room in level "tank"`, func(p *process.Process) error { return level.Put(p, 4) }},
		{`gate "lock"`, gate.Pass},
		{`condition "tide"`, func(p *process.Process) error { return condition.Wait(p, func() bool { return false }) }},
		{`event "call"`, func(p *process.Process) error { return p.Wait(event) }},
		{`timeout at 3600s`, func(p *process.Process) error { return p.Wait(timeout) }},
		{`the end of process "sleeper"`, func(p *process.Process) error { return p.Wait(sleeper) }},
		{`all of resource "desk", an item in store "shelf"`, func(p *process.Process) error {
			return p.Wait(process.AllOf(p.Simulation(), resource.Request(0), store.Request(func(int) bool { return false })))
		}},
	}
	want := []process.Wait{
		{Process: "sleeper", For: "time never", Since: 0},
		{Process: "holder", For: "time 60s", Since: 0},
	}
	for _, w := range waits {
		s.Start("p", w.wait)
		want = append(want, process.Wait{Process: "p", For: w.what})
	}
	s.StartAt(scheduler.Hour, "late", func(*process.Process) error { return nil })
	want = append(want, process.Wait{Process: "late", For: "its beginning at 3600s"})
	require.NoError(t, s.RunUntil(context.Background(), scheduler.Second))
	assert.Equal(t, want, s.Waiting())
}

// What is over stays over, also if nothing was left to happen.
func TestAfterTheEnd(t *testing.T) {
	broken := errors.New("broken")
	runs := map[string]func(s *process.Simulation) error{
		"Run":          func(s *process.Simulation) error { return s.Run(context.Background()) },
		"RunUntil":     func(s *process.Simulation) error { return s.RunUntil(context.Background(), 5) },
		"RunUntil now": func(s *process.Simulation) error { return s.RunUntil(context.Background(), s.Now()) },
		"RunUntilDone": func(s *process.Simulation) error {
			return s.RunUntilDone(context.Background(), process.NewEvent[int](s, "e"))
		},
	}
	for name, run := range runs {
		s, _ := newModel(t)
		s.Start("p", func(*process.Process) error { return broken })
		require.ErrorIs(t, s.Run(context.Background()), broken)
		assert.ErrorIs(t, run(s), broken, name)

		s, _ = newModel(t)
		require.NoError(t, s.Close())
		assert.ErrorIs(t, run(s), scheduler.ErrClosed, name)

		s, _ = newModel(t)
		s.Start("p", func(*process.Process) error {
			assert.ErrorContains(t, run(s), "from within the loop", name)
			return nil
		})
		require.NoError(t, s.Run(context.Background()))
	}
}

// A model that has had more events than there are numbers for ends with an error, whatever
// needs the next one: if somebody were not told what has come, results would be wrong.
func TestMoreEventsThanThereAreNumbers(t *testing.T) {
	for name, waits := range map[string]func(s *process.Simulation, e *process.Event[int]){
		"process": func(s *process.Simulation, e *process.Event[int]) {
			s.Start("p", func(p *process.Process) error { return p.Wait(e) })
		},
		"handler": func(s *process.Simulation, e *process.Event[int]) {
			s.When(e, func() error { return nil })
		},
		"process that holds": func(s *process.Simulation, _ *process.Event[int]) {
			s.Start("p", func(p *process.Process) error { return errors.Join(p.Hold(5), p.Hold(1)) })
		},
	} {
		s, _ := newModel(t)
		e := process.NewEvent[int](s, "e")
		waits(s, e)
		_, err := s.At(5, func() error { e.Trigger(1); return nil })
		require.NoError(t, err)
		require.NoError(t, s.RunUntil(context.Background(), 1))
		s.Exhaust(0)
		require.ErrorContains(t, s.Run(context.Background()), "has scheduled 274877906943 events, which is the limit", name)
	}
}

func TestCancelATimer(t *testing.T) {
	s, d := newModel(t)
	id, err := s.After(time.Second, func() error { d.note("first"); return nil })
	require.NoError(t, err)
	_, err = s.After(2*time.Second, func() error { d.note("second"); return nil })
	require.NoError(t, err)
	assert.True(t, s.Cancel(id))
	assert.False(t, s.Cancel(id))
	run(t, s)
	assert.Equal(t, []string{"2s second"}, d.lines)
}

func TestARunCanBeInterruptedAndGoOn(t *testing.T) {
	s, _ := newModel(t)
	p := s.Start("p", func(p *process.Process) error { return p.Hold(time.Hour) })
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	assert.ErrorIs(t, s.Run(cancelled), context.Canceled)
	assert.ErrorIs(t, s.RunUntil(cancelled, scheduler.Second), context.Canceled)
	assert.ErrorIs(t, s.RunUntil(cancelled, 0), context.Canceled)
	assert.ErrorIs(t, s.RunUntilDone(cancelled, p), context.Canceled)
	assert.Zero(t, s.Now())
	require.NoError(t, s.RunUntilDone(context.Background(), p))
	assert.Equal(t, scheduler.Hour, s.Now())
	assert.PanicsWithValue(t, `process "q" cannot start: 0s is before the present, 3600s; nothing can happen in the past`,
		func() { s.StartAt(0, "q", func(*process.Process) error { return nil }) })
}

// A process may have units of several preemptive resources, and lose only one.
func TestUnitsOfSeveralPreemptiveResources(t *testing.T) {
	s, d := newModel(t)
	room, doctor := process.NewPreemptiveResource(s, "room", 1), process.NewPreemptiveResource(s, "doctor", 1)
	s.Start("patient", func(p *process.Process) error {
		require.NoError(t, room.Acquire(p, 1))
		defer room.Release(p)
		require.NoError(t, doctor.Acquire(p, 1))
		defer doctor.Release(p)
		var lost *process.PreemptedError
		require.ErrorAs(t, p.Hold(time.Hour), &lost)
		d.note("lost the %s", lost.Resource)
		room.Release(p)
		return p.Hold(time.Hour)
	})
	s.StartAt(scheduler.Minute, "urgent", func(p *process.Process) error {
		require.NoError(t, room.Acquire(p, 0))
		d.note("urgent has the room")
		assert.Equal(t, 1, doctor.InUse())
		return p.Hold(time.Hour)
	})
	run(t, s)
	assert.Equal(t, []string{"60s urgent has the room", "60s lost the room"}, d.lines)
	assert.Zero(t, doctor.InUse())
	assert.Equal(t, 1, room.InUse(), "who ends without releasing keeps its unit")
}

// Interrupts and deadlines that come together come one after the other, and none is lost.
func TestSeveralInterrupts(t *testing.T) {
	s, d := newModel(t)
	p := s.Start("p", func(p *process.Process) error {
		return p.Within(time.Second, func() error {
			for range 5 {
				d.note("%v", p.Hold(time.Hour))
			}
			return nil
		})
	})
	_, err := s.After(time.Second, func() error {
		for _, cause := range []string{"a", "b", "c"} {
			require.NoError(t, p.Interrupt(errors.New(cause)))
		}
		return nil
	})
	require.NoError(t, err)
	run(t, s)
	assert.Equal(t, []string{"1s interrupted: a", "1s interrupted: b", "1s interrupted: c",
		"1s the time was over at 1s", "1s the time was over at 1s"}, d.lines)
}

// Groups of many parts take time that grows with their number, not with its square.
func TestGroupsOfMany(t *testing.T) {
	s, d := newModel(t)
	const n = 20_000
	parts := make([]process.Waitable, n)
	for i := range parts {
		e := process.NewEvent[int](s, "part")
		parts[i] = e
		_, err := s.At(scheduler.Time(n-i), func() error { e.Trigger(i); return nil })
		require.NoError(t, err)
	}
	s.Start("p", func(p *process.Process) error {
		first, err := process.Await(p, process.AnyOf(s, parts...))
		require.NoError(t, err)
		d.note("%d", first)
		require.NoError(t, p.Wait(process.AllOf(s, parts...)))
		d.note("all")
		return nil
	})
	run(t, s)
	assert.Equal(t, []string{"0.000000001s 19999", "0.00002s all"}, d.lines)
}
