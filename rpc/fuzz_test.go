package rpc_test

import (
	"context"
	"errors"
	"net"
	"testing"

	"github.com/simrun/simrun/channel"
	"github.com/simrun/simrun/codec"
	"github.com/simrun/simrun/rpc"
)

// Whatever a peer calls, it gets a result or a failure, and functions see only
// arguments of their types.
func FuzzServe(f *testing.F) {
	for _, c := range codecs {
		for _, content := range []any{
			[]any{"add", []any{1, 2.5}, codec.Object{}},
			[]any{"add", []any{1}, map[string]any{"b": 2}},
			[]any{"sub/list", []any{[]any{1, "x"}}, map[string]any{"m": map[string]any{"k": []any{nil}}}},
			[]any{"sub/proxy", []any{map[string]any{"__type__": []any{0, "a/b"}}}, codec.Object{}},
			[]any{"", nil, nil}, "x", nil, []any{"sub", []any{}, codec.Object{}},
		} {
			data, err := c.Append(nil, content)
			if err != nil { // the key __type__ is refused where types are known only
				f.Fatal(err)
			}
			f.Add(c == codec.JSON, data)
		}
	}
	var service rpc.Router
	service.Expose("add", add, "a", "b")
	service.Handle("fast", rpc.Func2(add))
	service.Expose("sub/list", func(_ context.Context, list []any, m map[string][]*int) (int, error) { return len(list) + len(m), nil }, "list", "m")
	service.Expose("sub/proxy", func(_ context.Context, p rpc.Proxy, rest rpc.Kwargs) (string, error) { return p.Path(), nil })
	f.Fuzz(func(t *testing.T, json bool, content []byte) {
		cfg := rpc.Config{Config: channel.Config{Codec: codec.MsgPack}, Service: &service}
		if json {
			cfg.Codec = codec.JSON
		}
		if _, err := cfg.Codec.Decode(content); err != nil {
			return // the channel ends the connection on such a frame
		}
		a, b := net.Pipe()
		client, err := rpc.New(a, cfg)
		if err != nil {
			t.Fatal(err)
		}
		server, err := rpc.New(b, cfg)
		if err != nil {
			t.Fatal(err)
		}
		_, err = client.Channel().Call(t.Context(), codec.Raw(content))
		if _, remote := errors.AsType[*channel.RemoteError](err); err != nil && !remote {
			t.Fatalf("%q: %v", content, err)
		}
		if err := errors.Join(client.Close(), server.Close()); err != nil {
			t.Fatal(err)
		}
	})
}
