package container_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/channel"
	"github.com/simrun/simrun/codec"
	"github.com/simrun/simrun/container"
	"github.com/simrun/simrun/rpc"
)

// ask calls a function of the node at "local://node".
func ask(t *testing.T, conn *channel.Conn, path string) *channel.Pending {
	t.Helper()
	reply, err := conn.Go(t.Context(), []any{path, []any{}, codec.Object{}})
	require.NoError(t, err)
	return reply
}

// standInNode makes a node with one agent and a connection to it.
func standInNode(t *testing.T, cfg container.EndpointConfig, method string, fn any) (*node, *callee, *channel.Conn) {
	t.Helper()
	a := &callee{}
	a.Expose(method, fn)
	n := newNode(t, "local://node", cfg, map[string]container.Member{"a": a})
	conn, err := channel.Dial(t.Context(), "local://node", cfg.Config)
	require.NoError(t, err)
	synctest.Wait() // the clock waits
	return n, a, conn
}

// What an agent puts off because a peer has called it happens in time, although the clock
// had nothing to wait for before.
func TestCallOfPeerBringsWhatIsDueSooner(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		done := make(chan time.Time, 1)
		var a *callee
		n, a, conn := standInNode(t, container.EndpointConfig{}, "later", container.Instant0(func() (any, error) {
			_, err := a.CallIn(time.Second, func(context.Context) error { done <- time.Now(); return nil })
			return nil, err
		}))
		begun := time.Now()
		_, err := ask(t, conn, "agents/a/later").Wait(t.Context())
		require.NoError(t, err)
		select {
		case at := <-done:
			require.Equal(t, time.Second, at.Sub(begun))
		case <-time.After(time.Hour):
			t.Error("it has not happened")
		}
		require.NoError(t, conn.Close())
		n.close()
	})
}

// The failure of what a peer has begun ends Run.
func TestCallOfPeerEndsRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, _, conn := standInNode(t, container.EndpointConfig{}, "fail", container.Instant0(func() (any, error) { panic(errors.New("broken")) }))
		_, err := ask(t, conn, "agents/a/fail").Wait(t.Context())
		require.ErrorContains(t, err, "broken")
		require.ErrorContains(t, <-n.ended, "broken")
		require.NoError(t, conn.Close())
		ended, cancel := context.WithCancel(context.Background())
		cancel()
		_ = n.e.Shutdown(ended) // nothing is open
		n.stop()
		require.NoError(t, n.c.Close())
		require.NoError(t, n.c.Loop().Close())
	})
}

// Services answer, also over the same connection, while an agent is busy.
func TestServicesAnswerWhileAgentsAreBusy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		free := make(chan struct{})
		var service rpc.Router
		service.Expose("free", func(context.Context) error { close(free); return nil })
		n, _, conn := standInNode(t, container.EndpointConfig{Service: &service}, "busy", container.Instant0(func() (any, error) { <-free; return nil, nil }))
		busy := ask(t, conn, "agents/a/busy")
		synctest.Wait()
		_, err := ask(t, conn, "free").Wait(t.Context())
		require.NoError(t, err)
		_, err = busy.Wait(t.Context())
		require.NoError(t, err)
		require.NoError(t, conn.Close())
		n.close()
	})
}

// A connection gives signs of life while an agent is busy.
func TestSignsOfLifeWhileAgentsAreBusy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := container.EndpointConfig{Config: channel.Config{Extended: true, KeepAlive: time.Second}}
		busy := time.Duration(0)
		n, _, conn := standInNode(t, cfg, "busy", container.Instant0(func() (any, error) { time.Sleep(busy); return nil, nil }))
		for _, busy = range []time.Duration{0, time.Minute} { // with the first call the connection comes into use
			_, err := ask(t, conn, "agents/a/busy").Wait(t.Context())
			require.NoError(t, err)
			synctest.Wait()
		}
		require.NoError(t, conn.Close())
		n.close()
	})
}
