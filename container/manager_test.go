package container_test

import (
	"context"
	"errors"
	"math"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/channel"
	"github.com/simrun/simrun/container"
	"github.com/simrun/simrun/rpc"
	"github.com/simrun/simrun/scheduler"
)

// kinds are the agents that the managers of tests can make.
func kinds() map[string]container.Spawner {
	return map[string]container.Spawner{
		"seller": func([]any, rpc.Kwargs) (container.Member, error) { return newSeller(), nil },
		"ticker": func(args []any, kwargs rpc.Kwargs) (container.Member, error) {
			if len(args) != 1 {
				return nil, &channel.RemoteError{Type: "TypeError", Message: "ticker wants a period"}
			}
			return newTicker(args[0].(float64), kwargs["peer"])
		},
	}
}

// ticker is an agent that does something after every period, and calls a peer then.
type ticker struct {
	container.Agent
	period time.Duration
	peer   any
	ticks  []float64
}

func newTicker(period float64, peer any) (*ticker, error) {
	a := &ticker{period: time.Duration(period * float64(time.Second)), peer: peer}
	a.Expose("ticks", func(context.Context) ([]float64, error) { return a.ticks, nil })
	return a, nil
}

func (a *ticker) Start(ctx context.Context) error {
	for {
		if err := a.Sleep(ctx, a.period); err != nil {
			return err
		}
		a.ticks = append(a.ticks, a.Now().Seconds())
		if peer, ok := a.peer.(string); ok {
			if _, err := a.Call(ctx, peer, "offer", 1); err != nil {
				return err
			}
			a.ticks = append(a.ticks, -a.Now().Seconds())
		}
	}
}

// A Go master drives a Go container, whose agents call others elsewhere.
func TestManager(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		market := newNode(t, "local://market", container.EndpointConfig{}, map[string]container.Member{"seller": newSeller()})
		slave := newSetNode(t, "local://slave", container.EndpointConfig{}, nil)
		var manager *container.Manager
		require.NoError(t, slave.clock.Do(ctx, func() (err error) {
			manager, err = container.AddManager(slave.c, slave.clock, kinds())
			return err
		}))
		boss := newNode(t, "", container.EndpointConfig{}, nil)
		_, err := container.ConnectManager(ctx, boss.e, "local://slave/1")
		require.ErrorContains(t, err, "ConnectionError: there is no agent")
		m, err := container.ConnectManager(ctx, boss.e, "local://slave/0")
		require.NoError(t, err)
		p, err := m.Spawn(ctx, "ticker", 2.0, rpc.Kwargs{"peer": "local://market/seller"})
		require.NoError(t, err)
		require.Equal(t, "local://slave/1", p.Address())
		require.NoError(t, m.SetTime(ctx, 5*scheduler.Second))
		ticks, err := container.Ask[[]float64](ctx, boss.e, p.Address(), "ticks")
		require.NoError(t, err)
		require.Equal(t, []float64{2, -2, 4, -4}, ticks)
		require.NoError(t, m.SetTime(ctx, 5*scheduler.Second))

		remote := func(err error, typ, message string) {
			t.Helper()
			var r *channel.RemoteError
			require.ErrorAs(t, err, &r)
			require.Equal(t, typ, r.Type)
			require.Contains(t, r.Message, message)
		}
		remote(m.SetTime(ctx, 4*scheduler.Second), "ValueError", "Time must be >= 5 but is 4")
		require.ErrorContains(t, m.SetTime(ctx, math.MaxInt64-1), "cannot be sent exactly")
		for _, seconds := range []float64{math.NaN(), math.Inf(1), 1e300, 0.1234567891} {
			_, err = container.Ask[any](ctx, boss.e, "local://slave/0", "set_time", seconds)
			remote(err, "ValueError", "a time of ")
		}
		_, err = container.Ask[any](ctx, boss.e, "local://slave/0", "set_time", rpc.Kwargs{"time": 6.5})
		require.NoError(t, err)
		require.Equal(t, 6500*scheduler.Millisecond, slave.c.Loop().Now())
		_, err = m.Spawn(ctx, "seler")
		remote(err, "LookupError", `no agent of kind "seler" can be spawned; did you mean "seller"?`)
		_, err = m.Spawn(ctx, "ticker")
		remote(err, "TypeError", "ticker wants a period")
		p, err = m.Spawn(ctx, "seller")
		require.NoError(t, err)
		require.Equal(t, "local://slave/2", p.Address())

		require.NoError(t, m.Stop(ctx))
		require.NoError(t, m.Stop(ctx))
		<-manager.Stopped()
		boss.close()
		slave.close()
		market.close()
	})
}

// The clock of a container that follows that on the wall cannot be set.
func TestManagerInRealTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		n := newNode(t, "", container.EndpointConfig{}, nil)
		require.NoError(t, n.clock.Do(ctx, func() error {
			_, err := container.AddManager(n.c, n.clock, nil)
			return err
		}))
		_, err := container.Ask[any](ctx, n.e, "0", "set_time", 1)
		require.ErrorContains(t, err, "ValueError: the clock of this container is that on the wall")
		n.close()
	})
}

