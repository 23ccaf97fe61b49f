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

// pair connects two ends, each of which may serve.
func pair(t *testing.T, left, right channel.Config) (*channel.Conn, *channel.Conn) {
	t.Helper()
	a, b := net.Pipe()
	ca, cb := channel.New(a, left), channel.New(b, right)
	t.Cleanup(func() {
		require.NoError(t, ca.Close())
		require.NoError(t, cb.Close())
	})
	return ca, cb
}

// testRouter exposes add(a, b), kwargs(**kw) and sub/greet(name, *, loud=...).
func testRouter() *rpc.Router {
	var r rpc.Router
	r.Handle("add", func(_ context.Context, in *rpc.Invocation) (any, error) {
		if err := in.Expect(2, 2); err != nil {
			return nil, err
		}
		a, err := in.Int(0)
		if err != nil {
			return nil, err
		}
		b, err := in.Float(1)
		return float64(a) + b, err
	})
	r.Handle("kwargs", func(_ context.Context, in *rpc.Invocation) (any, error) {
		var names []string
		for _, m := range in.Kwargs {
			names = append(names, string(m.Key)+"="+string(m.Value))
		}
		return names, nil
	})
	r.Handle("sub/greet", func(_ context.Context, in *rpc.Invocation) (any, error) {
		if err := in.Expect(1, 2, "loud", "lang"); err != nil {
			return nil, err
		}
		name, err := in.String(0)
		if err != nil {
			return nil, err
		}
		loud, given := in.Kwarg("loud")
		return []any{name, string(loud), given}, nil
	})
	r.Handle("sub/value", func(_ context.Context, in *rpc.Invocation) (any, error) { return in.Value(0) })
	return &r
}

func TestCall(t *testing.T) {
	c, _ := pair(t, channel.Config{}, channel.Config{Handler: testRouter().Serve})
	for _, tt := range []struct {
		path   string
		args   []any
		kwargs codec.Object
		want   string
	}{
		{"add", []any{1, 2}, nil, "3.0"},
		{"kwargs", nil, codec.Object{{Key: "z", Value: 1}, {Key: "a", Value: codec.Raw(`1.50`)}}, `["z=1", "a=1.50"]`},
		{"sub/greet", []any{"you"}, nil, `["you", "", false]`},
		{"sub/greet", []any{"you"}, codec.Object{{Key: "loud", Value: true}}, `["you", "true", true]`},
		{"sub/greet", []any{"you"}, codec.Object{{Key: "loud", Value: 1}, {Key: "loud", Value: 2}}, `["you", "2", true]`},
		{"sub/value", []any{map[string]any{"a": 1}}, nil, `{"a": 1}`},
	} {
		got, err := c.Call(t.Context(), &rpc.Request{Path: tt.path, Args: tt.args, Kwargs: tt.kwargs})
		require.NoError(t, err, tt.path)
		require.Equal(t, tt.want, string(got))
	}
}

func TestCallErrors(t *testing.T) {
	c, _ := pair(t, channel.Config{}, channel.Config{Handler: testRouter().Serve})
	for _, tt := range []struct {
		path   string
		args   []any
		kwargs codec.Object
		want   string
	}{
		{"nope", nil, nil, `LookupError: Name "nope" not found in ""`},
		{"sub/nope", nil, nil, `LookupError: Name "nope" not found in "sub"`},
		{"sub/nope/x", nil, nil, `LookupError: Name "nope" not found in "sub"`},
		{"add/x", nil, nil, `LookupError: Name "x" not found in "add"`},
		{"", nil, nil, `LookupError: Name "" not found in ""`},
		{"/add", nil, nil, `LookupError: Name "" not found in ""`},
		{"sub", nil, nil, `TypeError: "sub" is not a function`},
		{"add", []any{1}, nil, `TypeError: add() takes 2 positional arguments but 1 were given`},
		{"add", []any{1, 2, 3}, nil, `TypeError: add() takes 2 positional arguments but 3 were given`},
		{"sub/greet", nil, nil, `TypeError: sub/greet() takes 1 to 2 positional arguments but 0 were given`},
		{"add", []any{1, 2}, codec.Object{{Key: "z", Value: 1}}, `TypeError: add() got an unexpected keyword argument 'z'`},
		{"add", []any{1.5, 2}, nil, `TypeError: add() argument 1: json: at byte 0: found the float 1.5 instead of an integer`},
		{"add", []any{1, "x"}, nil, `TypeError: add() argument 2: json: at byte 0: found a string instead of a number`},
		{"sub/value", nil, nil, `TypeError: sub/value() missing required positional argument 1`},
	} {
		_, err := c.Call(t.Context(), &rpc.Request{Path: tt.path, Args: tt.args, Kwargs: tt.kwargs})
		require.EqualError(t, err, tt.want, tt.path)
		var remote *channel.RemoteError
		require.ErrorAs(t, err, &remote)
	}
}

