package rpc_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/channel"
	"github.com/simrun/simrun/codec"
	"github.com/simrun/simrun/rpc"
)

// Where aiomas loses a frame, a reply or the connection, here the caller gets a
// failure that says why, and the connection goes on.
func TestFailuresThatAreAnswered(t *testing.T) {
	types, err := codec.NewTypes(codec.Date())
	require.NoError(t, err)
	var service rpc.Router
	service.Expose("take", func(context.Context, any) error { return nil })
	service.Expose("late", func(ctx context.Context) error {
		given, cancel := context.WithCancel(ctx)
		cancel()
		return given.Err()
	})
	service.Expose("panics", func(context.Context) error { panic("oops") })
	service.Expose("unawaited", func(ctx context.Context) (any, error) { return rpc.Go[any](ctx, rpc.Caller(ctx), "take", 1) })
	service.Expose("unencodable", func(context.Context) (any, error) { return func() {}, nil })
	service.Expose("strange", func(context.Context) (any, error) { return codec.Raw(`{"__type__": [9, 0]}`), nil })

	cfg := rpc.Config{Types: types, Service: &service}
	l, err := rpc.Listen("local://failures", cfg)
	require.NoError(t, err)
	accepted := make(chan *rpc.Conn, 1)
	go func() {
		c, err := l.Accept(context.Background())
		if err == nil {
			accepted <- c
		}
		close(accepted)
	}()
	client, err := rpc.Dial(t.Context(), "local://failures", cfg)
	require.NoError(t, err)
	server := <-accepted
	require.NotNil(t, server)
	for _, tt := range []struct {
		name   string
		path   string
		args   []any
		want   string
		atOurs bool // it is this side that does not understand the result
	}{
		{name: "an unknown type", path: "take", args: []any{codec.Raw(`{"__type__": [9, "x"]}`)}, want: "9"},
		{name: "a malformed type", path: "take", args: []any{codec.Raw(`{"__type__": 7}`)}, want: "__type__"},
		{name: "a bad date", path: "take", args: []any{codec.Raw(`{"__type__": [0, "yesterday"]}`)}, want: "time.Time"},
		{name: "a handler that was cancelled", path: "late", want: "context canceled"},
		{name: "a handler that panics", path: "panics", want: "RuntimeError: panics() panicked: oops"},
		{name: "a call that was not awaited", path: "unawaited", want: "SerializationError: its result: json: cannot encode $: the Go type rpc.Future[interface {}] has no JSON form"},
		{name: "a result that cannot be encoded", path: "unencodable", want: "cannot encode $: the Go type func() has no JSON form"},
		{name: "a result of an unknown type", path: "strange", want: "9", atOurs: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := client.Remote().Call(t.Context(), tt.path, tt.args...)
			require.ErrorContains(t, err, tt.want)
			if !tt.atOurs {
				require.ErrorAs(t, err, new(*channel.RemoteError))
			}
			_, err = client.Remote().Call(t.Context(), "take", 1)
			require.NoError(t, err)
		})
	}
	require.NoError(t, client.Close())
	require.NoError(t, server.Close())
	require.NoError(t, l.Close())
}
