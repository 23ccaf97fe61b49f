//go:build !race

package rpc_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/channel"
	"github.com/simrun/simrun/rpc"
)

// In steady state a small call makes two pieces of garbage on each side at most.
func TestAllocations(t *testing.T) {
	var service rpc.Router
	service.Handle("agents/0/add", rpc.Func2(add))
	for _, c := range codecs {
		cfg := rpc.Config{Config: channel.Config{Codec: c}, Service: &service}
		l, err := rpc.Listen("tcp://127.0.0.1:0", cfg)
		require.NoError(t, err)
		client, err := rpc.Dial(t.Context(), l.Addr(), cfg)
		require.NoError(t, err)
		server, err := l.Accept(t.Context())
		require.NoError(t, err)
		ctx, agent := t.Context(), client.Remote().Get("agents/0")
		allocs := testing.AllocsPerRun(2000, func() {
			if _, err := rpc.Call[float64](ctx, agent, "add", 3, 4); err != nil {
				t.Error(err)
			}
		})
		require.LessOrEqual(t, allocs, 4.0, c.Name())
		require.NoError(t, client.Close())
		require.NoError(t, server.Close())
		require.NoError(t, l.Close())
	}
}
