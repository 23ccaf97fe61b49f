package sim_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/sim"
)

// untilCancelled steps until the run is cancelled.
func untilCancelled(ctx context.Context, _ *fake, _ *sim.Step) (sim.Time, error) {
	<-ctx.Done()
	return 0, ctx.Err()
}

// TestInterruptionNamesAllWhoKeptTheRunWaiting: also if the run loop comes upon a step that
// has failed because of the interruption before it sees that itself.
func TestInterruptionNamesAllWhoKeptTheRunWaiting(t *testing.T) {
	for at := range 20 {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			w := newWorld(t)
			w.add("one", &fake{step: untilCancelled})
			w.add("other", &fake{step: untilCancelled})
			w.add("quick", &fake{step: every(second, func(_ *fake, s *sim.Step) {
				if s.Time() == sim.Time(at)*second { // the run loop makes this step itself, but for the first ones
					time.Sleep(19 * time.Second)
					cancel()
					time.Sleep(time.Millisecond)
				}
			})})
			_, err := w.Run(ctx, sim.RunOptions{Until: 100 * second})
			require.ErrorIs(t, err, sim.ErrInterrupted)
			require.ErrorContains(t, err, `t=0s: interrupted; simulator "one" had been in its step at 0s for 19s; simulator "other" had been in its step at 0s for 19s`)
		})
	}
}

// TestFailureBeforeAnInterruption: a run that has failed, and waits for a step that comes
// before, keeps its error when it is interrupted.
func TestFailureBeforeAnInterruption(t *testing.T) {
	for at := range 20 {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			w := newWorld(t)
			w.add("slow", &fake{step: untilCancelled})
			w.add("broken", &fake{step: func(_ context.Context, _ *fake, s *sim.Step) (sim.Time, error) {
				if s.Time() > 0 {
					return 0, errors.New("no power")
				}
				return 100 * second, nil
			}})
			w.add("quick", &fake{step: every(second, func(_ *fake, s *sim.Step) {
				time.Sleep(time.Microsecond) // the other one fails
				if s.Time() == sim.Time(at+5)*second {
					cancel()
					time.Sleep(time.Microsecond)
				}
			})})
			_, err := w.Run(ctx, sim.RunOptions{Until: 200 * second})
			require.EqualError(t, err, `t=100s: simulator "broken": step: no power`)
		})
	}
}

// TestRequestsAtTheEnd: a request from outside comes at any time, and those who show the
// run look at it.
func TestRequestsAtTheEnd(t *testing.T) {
	for range 10 {
		w := newWorld(t)
		f := w.add("a", &fake{typ: sim.Hybrid, step: every(second, nil)})
		w.add("b", &fake{step: untilCancelled})
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		stop := make(chan struct{})
		var outside sync.WaitGroup
		for range 2 {
			outside.Go(func() {
				for {
					select {
					case <-stop:
						return
					default:
					}
					_ = f.env.Requests.SetEvent(context.Background(), 3*second)
					if len(w.Stepping()) > 0 {
						cancel()
					}
				}
			})
		}
		_, err := w.Run(ctx, sim.RunOptions{Until: 5 * second, Pace: 2000})
		require.ErrorIs(t, err, sim.ErrInterrupted)
		close(stop)
		outside.Wait()
	}
}

// settingUp is a simulator whose SetupDone is a function.
type settingUp struct {
	*fake
	setupDone func(ctx context.Context) error
}

func (s settingUp) SetupDone(ctx context.Context) error { return s.setupDone(ctx) }

func hangingSetup(ctx context.Context) error {
	<-ctx.Done()
	return context.Cause(ctx)
}

// TestSetupIsInterrupted: it is the run that is, not a simulator that fails.
func TestSetupIsInterrupted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		for _, name := range []string{"one", "other"} {
			_, err := w.Add(t.Context(), name, settingUp{&fake{}, hangingSetup}, sim.AddOptions{})
			require.NoError(t, err)
		}
		enough := errors.New("enough")
		ctx, cancel := context.WithTimeoutCause(t.Context(), 20*time.Second, enough)
		defer cancel()
		sum, err := w.Run(ctx, sim.RunOptions{Until: 5 * second})
		require.EqualError(t, err, `t=0s: interrupted: enough; simulator "one" had been in setup_done for 20s; simulator "other" had been in setup_done for 20s`)
		require.ErrorIs(t, err, sim.ErrInterrupted)
		require.ErrorIs(t, err, enough)
		require.Zero(t, sum.Reached)
	})
}

// TestSetupThatFailsDoesNotWait for ever until another one has come to its end.
func TestSetupThatFailsDoesNotWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		fail := func(text string, after time.Duration) func(context.Context) error {
			return func(context.Context) error { time.Sleep(after); return errors.New(text) }
		}
		for name, do := range map[string]func(context.Context) error{"b": fail("no licence", 0), "c": hangingSetup, "d": fail("no data", 4*time.Second)} {
			_, err := w.Add(t.Context(), name, settingUp{&fake{}, do}, sim.AddOptions{})
			require.NoError(t, err)
		}
		began := time.Now()
		_, err := w.Run(t.Context(), sim.RunOptions{Until: 5 * second})
		require.ErrorContains(t, err, `simulator "b": setup_done: no licence`)
		require.ErrorContains(t, err, `simulator "d": setup_done: no data`)
		require.NotContains(t, err.Error(), `simulator "c"`)
		require.Equal(t, 5*time.Second, time.Since(began))
	})
}
