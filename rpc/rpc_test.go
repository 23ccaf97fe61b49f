package rpc_test

import (
	"context"
	"net"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/simrun/simrun/channel"
	"github.com/simrun/simrun/codec"
	"github.com/simrun/simrun/rpc"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// pair connects a client, which may serve too, with a router.
func pair(t *testing.T, client, server channel.Config) (*channel.Conn, *channel.Conn) {
	t.Helper()
	a, b := net.Pipe()
	ca, cb := channel.New(a, client), channel.New(b, server)
	t.Cleanup(func() {
		require.NoError(t, ca.Close())
		require.NoError(t, cb.Close())
	})
	return ca, cb
}

func TestCall(t *testing.T) {
	var r rpc.Router
	r.Handle("math/add", func(_ context.Context, in *rpc.Invocation) (any, error) {
		if err := in.Expect(2, 2); err != nil {
			return nil, err
		}
		a, err := in.Int(0)
		if err != nil {
			return nil, err
		}
		b, err := in.Int(1)
		return a + b, err
	})
	c, _ := pair(t, channel.Config{}, channel.Config{Handler: r.Serve})
	got, err := rpc.Call(t.Context(), c, "math/add", []any{1, 2}, nil)
	require.NoError(t, err)
	require.Equal(t, codec.Raw("3"), got)
	_, err = rpc.Call(t.Context(), c, "math/sub", []any{1, 2}, nil)
	require.EqualError(t, err, `LookupError: Name "sub" not found in "math"`)
}
