package sim_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/sim"
)

// takes makes a simulator that steps every second and needs that long for it.
func takes(d func(s *sim.Step) time.Duration) *fake {
	return &fake{step: every(second, func(_ *fake, s *sim.Step) { time.Sleep(d(s)) })}
}

func always(d time.Duration) func(*sim.Step) time.Duration {
	return func(*sim.Step) time.Duration { return d }
}

// TestPaceDoesNotDrift: what each step takes does not add up, nor does a step that
// is late make those late that come after it: they begin when they are due by the clock.
func TestPaceDoesNotDrift(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const steps = 2000
		w := newWorld(t)
		began := time.Now()
		var late []time.Duration
		w.add("a", takes(func(s *sim.Step) time.Duration {
			late = append(late, time.Since(began)-time.Duration(s.Time()))
			if len(late)%100 == 50 {
				return 1700 * time.Millisecond
			}
			return 300 * time.Millisecond
		}))
		_, err := w.Run(context.Background(), sim.RunOptions{Until: steps * second, Pace: 1})
		require.NoError(t, err)
		require.Len(t, late, steps)
		for i, l := range late {
			if i%100 == 50 {
				require.Equal(t, 700*time.Millisecond, l.Round(time.Microsecond), "step %d, after the slow one", i)
				continue
			}
			require.InDelta(t, 0, l, float64(time.Microsecond), "step %d", i)
		}
	})
}

func TestLagAllowed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.add("a", takes(always(100*time.Millisecond)))
		w.add("b", takes(always(50*time.Millisecond)))
		w.connect("a", "out", "b", "quiet", sim.ConnectOptions{})
		sum, err := w.Run(context.Background(), sim.RunOptions{Until: 100 * second, Pace: 1, MaxLag: 151 * time.Millisecond})
		require.NoError(t, err, "b comes after a")
		require.InDelta(t, 150*time.Millisecond, sum.MaxLag, float64(time.Millisecond))
		require.InDelta(t, 150*time.Millisecond, w.Status().Lag, float64(time.Millisecond))
	})
}

// TestStrictPace ends a run that falls behind: it tells who was late, when, by how
// much, and what to do.
func TestStrictPace(t *testing.T) {
	run := func(t *testing.T, compose func(w *world), opts sim.RunOptions) (*sim.Summary, *sim.LagError) {
		var sum *sim.Summary
		var lag *sim.LagError
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			compose(w)
			var err error
			sum, err = w.Run(context.Background(), opts)
			require.ErrorAs(t, err, &lag)
			require.False(t, sum.Complete)
			require.Empty(t, sum.Digest)
		})
		return sum, lag
	}
	const allowed = 100 * time.Millisecond
	strict := sim.RunOptions{Until: 10 * second, Pace: 1, MaxLag: allowed}

	t.Run("a step that takes too long", func(t *testing.T) {
		sum, lag := run(t, func(w *world) {
			w.add("slow", takes(func(s *sim.Step) time.Duration { return time.Duration(s.Time()) / 20 }))
		}, strict)
		require.Equal(t, "slow", lag.Sim)
		require.Equal(t, 3*second, lag.At, "150 ms; at 2 s it were 100 ms")
		require.False(t, lag.Ended)
		require.ErrorContains(t, lag, `t=3s: simulator "slow" is behind the wall clock by 100ms and more, allowed are 100ms (max lag): its step has not ended after 100ms; run at a lower pace, `+
			`let simulators step more rarely, or allow more`)
		require.Equal(t, 3*second, sum.Reached)
	})
	t.Run("one that waits for another", func(t *testing.T) {
		_, lag := run(t, func(w *world) {
			w.add("first", takes(always(80*time.Millisecond)))
			w.add("second", takes(always(30*time.Millisecond)))
			w.connect("first", "out", "second", "quiet", sim.ConnectOptions{})
		}, strict)
		require.Equal(t, "second", lag.Sim)
		require.InDelta(t, 80*time.Millisecond, lag.Began, float64(time.Millisecond))
		require.ErrorContains(t, lag, "its step began 80ms late, ")
		require.ErrorContains(t, lag, "and has not ended after 20ms; ")
	})
	t.Run("one that hangs", func(t *testing.T) {
		began := time.Now()
		_, lag := run(t, func(w *world) {
			w.add("quick", takes(always(0)))
			w.add("hung", &fake{step: func(ctx context.Context, _ *fake, _ *sim.Step) (sim.Time, error) {
				<-ctx.Done()
				return 0, ctx.Err()
			}})
		}, strict)
		require.Equal(t, "hung", lag.Sim)
		require.Less(t, time.Since(began), time.Minute)
	})
	t.Run("quick ones that are too many", func(t *testing.T) {
		// Steps that take no time at all are made by the run loop itself. That they
		// fall behind shows only when they are done.
		_, lag := run(t, func(w *world) {
			n := 0
			w.add("a", &fake{step: func(_ context.Context, f *fake, s *sim.Step) (sim.Time, error) {
				f.log = nil
				if n++; n == 1000 {
					time.Sleep(time.Second)
				}
				return s.Time() + second/1000, nil
			}})
		}, strict)
		require.True(t, lag.Ended)
		require.ErrorContains(t, lag, `t=0.999s: simulator "a" is behind the wall clock by 1s, allowed are 100ms (max lag): its step took 1s; `)
	})

	w := newWorld(t)
	_, err := w.Run(context.Background(), sim.RunOptions{Until: second, Pace: 1, MaxLag: -1})
	require.ErrorContains(t, err, "must not be negative")
}

// TestLagWhilePaused: a pause does not make a run late.
func TestLagWhilePaused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		var control sim.Control
		w.add("a", takes(always(20*time.Millisecond)))
		go func() {
			time.Sleep(2500 * time.Millisecond)
			control.Pause()
			time.Sleep(time.Minute)
			control.Resume()
		}()
		sum, err := w.Run(context.Background(), sim.RunOptions{Until: 10 * second, Pace: 1, MaxLag: 50 * time.Millisecond, Control: &control})
		require.NoError(t, err)
		require.True(t, sum.Complete)
	})
}

// TestSetEventInAGroup: an event from outside starts a loop at one time, in a run that
// follows the clock strictly.
func TestSetEventInAGroup(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		g := w.NewGroup("loop")
		a := w.addIn(g, "a", &fake{typ: sim.EventBased, step: onTrigger(func(f *fake, s *sim.Step) {
			if !f.in[0].Has() {
				f.event[0].Set(4)
			}
			countdown(f, s)
		})})
		b := w.addIn(g, "b", &fake{typ: sim.EventBased, step: onTrigger(countdown)})
		w.connect("a", "event", "b", "in", sim.ConnectOptions{})
		w.connect("b", "event", "a", "in", sim.ConnectOptions{Weak: true})
		go func() {
			time.Sleep(2500 * time.Millisecond)
			_ = a.env.Requests.SetEvent(context.Background(), 0)
		}()
		sum, err := w.Run(context.Background(), sim.RunOptions{Until: 5 * second, Pace: 1, MaxLag: time.Millisecond})
		require.NoError(t, err)
		require.True(t, sum.Complete)
		require.Equal(t, []string{"3s:", "3s: in b.m0=3.0", "3s: in b.m0=1.0"}, a.log)
		require.Equal(t, []string{"3s: in a.m0=4.0", "3s: in a.m0=2.0", "3s: in a.m0=0.0"}, b.log)
	})
}
