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
	"go.uber.org/goleak"

	"github.com/simrun/simrun/scheduler"
	"github.com/simrun/simrun/sim/process"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// diary is what happens in a model, and when.
type diary struct {
	s     *process.Simulation
	lines []string
}

func newModel(t *testing.T) (*process.Simulation, *diary) {
	s := process.New("model")
	t.Cleanup(func() { assert.NoError(t, s.Close()) })
	return s, &diary{s: s}
}

func (d *diary) note(format string, args ...any) {
	d.lines = append(d.lines, d.s.Now().String()+" "+fmt.Sprintf(format, args...))
}

func run(t *testing.T, s *process.Simulation) {
	t.Helper()
	require.NoError(t, s.Run(context.Background()))
}

func TestProcessesTakeTurnsInTheOrderInWhichTheyWereCaused(t *testing.T) {
	s, d := newModel(t)
	for _, name := range []string{"b", "a"} {
		s.Start(name, func(p *process.Process) error {
			for range 2 {
				d.note("%s", name)
				if err := p.Hold(time.Second); err != nil {
					return err
				}
			}
			return nil
		})
	}
	run(t, s)
	assert.Equal(t, []string{"0s b", "0s a", "1s b", "1s a"}, d.lines)
	assert.Equal(t, 2*scheduler.Second, s.Now())
}

func TestAHoldOfZeroLetsOthersGoFirst(t *testing.T) {
	s, d := newModel(t)
	s.Start("a", func(p *process.Process) error {
		_, err := s.After(0, func() error { d.note("called"); return nil })
		require.NoError(t, err)
		require.NoError(t, p.Hold(0))
		d.note("a goes on")
		return nil
	})
	run(t, s)
	assert.Equal(t, []string{"0s called", "0s a goes on"}, d.lines)
}

func TestInterruptEndsAWait(t *testing.T) {
	cause := errors.New("the boss calls")
	s, d := newModel(t)
	worker := s.Start("worker", func(p *process.Process) error {
		err := p.Hold(time.Hour)
		d.note("%v", err)
		var interrupted *process.InterruptedError
		require.ErrorAs(t, err, &interrupted)
		require.ErrorIs(t, err, cause)
		return p.Hold(time.Second)
	})
	s.Start("boss", func(p *process.Process) error {
		require.NoError(t, p.Hold(time.Minute))
		require.NoError(t, worker.Interrupt(cause))
		assert.ErrorContains(t, p.Interrupt(cause), "cannot interrupt itself")
		require.NoError(t, p.Wait(worker))
		d.note("worker has ended")
		assert.ErrorContains(t, worker.Interrupt(cause), `process "worker" cannot be interrupted; it has ended`)
		return nil
	})
	run(t, s)
	assert.Equal(t, []string{"60s interrupted: the boss calls", "61s worker has ended"}, d.lines)
	assert.Equal(t, 61*scheduler.Second, s.Now(), "the hold that was interrupted is gone")
}

// What was waited for has come: it must not get lost because of an interrupt at
// the same time.
func TestAnInterruptAfterTheWaitIsToldAtTheNextOne(t *testing.T) {
	s, d := newModel(t)
	r := process.NewResource(s, "r", 1)
	require.True(t, r.TryAcquire())
	waiting := s.Start("waiting", func(p *process.Process) error {
		require.NoError(t, r.Acquire(p))
		d.note("has it")
		assert.ErrorContains(t, p.Hold(time.Second), "too late")
		assert.NoError(t, p.Hold(time.Second))
		r.Release()
		return nil
	})
	s.Start("other", func(p *process.Process) error {
		require.NoError(t, p.Hold(time.Second))
		r.Release()
		return waiting.Interrupt(errors.New("too late"))
	})
	run(t, s)
	assert.Equal(t, []string{"1s has it"}, d.lines)
	assert.Equal(t, 2*scheduler.Second, s.Now())
}

func TestInterruptBeforeTheBeginning(t *testing.T) {
	s, _ := newModel(t)
	p := s.Start("p", func(p *process.Process) error {
		assert.ErrorContains(t, p.Hold(time.Second), "early")
		return nil
	})
	require.NoError(t, p.Interrupt(errors.New("early")))
	run(t, s)
	assert.True(t, p.Ended())
}