// SetTime waits for answers from elsewhere that come at the same virtual time, but
// not for one that takes virtual time there.
func TestSetTimeWaitsForOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sellers := newSetNode(t, "local://sellers", container.EndpointConfig{}, map[string]container.Member{"seller": newSeller()})
		a, err := newTicker(1, sellerAt)
		require.NoError(t, err)
		var slept []scheduler.Time
		b := &caller{}
		b.start = func(ctx context.Context, b *caller) error {
			_, err := b.Call(ctx, sellerAt, "sleep", 2.5)
			slept = append(slept, b.Now())
			return err
		}
		buyers := newSetNode(t, "local://buyers", container.EndpointConfig{}, map[string]container.Member{"a": a, "b": b})
		require.Equal(t, 1*scheduler.Second, buyers.set(0))
		require.Equal(t, 2*scheduler.Second, buyers.set(scheduler.Second))
		require.Equal(t, []float64{1, -1}, a.ticks)
		require.Empty(t, slept)
		require.Equal(t, 4*scheduler.Second, buyers.set(3*scheduler.Second))
		require.Equal(t, []float64{1, -1, 2, -2, 3, -3}, a.ticks)
		require.Equal(t, scheduler.Never, sellers.set(10*scheduler.Second))
		require.Equal(t, 4*scheduler.Second, buyers.set(3*scheduler.Second))
		require.Equal(t, []scheduler.Time{3 * scheduler.Second}, slept)
		buyers.close()
		sellers.close()
	})
}

func TestAsk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		n := newNode(t, "local://here", container.EndpointConfig{}, map[string]container.Member{"seller": newSeller()})
		there := newNode(t, "local://sellers", container.EndpointConfig{}, map[string]container.Member{"seller": newSeller()})
		for _, agent := range []string{"seller", "local://here/seller", sellerAt} {
			price, err := container.Ask[float64](ctx, n.e, agent, "offer", 3)
			require.NoError(t, err)
			require.Equal(t, 6.0, price)
			_, err = container.Ask[string](ctx, n.e, agent, "offer", 3)
			require.ErrorContains(t, err, "the result: ")
			_, err = container.Ask[any](ctx, n.e, agent, "fail", rpc.Kwargs{"x": 1})
			var call *container.CallError
			require.ErrorAs(t, err, &call)
			require.Equal(t, "fail", call.Method)
			require.ErrorContains(t, err, "TypeError: ")
			_, err = container.Ask[any](ctx, n.e, agent, "offer", make(chan int))
			require.ErrorAs(t, err, &call)
			short, cancel := context.WithTimeout(ctx, time.Second)
			_, err = container.Ask[any](short, n.e, agent, "sleep", 10.0)
			require.ErrorIs(t, err, context.DeadlineExceeded)
			cancel()
		}
		_, err := container.Ask[any](ctx, n.e, "nobody", "offer")
		require.ErrorContains(t, err, `no agent "nobody"`)
		time.Sleep(time.Minute)
		n.close()
		_, err = container.Ask[any](ctx, n.e, "seller", "offer", 1)
		require.ErrorIs(t, err, container.ErrStopped)
		_, err = container.Ask[any](ctx, n.e, sellerAt, "offer", 1)
		require.ErrorIs(t, err, container.ErrStopped)
		there.close()
	})
}

// A shutdown lets open calls come to their ends, and refuses new ones.
func TestShutdown(t *testing.T) {
	pair(t, container.EndpointConfig{}, func(t *testing.T, buyers, sellers *node, b *buyer) {
		answered, refused := make(chan error, 1), make(chan error, 1)
		go buyers.do("buyer", func(ctx context.Context, _ inside) error {
			_, err := b.Call(ctx, sellerAt, "sleep", 10.0)
			answered <- err
			return nil
		})
		go func() {
			time.Sleep(5 * time.Second)
			buyers.do("buyer", func(ctx context.Context, _ inside) error {
				_, err := b.Call(ctx, sellerAt, "offer", 1)
				refused <- err
				return nil
			})
		}()
		synctest.Wait()
		require.NoError(t, sellers.e.Shutdown(context.Background()))
		require.NoError(t, <-answered)
		require.ErrorContains(t, <-refused, "RuntimeError: the container is leaving the network")
	})
}

// A shutdown that takes too long cancels what is left.
func TestShutdownAtOnce(t *testing.T) {
	pair(t, container.EndpointConfig{}, func(t *testing.T, buyers, sellers *node, b *buyer) {
		cut := make(chan error, 1)
		begun := time.Now()
		go buyers.do("buyer", func(ctx context.Context, _ inside) error {
			_, err := b.Call(ctx, sellerAt, "sleep", 100.0)
			cut <- err
			return nil
		})
		synctest.Wait()
		enough := errors.New("enough")
		ctx, cancel := context.WithTimeoutCause(context.Background(), 10*time.Second, enough)
		defer cancel()
		require.Equal(t, enough, sellers.e.Shutdown(ctx))
		require.ErrorIs(t, <-cut, channel.ErrPeerClosed)
		require.Equal(t, 10*time.Second, time.Since(begun))
		time.Sleep(time.Hour) // the callee ends its work for nobody
	})
}
