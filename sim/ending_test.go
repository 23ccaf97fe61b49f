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
	for range 50 {
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
