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

// external is a container whose clock is set from outside.
type external struct {
	c      *container.Container
	clock  *container.External
	cancel context.CancelFunc
	ended  chan error
}

// withExternal runs test beside a container, in a bubble with a clock that passes
// when everybody waits.
func withExternal(t *testing.T, prepare, test func(*external)) {
	synctest.Test(t, func(t *testing.T) {
		loop := scheduler.NewLoop(scheduler.Config{})
		x := &external{c: container.New(loop, "set"), clock: container.NewExternal(loop), ended: make(chan error, 1)}
		prepare(x)
		ctx, cancel := context.WithCancel(context.Background())
		x.cancel = cancel
		done := make(chan struct{})
		go func() {
			defer close(done)
			x.ended <- x.clock.Run(ctx)
		}()
		defer func() {
			cancel()
			<-done
			require.NoError(t, x.c.Close())
		}()
		test(x)
	})
}

func (x *external) add(t *testing.T, name string, start func(ctx context.Context, a *caller) error) {
	require.NoError(t, x.c.Add(name, &caller{start: start}))
}

// A jump past several times stops at each of them.
func TestSetTimeStepsThrough(t *testing.T) {
	var log []string
	withExternal(t, func(x *external) {
		x.add(t, "a", func(ctx context.Context, a *caller) error {
			return a.Every(ctx, 2*time.Second, func(context.Context) error { log = append(log, fmt.Sprint("a ", a.Now())); return nil })
		})
		x.add(t, "b", func(ctx context.Context, a *caller) error {
			for range 3 {
				if err := a.Sleep(ctx, 1500*time.Millisecond); err != nil {
					return err
				}
				log = append(log, fmt.Sprint("b ", a.Now()))
			}
			return nil
		})
	}, func(x *external) {
		ctx := context.Background()
		next, err := x.clock.SetTime(ctx, 0)
		require.NoError(t, err)
		require.Equal(t, 1500*scheduler.Millisecond, next)
		require.Equal(t, []string{"a 0s"}, log)
		next, err = x.clock.SetTime(ctx, 5*scheduler.Second)
		require.NoError(t, err)
		require.Equal(t, 6*scheduler.Second, next)
		require.Equal(t, []string{"a 0s", "b 1.5s", "a 2s", "b 3s", "a 4s", "b 4.5s"}, log)

		_, err = x.clock.SetTime(ctx, 4*scheduler.Second)
		var past *scheduler.PastError
		require.ErrorAs(t, err, &past)
		require.Equal(t, scheduler.PastError{Time: 4 * scheduler.Second, Now: 5 * scheduler.Second}, *past)
		_, err = x.clock.SetTime(ctx, scheduler.Never)
		require.ErrorContains(t, err, "cannot be set to never")
	})
}

// What enters happens at the present time; setting the clock to it once more waits
// until it is complete.
func TestSetTimeAgain(t *testing.T) {
	var agent *caller
	withExternal(t, func(x *external) {
		x.add(t, "a", func(_ context.Context, a *caller) error { agent = a; return nil })
	}, func(x *external) {
		ctx := context.Background()
		next, err := x.clock.SetTime(ctx, scheduler.Minute)
		require.NoError(t, err)
		require.Equal(t, scheduler.Never, next)
		time.Sleep(time.Hour) // it stands still
		rounds := 0
		require.NoError(t, x.clock.Do(ctx, func() error {
			return x.c.Notify(scheduler.Minute, "a", "work", func(ctx context.Context) error {
				for range 100 {
					if err := agent.Sleep(ctx, 0); err != nil {
						return err
					}
					rounds++
				}
				return agent.Sleep(ctx, time.Second)
			})
		}))
		next, err = x.clock.SetTime(ctx, scheduler.Minute)
		require.NoError(t, err)
		require.Equal(t, 61*scheduler.Second, next)
		require.Equal(t, 100, rounds)
	})
}

func TestSetTimeIsGivenUp(t *testing.T) {
	loop := scheduler.NewLoop(scheduler.Config{})
	clock := container.NewExternal(loop)
	short, cancel := context.WithCancelCause(context.Background())
	enough := errors.New("enough")
	cancel(enough)
	_, err := clock.SetTime(short, scheduler.Second) // nobody runs the loop
	require.ErrorIs(t, err, enough)
	require.ErrorContains(t, err, "set the clock to 1s")

	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- clock.Run(ctx) }()
	next, err := clock.SetTime(context.Background(), 0) // the other one is not made
	require.NoError(t, err)
	require.Equal(t, scheduler.Never, next)
	require.NoError(t, clock.Do(context.Background(), func() error { require.Zero(t, loop.Now()); return nil }))
	stop()
	require.NoError(t, <-ended)
	_, err = clock.SetTime(context.Background(), 0)
	require.ErrorIs(t, err, container.ErrStopped)
	require.ErrorContains(t, clock.Run(context.Background()), "Run was called before")
}

func TestSetTimeFails(t *testing.T) {
	withExternal(t, func(x *external) {
		x.add(t, "a", func(ctx context.Context, a *caller) error {
			require.ErrorContains(t, second(x.clock.SetTime(ctx, 5)), "called by an agent")
			if err := a.Sleep(ctx, time.Second); err != nil {
				return err
			}
			return errors.New("no power")
		})
	}, func(x *external) {
		_, err := x.clock.SetTime(context.Background(), scheduler.Minute)
		require.EqualError(t, err, `t=1s: "a": Start: no power`)
		require.Equal(t, err, <-x.ended)
		require.ErrorIs(t, x.clock.Do(context.Background(), nil), container.ErrStopped)
	})
}

// Masters take turns.
func TestSetTimeConcurrently(t *testing.T) {
	steps := 0
	withExternal(t, func(x *external) {
		x.add(t, "a", func(ctx context.Context, a *caller) error {
			return a.Every(ctx, time.Second, func(context.Context) error { steps++; return nil })
		})
	}, func(x *external) {
		var wait sync.WaitGroup
		for range 50 {
			wait.Go(func() {
				if _, err := x.clock.SetTime(context.Background(), scheduler.Minute); err != nil {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		require.Equal(t, 61, steps)
	})
}

func second[T any](_ T, err error) error { return err }
