package container_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/channel"
	"github.com/simrun/simrun/container"
	"github.com/simrun/simrun/scheduler"
)

// explosive is an agent with a method that panics after a while.
func explosive() *callee {
	a := &callee{}
	a.Expose("explode", func(ctx context.Context) error {
		if err := a.Sleep(ctx, time.Hour); err != nil {
			return err
		}
		panic("bang")
	})
	return a
}

// Whoever waits for an answer when an agent fails is told why there is none: peers,
// goroutines outside, and who sets the clock. So is who comes later.
func TestFailedRunTellsWhy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		const reason = `^nobody runs the loop any more: t=3600s: "bomb": explode: panic: bang \(failed_run_test\.go:\d+\)$`
		n := newSetNode(t, "local://mine", container.EndpointConfig{}, map[string]container.Member{"bomb": explosive()})
		require.NoError(t, n.clock.Do(ctx, func() error {
			_, err := container.AddManager(n.c, n.clock, nil)
			return err
		}))
		boss := newNode(t, "", container.EndpointConfig{}, nil)
		m, err := container.ConnectManager(ctx, boss.e, "local://mine/0")
		require.NoError(t, err)

		there, here := make(chan error, 1), make(chan error, 1)
		go func() {
			_, err := container.Ask[any](ctx, boss.e, "local://mine/bomb", "explode")
			there <- err
		}()
		synctest.Wait()
		go func() {
			_, err := container.Ask[any](ctx, n.e, "bomb", "explode")
			here <- err
		}()
		synctest.Wait()

		set := m.SetTime(ctx, 2*scheduler.Hour)
		for _, err := range []error{set, <-there} {
			var remote *channel.RemoteError
			require.ErrorAs(t, err, &remote)
			require.Equal(t, "RuntimeError", remote.Type)
			require.Regexp(t, reason, remote.Message)
		}
		_, late := container.Ask[any](ctx, n.e, "bomb", "explode")
		for _, err := range []error{<-here, late} {
			require.ErrorIs(t, err, container.ErrStopped)
			require.ErrorAs(t, err, new(*scheduler.PanicError))
			require.Regexp(t, strings.TrimPrefix(reason, "^"), err.Error())
		}
		_, late = container.Ask[any](ctx, boss.e, "local://mine/bomb", "explode")
		require.Regexp(t, strings.TrimPrefix(reason, "^"), late.Error())

		require.ErrorAs(t, <-n.ended, new(*scheduler.EventError))
		require.NoError(t, n.e.Shutdown(ctx))
		require.NoError(t, n.c.Close())
		require.NoError(t, n.c.Loop().Close())
		boss.close()
	})
}