func TestCancel(t *testing.T) {
	s, d := newModel(t)
	r := process.NewResource(s, "r", 1)
	never := s.StartAt(scheduler.Second, "never", func(*process.Process) error { d.note("never"); return nil })
	stubborn := s.Start("stubborn", func(p *process.Process) error {
		defer d.note("deferred")
		require.NoError(t, r.Acquire(p))
		defer r.Release()
		require.ErrorIs(t, p.Hold(time.Hour), process.ErrCancelled)
		d.note("told")
		_ = p.Hold(time.Hour)
		d.note("unreachable")
		return nil
	})
	s.Start("canceller", func(p *process.Process) error {
		never.Cancel()
		require.NoError(t, p.Hold(time.Millisecond))
		stubborn.Cancel()
		stubborn.Cancel()
		require.NoError(t, p.Wait(stubborn))
		d.note("ended")
		stubborn.Cancel()
		return nil
	})
	run(t, s)
	assert.Equal(t, []string{"0.001s told", "0.001s deferred", "0.001s ended"}, d.lines)
	assert.Zero(t, r.InUse())
	assert.True(t, never.Ended())
	assert.Equal(t, scheduler.Second, s.Now(), "the beginning of who never begins still comes")
}

// A process that cancels itself when it is about to wait leaves the line in which it is
// already.
func TestCancelOfOneself(t *testing.T) {
	s, _ := newModel(t)
	c, asked := process.NewCondition(s, "c"), 0
	s.Start("p", func(p *process.Process) error {
		require.ErrorIs(t, c.Wait(p, func() bool { asked++; p.Cancel(); return false }), process.ErrCancelled)
		return nil
	})
	run(t, s)
	c.Signal()
	assert.Equal(t, 1, asked)
}

func TestDeadlines(t *testing.T) {
	s, d := newModel(t)
	server := process.NewResource(s, "server", 1)
	customer := func(name string, patience time.Duration) {
		s.Start(name, func(p *process.Process) error {
			err := p.Within(patience, func() error { return server.Acquire(p) })
			if errors.Is(err, process.ErrTimeout) {
				d.note("%s gives up: %v", name, err)
				return nil
			}
			defer server.Release()
			d.note("%s is served", name)
			return p.Hold(10 * time.Second)
		})
	}
	customer("first", time.Second)
	customer("impatient", 5*time.Second)
	customer("patient", 10*time.Second)
	run(t, s)
	assert.Equal(t, []string{"0s first is served", "5s impatient gives up: the time was over at 5s", "10s patient is served"}, d.lines,
		"the server is free at the very time of the last deadline, and that happens first")
	assert.Zero(t, server.Queue())
	assert.Zero(t, server.InUse())
}

func TestDeadlinesWithinDeadlines(t *testing.T) {
	s, d := newModel(t)
	s.Start("p", func(p *process.Process) error {
		err := p.Within(3*time.Second, func() error {
			err := p.Within(2*time.Second, func() error { return p.Hold(time.Minute) })
			d.note("inner: %v", err)
			assert.NoError(t, p.Hold(0))
			err = p.Within(2*time.Second, func() error { return p.Hold(time.Minute) })
			d.note("outer: %v", err)
			assert.ErrorIs(t, p.Hold(time.Second), process.ErrTimeout, "all further waits fail, too")
			return err
		})
		assert.ErrorIs(t, err, process.ErrTimeout)
		return p.Hold(time.Second)
	})
	run(t, s)
	assert.Equal(t, []string{"2s inner: the time was over at 2s", "3s outer: the time was over at 3s"}, d.lines)
	assert.Equal(t, 4*scheduler.Second, s.Now(), "deadlines that were not reached leave nothing")
}

func TestFailuresNameProcessAndTime(t *testing.T) {
	for name, body := range map[string]func(p *process.Process) error{
		"error": func(*process.Process) error { return errors.New("out of oil") },
		"panic": func(*process.Process) error { panic("out of oil") },
	} {
		t.Run(name, func(t *testing.T) {
			s, d := newModel(t)
			s.Start("other", func(p *process.Process) error {
				defer d.note("unwound")
				return p.Hold(time.Hour)
			})
			s.Start("machine 3", func(p *process.Process) error {
				if err := p.Hold(time.Minute); err != nil {
					return err
				}
				return body(p)
			})
			err := s.Run(context.Background())
			var failed *scheduler.EventError
			require.ErrorAs(t, err, &failed)
			assert.Equal(t, scheduler.Minute, failed.Time)
			assert.Equal(t, "machine 3", failed.Process)
			assert.ErrorContains(t, err, "out of oil")
			require.NoError(t, s.Close())
			assert.Equal(t, []string{"60s unwound"}, d.lines)
		})
	}
}

