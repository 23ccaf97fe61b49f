package container_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/container"
	"github.com/simrun/simrun/scheduler"
)

// live is a container whose loop follows the clock on the wall.
type live struct {
	c      *container.Container
	rt     *container.RealTime
	begin  time.Time
	cancel context.CancelFunc
	ended  chan struct{}
	lag    time.Duration
	err    error
}

// inRealTime runs test beside a container in real time, in a bubble with a clock
// that passes when everybody waits.
func inRealTime(t *testing.T, factor float64, prepare func(*live), test func(*live)) {
	synctest.Test(t, func(t *testing.T) {
		loop := scheduler.NewLoop(scheduler.Config{})
		rt, err := container.NewRealTime(loop, factor)
		require.NoError(t, err)
		l := &live{c: container.New(loop, "live"), rt: rt, begin: time.Now(), ended: make(chan struct{})}
		prepare(l)
		ctx, cancel := context.WithCancel(context.Background())
		l.cancel = cancel
		go func() {
			defer close(l.ended)
			l.lag, l.err = rt.Run(ctx)
		}()
		defer func() {
			cancel()
			<-l.ended
			require.NoError(t, l.c.Close())
		}()
		test(l)
	})
}

// passed returns the real time since the beginning.
func (l *live) passed() time.Duration { return time.Since(l.begin) }

func add(t *testing.T, l *live, name string, start func(ctx context.Context, a *caller) error) *caller {
	a := &caller{start: start}
	require.NoError(t, l.c.Add(name, a))
	return a
}

func TestRealTimeFollowsTheWallClock(t *testing.T) {
	var log []string
	inRealTime(t, 2, func(l *live) {
		add(t, l, "a", func(ctx context.Context, a *caller) error {
			for _, d := range []time.Duration{10 * time.Second, 2 * time.Second, 48 * time.Second} {
				if err := a.Sleep(ctx, d); err != nil {
					return err
				}
				log = append(log, fmt.Sprintf("%v after %v", a.Now(), l.passed()))
				if a.Now() == 10*scheduler.Second {
					time.Sleep(3 * time.Second) // a computation that takes real time
				}
			}
			return nil
		})
	}, func(l *live) {
		time.Sleep(time.Hour)
		l.cancel()
		<-l.ended
		require.NoError(t, l.err)
		require.Equal(t, 2*time.Second, l.lag)
	})
	// The sleep that is due after 6s ends late; the one after it does not.
	require.Equal(t, []string{"10s after 5s", "12s after 8s", "60s after 30s"}, log)
}

// What comes from outside happens at the present, between the agents' events, and
// what it begins happens before the next of these.
func TestRealTimeDo(t *testing.T) {
	var log []string
	note := func(l *live, a *caller, what string) {
		log = append(log, fmt.Sprintf("%v after %v: %s", a.Now(), l.passed(), what))
	}
	var a *caller
	inRealTime(t, 10, func(l *live) {
		a = add(t, l, "a", func(ctx context.Context, a *caller) error {
			return a.Every(ctx, time.Minute, func(context.Context) error { note(l, a, "every minute"); return nil })
		})
	}, func(l *live) {
		time.Sleep(7 * time.Second)
		answer := make(chan scheduler.Time, 1)
		require.NoError(t, l.rt.Do(context.Background(), func() error {
			note(l, a, "from outside")
			return l.c.Notify(a.Now(), "a", "remote", func(ctx context.Context) error {
				if err := a.Sleep(ctx, 10*time.Second); err != nil {
					return err
				}
				note(l, a, "done")
				answer <- a.Now()
				return nil
			})
		}))
		require.Equal(t, 80*scheduler.Second, <-answer)
		require.Equal(t, 8*time.Second, l.passed())
		time.Sleep(5 * time.Second)
		require.EqualError(t, l.rt.Do(context.Background(), func() error { return l.c.Remove("b") }),
			`no agent "b" in container "live"; did you mean "a"?`)
		require.ErrorContains(t, l.rt.Do(context.Background(), func() error { panic("oh") }), "panic: oh (realtime_test.go:")
		require.NoError(t, l.rt.Do(context.Background(), func() error { return l.c.Remove("a") }))
		time.Sleep(time.Hour)
	})
	require.Equal(t, []string{"0s after 0s: every minute", "60s after 6s: every minute", "70s after 7s: from outside",
		"80s after 8s: done", "120s after 12s: every minute"}, log)
}

// A loop in which nothing is to happen waits for what comes from outside.
func TestRealTimeWithNothingToDo(t *testing.T) {
	inRealTime(t, 1, func(*live) {}, func(l *live) {
		time.Sleep(time.Hour)
		started := make(chan scheduler.Time, 1)
		require.NoError(t, l.rt.Do(context.Background(), func() error {
			add(t, l, "a", func(_ context.Context, a *caller) error { started <- a.Now(); return nil })
			return nil
		}))
		require.Equal(t, scheduler.Hour, <-started)
	})
}

