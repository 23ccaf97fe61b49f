package sim_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/sim"
)

// started is a run that goes on by itself.
type started struct {
	control sim.Control
	world   *world
	sum     *sim.Summary
	err     error
	over    chan struct{}
}

// start runs two simulators, of which the second is triggered by the first, and one
// that answers itself in rounds. A step of each takes some milliseconds of fake time.
func start(t *testing.T, opts sim.RunOptions, before func(*sim.Control)) *started {
	s := &started{world: newWorld(t), over: make(chan struct{})}
	takes := func(d time.Duration, do func(f *fake, st *sim.Step)) func(f *fake, st *sim.Step) {
		return func(f *fake, st *sim.Step) { time.Sleep(d); do(f, st) }
	}
	s.world.add("clock", &fake{typ: sim.TimeBased, step: every(second, takes(3*time.Millisecond, func(f *fake, st *sim.Step) { f.event[0].Set(seconds(st)) }))})
	s.world.add("heard", &fake{typ: sim.EventBased, step: onTrigger(takes(time.Millisecond, func(f *fake, st *sim.Step) { f.out[0].Set(2 * f.in[0].Float()) }))})
	s.world.add("half", &fake{typ: sim.TimeBased, step: every(second/2, takes(5*time.Millisecond, func(f *fake, st *sim.Step) { f.out[0].Set(f.quiet[0].Float()) }))})
	s.world.connect("clock", "event", "heard", "in", sim.ConnectOptions{})
	s.world.connect("heard", "out", "half", "quiet", sim.ConnectOptions{})
	opts.Control = &s.control
	if before != nil {
		before(&s.control)
	}
	go func() {
		defer close(s.over)
		s.sum, s.err = s.world.Run(context.Background(), opts)
	}()
	return s
}

func (s *started) end(t *testing.T) *sim.Summary {
	<-s.over
	require.NoError(t, s.err)
	require.True(t, s.sum.Complete)
	return s.sum
}

func TestControlledRunComputesTheSame(t *testing.T) {
	undisturbed := func(opts sim.RunOptions) string {
		s := start(t, opts, nil)
		return s.end(t).Digest
	}
	for name, tc := range map[string]struct {
		opts   sim.RunOptions
		before func(*sim.Control)
		during func(s *started)
	}{
		"paused and resumed": {during: func(s *started) {
			for range 20 {
				time.Sleep(7 * time.Millisecond)
				s.control.Pause()
				time.Sleep(time.Hour)
				s.control.Resume()
			}
		}},
		"begun paused, then stepped": {before: func(c *sim.Control) { c.Pause() }, during: func(s *started) {
			for range 150 {
				s.control.Step()
				time.Sleep(time.Second)
			}
			s.control.Resume()
		}},
		"slowed down and let go": {during: func(s *started) {
			time.Sleep(50 * time.Millisecond)
			_ = s.control.SetPace(10)
			time.Sleep(time.Second)
			s.control.Pause()
			_ = s.control.SetPace(20)
			s.control.Resume()
			time.Sleep(time.Second)
			_ = s.control.SetPace(0)
		}},
		"paced, paused and stepped": {opts: sim.RunOptions{Pace: 10}, during: func(s *started) {
			time.Sleep(time.Second)
			s.control.Pause()
			time.Sleep(time.Hour)
			for range 7 {
				s.control.Step()
			}
			time.Sleep(time.Hour)
			s.control.Resume()
		}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tc.opts.Until = 100 * second
				s := start(t, tc.opts, tc.before)
				tc.during(s)
				assert.Equal(t, undisturbed(sim.RunOptions{Until: tc.opts.Until}), s.end(t).Digest)
			})
		})
	}
}

func TestPauseStopsSoonAndStepMakesOneInstant(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := start(t, sim.RunOptions{Until: 100 * second}, nil)
		time.Sleep(100 * time.Millisecond)
		s.control.Pause()
		time.Sleep(time.Second)
		at := s.world.Status()
		require.NotZero(t, at.Steps)
		time.Sleep(time.Hour)
		require.Equal(t, at, s.world.Status(), "nothing happens in a pause")
		require.True(t, s.control.Paused())
		for _, a := range s.world.Activities() {
			assert.Contains(t, []sim.State{sim.StateHeld, sim.StateIdle, sim.StateWaiting}, a.State, a.Sim)
		}

		for i := range 10 {
			before := s.world.Status()
			s.control.Step()
			time.Sleep(time.Second)
			after := s.world.Status()
			assert.Greater(t, after.Steps, before.Steps, "step %d", i)
			assert.LessOrEqual(t, after.Reached-before.Reached, second/2, "step %d", i)
		}
		s.control.Resume()
		s.end(t)
	})
}

func TestPaceOfARunUnderWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := start(t, sim.RunOptions{Until: 100 * second, Pace: 1}, nil)
		time.Sleep(10*time.Second + 100*time.Millisecond)
		assert.InDelta(t, 10, s.world.Status().Reached.Seconds(), 0.5, "as the clock")
		assert.ErrorIs(t, s.control.SetPace(0), sim.ErrPaced)
		assert.Error(t, s.control.SetPace(-1))
		require.NoError(t, s.control.SetPace(5))
		assert.Equal(t, 5.0, s.control.Pace())
		began := time.Now()
		s.end(t)
		assert.InDelta(t, 90.0/5, time.Since(began).Seconds(), 0.2)
		assert.Less(t, s.sum.MaxLag, 100*time.Millisecond)
	})
}

func TestControlIsForOneRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := start(t, sim.RunOptions{Until: 10 * second}, nil)
		time.Sleep(5 * time.Millisecond)
		other := newWorld(t)
		other.add("x", &fake{typ: sim.TimeBased, step: every(second, nil)})
		_, err := other.Run(context.Background(), sim.RunOptions{Until: second, Control: &s.control})
		assert.ErrorContains(t, err, "another run has the control")
		s.end(t)
	})
}

func TestInterruptedWhilePaused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c sim.Control
		c.Pause()
		w := newWorld(t)
		w.add("x", &fake{typ: sim.TimeBased, step: every(second, nil)})
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		sum, err := w.Run(ctx, sim.RunOptions{Until: second, Control: &c})
		assert.ErrorIs(t, err, sim.ErrInterrupted)
		assert.False(t, sum.Complete)
		assert.Zero(t, sum.Reached)
	})
}