// A panic tells the line of the model, not that of what refused a call, also while the process
// is being ended.
func TestPanicsTellTheirPlace(t *testing.T) {
	wrong := func(p *process.Process) { process.NewResource(p.Simulation(), "r", 1).Release() }
	for name, body := range map[string]func(p *process.Process) error{
		"misuse": func(p *process.Process) error { wrong(p); return nil },
		"when it is cancelled": func(p *process.Process) error {
			p.Cancel()
			require.ErrorIs(t, p.Hold(0), process.ErrCancelled)
			wrong(p)
			return nil
		},
		"when the model is closed": func(p *process.Process) error {
			require.ErrorIs(t, p.HoldUntil(scheduler.Never), scheduler.ErrClosed)
			wrong(p)
			return nil
		},
	} {
		s := process.New("model")
		s.Start("p", body)
		err := errors.Join(s.Run(context.Background()), s.Close())
		assert.ErrorContains(t, err, `"model": p: panic: process: resource "r": a unit is released that was not acquired (process_test.go:`, name)
	}
}

func TestDeadlockNamesWhoWaitsForWhat(t *testing.T) {
	s, _ := newModel(t)
	left, right := process.NewResource(s, "left fork", 1), process.NewResource(s, "right fork", 1)
	eat := func(name string, first, second *process.Resource) *process.Process {
		return s.Start(name, func(p *process.Process) error {
			if err := first.Acquire(p); err != nil {
				return err
			}
			if err := p.Hold(time.Second); err != nil {
				return err
			}
			return second.Acquire(p)
		})
	}
	eat("Kant", left, right)
	hegel := eat("Hegel", right, left)
	err := s.RunUntilDone(context.Background(), hegel)
	assert.EqualError(t, err, `t=1s: nothing is left to happen, and the end of process "Hegel" has not happened; `+
		`"Kant" waits since 1s for resource "right fork"; "Hegel" waits since 1s for resource "left fork"`)
	require.NoError(t, s.Run(context.Background()), "without something that must happen it is no error")
	assert.Len(t, s.Waiting(), 2)
}

func TestRunUntil(t *testing.T) {
	s, d := newModel(t)
	s.Start("p", func(p *process.Process) error {
		for {
			if err := p.Hold(time.Second); err != nil {
				return err
			}
			d.note("tick")
		}
	})
	require.NoError(t, s.RunUntil(context.Background(), 2*scheduler.Second))
	assert.Equal(t, []string{"1s tick"}, d.lines, "what is due at the end has not happened")
	assert.Equal(t, 2*scheduler.Second, s.Now())
	require.NoError(t, s.RunUntil(context.Background(), 3*scheduler.Second))
	assert.Equal(t, []string{"1s tick", "2s tick"}, d.lines)
	assert.Error(t, s.RunUntil(context.Background(), scheduler.Second))
	assert.Error(t, s.RunUntil(context.Background(), scheduler.Never))
	assert.Equal(t, []process.Wait{{Process: "p", For: "time 3s", Since: 2 * scheduler.Second}}, s.Waiting())
}

func TestWhatIsMisusedSaysSo(t *testing.T) {
	s, _ := newModel(t)
	p := s.Start("p", func(p *process.Process) error {
		assert.ErrorContains(t, p.Hold(-1), "negative")
		assert.ErrorContains(t, p.Within(-1, nil), "negative")
		require.NoError(t, p.Hold(time.Second))
		assert.ErrorContains(t, p.HoldUntil(0), "in the past")
		assert.ErrorContains(t, p.Hold(math.MaxInt64), "goes beyond the end of time")
		assert.NoError(t, p.Within(math.MaxInt64, func() error { return p.Hold(0) }), "a deadline that never comes")
		return nil
	})
	assert.ErrorContains(t, p.Hold(time.Second), "only the process that runs can wait")
	run(t, s)
	assert.ErrorContains(t, p.Hold(time.Second), "only the process that runs can wait")
	_, err := s.After(-1, nil)
	assert.ErrorContains(t, err, "negative")
	_, err = s.At(0, nil)
	assert.ErrorContains(t, err, "in the past")
	_, err = s.After(math.MaxInt64, nil)
	assert.ErrorContains(t, err, "goes beyond the end of time")
	_, err = s.Timeout(math.MaxInt64)
	assert.ErrorContains(t, err, "goes beyond the end of time")
	assert.Panics(t, func() { process.New("") })
	assert.Panics(t, func() { process.NewResource(s, "r", 0) })
	assert.Panics(t, func() { process.NewResource(s, "r", 1).Release() })
	assert.Panics(t, func() { process.NewLevel(s, "l", 1, 2) })
	assert.Panics(t, func() { process.NewStore[int](s, "s", 0) })
	assert.Panics(t, func() { process.NewPreemptiveResource(s, "r", 0) })
}