// Many goroutines outside; every errand is done once, one at a time.
func TestRealTimeDoConcurrently(t *testing.T) {
	inRealTime(t, 1, func(l *live) {
		add(t, l, "a", func(ctx context.Context, a *caller) error {
			return a.Every(ctx, time.Millisecond, func(context.Context) error { return nil })
		})
	}, func(l *live) {
		done := 0 // without a lock: the race detector looks
		var wait sync.WaitGroup
		for range 50 {
			wait.Go(func() {
				for range 20 {
					if err := l.rt.Do(context.Background(), func() error { done++; return nil }); err != nil {
						t.Error(err)
					}
					time.Sleep(500 * time.Microsecond)
				}
			})
		}
		wait.Wait()
		require.NoError(t, l.rt.Do(context.Background(), func() error {
			require.Equal(t, 1000, done)
			return nil
		}))
	})
}

func TestRealTimeEnds(t *testing.T) {
	var seen error
	inRealTime(t, 1, func(l *live) {
		add(t, l, "a", func(ctx context.Context, a *caller) error {
			require.ErrorContains(t, l.rt.Do(ctx, func() error { return nil }), "inside the loop already")
			seen = a.Sleep(ctx, time.Hour)
			return seen
		})
	}, func(l *live) {
		time.Sleep(time.Second)
		l.cancel()
		<-l.ended
		require.NoError(t, l.err, "a shutdown is no error")
		require.NoError(t, seen, "the agent sleeps until the container is closed")
		require.ErrorIs(t, l.rt.Do(context.Background(), func() error { t.Error("must not be done"); return nil }), container.ErrStopped)
		_, err := l.rt.Run(context.Background())
		require.EqualError(t, err, "Run was called before; make another clock to go on")
	})
	require.ErrorIs(t, seen, scheduler.ErrClosed)
}

// What is due at the time of a shutdown is completed.
func TestRealTimeCompletesWhatHasBegun(t *testing.T) {
	rounds := 0
	inRealTime(t, 1, func(l *live) {
		add(t, l, "a", func(ctx context.Context, a *caller) error {
			if err := a.Sleep(ctx, time.Second); err != nil {
				return err
			}
			l.cancel()
			for range 1000 {
				if err := a.Sleep(ctx, 0); err != nil {
					return err
				}
				rounds++
			}
			return nil
		})
	}, func(l *live) {
		<-l.ended
		require.NoError(t, l.err)
		require.Equal(t, 1000, rounds)
	})
}

func TestRealTimeFails(t *testing.T) {
	inRealTime(t, 1, func(l *live) {
		add(t, l, "a", func(ctx context.Context, a *caller) error {
			if err := a.Sleep(ctx, time.Second); err != nil {
				return err
			}
			return errors.New("no power")
		})
	}, func(l *live) {
		<-l.ended
		require.EqualError(t, l.err, `t=1s: "a": Start: no power`)
		require.ErrorIs(t, l.rt.Do(context.Background(), nil), container.ErrStopped)
	})
}

func TestDoIsCancelled(t *testing.T) {
	rt, err := container.NewRealTime(scheduler.NewLoop(scheduler.Config{}), 1)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	require.ErrorIs(t, rt.Do(ctx, func() error { t.Error("must not be done"); return nil }), context.Canceled)
}

// In slow motion the next event may be further away than a time.Duration.
func TestRealTimeDoesNotOverflow(t *testing.T) {
	inRealTime(t, 1e-12, func(l *live) {
		add(t, l, "a", func(ctx context.Context, a *caller) error { return a.Sleep(ctx, 1000*time.Hour) })
	}, func(l *live) {
		time.Sleep(100 * 24 * time.Hour)
		require.NoError(t, l.rt.Do(context.Background(), func() error { return nil }))
	})
}

func TestRealTimeChecksItsFactor(t *testing.T) {
	for _, factor := range []float64{0, -1} {
		_, err := container.NewRealTime(scheduler.NewLoop(scheduler.Config{}), factor)
		require.ErrorContains(t, err, "give a positive one")
	}
}

// The agents' code is the same on a real-time clock: here one day in a
// hundredth of a second. Goroutines outside enter by Do.
func ExampleRealTime() {
	loop := scheduler.NewLoop(scheduler.Config{})
	home := container.New(loop, "home")
	defer home.Close()
	a := &callee{}
	if err := home.Add("heating", a); err != nil {
		fmt.Println(err)
	}
	clock, err := container.NewRealTime(loop, 24*3600*100)
	if err != nil {
		fmt.Println(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() {
		_, err := clock.Run(ctx)
		ended <- err
	}()

	warm := make(chan time.Duration)
	err = clock.Do(ctx, func() error {
		begin := a.Now()
		_, err := a.CallIn(time.Hour, func(context.Context) error {
			warm <- a.Now().Sub(begin)
			return nil
		})
		return err
	})
	if err != nil {
		fmt.Println(err)
	}
	fmt.Println("warm after", <-warm)
	cancel()
	fmt.Println("ended with", <-ended)
	// Output:
	// warm after 1h0m0s
	// ended with <nil>
}