// What cannot be sent is named as the caller knows it.
func TestArgumentsThatCannotBeSent(t *testing.T) {
	client, _ := peers(t, rpc.Config{}, rpc.Config{})
	for want, args := range map[string][]any{
		`argument 2: json: cannot encode $: the Go type func() has no JSON form and is not registered (registered are: 0 rpc.Proxy)`:         {1, func() {}},
		`argument 1: json: cannot encode $[0]["a"]: the Go type func() has no JSON form and is not registered (registered are: 0 rpc.Proxy)`: {[]any{map[string]any{"a": func() {}}}},
		`argument ']"x': json: cannot encode $[1]: the Go type func() has no JSON form and is not registered (registered are: 0 rpc.Proxy)`:  {1, rpc.Kwargs{"a": 1, `]"x`: []any{1, func() {}}}},
	} {
		_, err := client.Remote().Call(t.Context(), "echo", args...)
		require.EqualError(t, err, want)
		_, err = rpc.Go[any](t.Context(), client.Remote(), "echo", args...)
		require.EqualError(t, err, want)
		require.EqualError(t, client.Remote().Begin(nil, "echo", args...), want)
		var e *codec.EncodeError
		require.ErrorAs(t, err, &e)
	}
}

// aiomas sends no reply to these; its caller waits for ever.
func TestMalformedRequestsAreAnswered(t *testing.T) {
	c, _ := pair(t, channel.Config{}, channel.Config{Handler: testRouter().Serve})
	for content, want := range map[string]string{
		`"x"`:                    `json: at byte 0: found a string instead of an array`,
		`null`:                   `json: at byte 0: found null instead of an array`,
		`["add"]`:                `found 1 items`,
		`["add", [], {}, 1]`:     `found 4 items`,
		`[7, [], {}]`:            `path: json: at byte 0: found an integer instead of a string`,
		`[null, [], {}]`:         `path: json: at byte 0: found null instead of a string`,
		`[["a"], [], {}]`:        `path: json: at byte 0: found an array instead of a string`,
		`["add", "ab", {}]`:      `args: json: at byte 0: found a string instead of an array`,
		`["add", {"x": 1}, {}]`:  `args: json: at byte 0: found an object instead of an array`,
		`["add", null, {}]`:      `args: json: at byte 0: found null instead of an array`,
		`["add", [], null]`:      `kwargs: json: at byte 0: found null instead of an object`,
		`["add", [], [["a",1]]]`: `kwargs: json: at byte 0: found an array instead of an object`,
	} {
		_, err := c.Call(t.Context(), codec.Raw(content))
		require.EqualError(t, err, "TypeError: malformed request: want [path, args, kwargs]: "+want, content)
	}
}

// Both ends serve on one connection: step asks its caller for the progress.
func TestCallBack(t *testing.T) {
	var orchestrator, simulator rpc.Router
	orchestrator.Handle("get_progress", func(context.Context, *rpc.Invocation) (any, error) { return 12.5, nil })
	simulator.Handle("step", func(ctx context.Context, in *rpc.Invocation) (any, error) {
		return in.Conn.Call(ctx, &rpc.Request{Path: "get_progress"})
	})
	c, _ := pair(t, channel.Config{Handler: orchestrator.Serve}, channel.Config{Handler: simulator.Serve, Workers: 1})
	got, err := c.Call(t.Context(), &rpc.Request{Path: "step", Args: []any{0}})
	require.NoError(t, err)
	require.Equal(t, "12.5", string(got))
}

func TestHandlePanicsOnBadPaths(t *testing.T) {
	nothing := func(context.Context, *rpc.Invocation) (any, error) { return nil, nil }
	var r rpc.Router
	r.Handle("a/b", nothing)
	for path, want := range map[string]string{
		"":     `rpc: malformed path "": want names separated by single slashes`,
		"/a":   `rpc: malformed path "/a": want names separated by single slashes`,
		"a/":   `rpc: malformed path "a/": want names separated by single slashes`,
		"a//b": `rpc: malformed path "a//b": want names separated by single slashes`,
		"a/b":  `rpc: two functions or services at path "a/b"`,
	} {
		require.PanicsWithValue(t, want, func() { r.Handle(path, nothing) })
	}
}

func TestRequestDoesNotAllocate(t *testing.T) {
	buf := make([]byte, 0, 1024)
	var r any = &rpc.Request{Path: "step", Args: []any{int64(900), codec.Raw(`{}`), int64(3600)}}
	got, err := codec.JSON.Append(buf, r)
	require.NoError(t, err)
	require.Equal(t, `["step", [900, {}, 3600], {}]`, string(got))
	require.Zero(t, testing.AllocsPerRun(100, func() { _, _ = codec.JSON.Append(buf, r) }))
}
