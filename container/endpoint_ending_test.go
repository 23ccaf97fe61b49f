package container_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/container"
	"github.com/simrun/simrun/scheduler"
)

// An answer counts, also if the run ends just behind it.
func TestAnswerBeforeTheEnd(t *testing.T) {
	for range 100 {
		synctest.Test(t, func(t *testing.T) {
			var n *node
			s := newSeller()
			s.Expose("last", func(context.Context) (int, error) { n.stop(); return 7, nil })
			n = newSetNode(t, "", container.EndpointConfig{}, map[string]container.Member{"seller": s})
			synctest.Wait()
			last, err := container.Ask[int](t.Context(), n.e, "seller", "last")
			assert.NoError(t, err)
			assert.Equal(t, 7, last)
			require.NoError(t, <-n.ended)
			require.NoError(t, n.e.Shutdown(t.Context()))
			require.NoError(t, n.c.Close())
			require.NoError(t, n.c.Loop().Close())
		})
	}
}

// Who asks, and gives up, leaves nothing behind.
func TestAskIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNode(t, "", container.EndpointConfig{}, map[string]container.Member{"seller": newSeller()})
		enough := errors.New("enough")
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Minute, enough)
		defer cancel()
		_, err := container.Ask[float64](ctx, n.e, "seller", "sleep", 3600)
		require.ErrorIs(t, err, enough)
		require.EqualError(t, err, `agent "seller": sleep: enough`)
		synctest.Wait()
		require.NoError(t, n.clock.Do(t.Context(), func() error {
			assert.Empty(t, n.c.Waiting())
			return nil
		}))
		n.close()
	})
}

// Who asks an agent that is removed just then is told.
func TestAskOfAnAgentThatIsRemoved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNode(t, "", container.EndpointConfig{}, map[string]container.Member{"seller": newSeller()})
		hold, removed, asked := make(chan struct{}), make(chan error, 1), make(chan error, 1)
		go func() { _ = n.clock.Do(t.Context(), func() error { <-hold; return nil }) }() // so that the others come at once
		synctest.Wait()
		go func() {
			_, err := container.Ask[float64](t.Context(), n.e, "seller", "sleep", 1)
			asked <- err
		}()
		synctest.Wait()
		go func() { removed <- n.clock.Do(t.Context(), func() error { return n.c.Remove("seller") }) }()
		synctest.Wait()
		close(hold)
		require.NoError(t, <-removed)
		require.EqualError(t, <-asked, `agent "seller": sleep: the agent was removed from its container`)
		n.close()
	})
}

// What somebody outside asks another container is a call that may come to its end.
func TestShutdownWaitsForAsk(t *testing.T) {
	pair(t, container.EndpointConfig{}, func(t *testing.T, buyers, _ *node, _ *buyer) {
		asked := make(chan error, 1)
		go func() {
			_, err := container.Ask[float64](t.Context(), buyers.e, sellerAt, "sleep", 10)
			asked <- err
		}()
		synctest.Wait()
		require.NoError(t, buyers.e.Shutdown(t.Context()))
		require.NoError(t, <-asked)
		_, err := container.Ask[float64](t.Context(), buyers.e, sellerAt, "sleep", 10)
		require.ErrorIs(t, err, container.ErrShutdown)
	})
}

// A container that has left the network before its clock ran makes no connection.
func TestShutdownBeforeRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		loop := scheduler.NewLoop(scheduler.Config{})
		clock := container.NewExternal(loop)
		c := container.New(loop, "town")
		b := newBuyer()
		require.NoError(t, c.Add("buyer", b))
		e, err := container.Listen(c, clock, "local://town", container.EndpointConfig{})
		require.NoError(t, err)
		require.NoError(t, e.Shutdown(t.Context()))
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- clock.Run(ctx) }()
		called := make(chan error, 1)
		require.NoError(t, clock.Do(t.Context(), func() error {
			return c.Notify(0, "buyer", "test", func(ctx context.Context) error {
				_, err := b.Call(ctx, sellerAt, "offer", 1)
				called <- err
				return nil
			})
		}))
		require.ErrorIs(t, <-called, container.ErrShutdown)
		_, err = container.Ask[float64](t.Context(), e, sellerAt, "offer", 1)
		require.ErrorIs(t, err, container.ErrShutdown)
		stop()
		require.NoError(t, <-ended)
		require.NoError(t, c.Close())
	})
}
