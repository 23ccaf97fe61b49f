package rpc_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/channel"
	"github.com/simrun/simrun/codec"
	"github.com/simrun/simrun/rpc"
)

// peers connects two ends.
func peers(t testing.TB, left, right rpc.Config) (*rpc.Conn, *rpc.Conn) {
	a, b := net.Pipe()
	l, err := rpc.New(a, left)
	require.NoError(t, err)
	r, err := rpc.New(b, right)
	require.NoError(t, err)
	t.Cleanup(func() {
		require.NoError(t, l.Close())
		require.NoError(t, r.Close())
	})
	return l, r
}

func add(_ context.Context, a, b float64) (float64, error) { return a + b, nil }

var codecs = []codec.Codec{codec.JSON, codec.MsgPack}

func forEachCodec(t *testing.T, f func(t *testing.T, c codec.Codec)) {
	for _, c := range codecs {
		t.Run(c.Name(), func(t *testing.T) { f(t, c) })
	}
}

type offer struct {
	Price  float64 `codec:"price"`
	Amount int     `codec:"amount"`
}

func TestTypedCalls(t *testing.T) {
	forEachCodec(t, func(t *testing.T, c codec.Codec) {
		types, err := codec.NewTypes(codec.Date(), codec.Struct[offer]())
		require.NoError(t, err)
		var service rpc.Router
		service.Expose("add", add, "a", "b")
		service.Handle("fast/add", rpc.Func2(add))
		service.Expose("greet", func(_ context.Context, name string, more ...string) (string, error) {
			return fmt.Sprint(name, more), nil
		}, "name", "more")
		service.Expose("later", func(_ context.Context, t time.Time, d int) (time.Time, error) { return t.AddDate(0, 0, d), nil })
		service.Expose("twice", func(_ context.Context, o offer) (offer, error) { return offer{2 * o.Price, 2 * o.Amount}, nil })
		service.Expose("sum", func(_ context.Context, m map[string][]int) (n int, err error) {
			for _, list := range m {
				for _, i := range list {
					n += i
				}
			}
			return n, nil
		})
		service.Expose("rest", func(_ context.Context, a int, rest rpc.Kwargs) (map[string]any, error) {
			rest["a"] = a
			return rest, nil
		}, "a")
		service.Expose("all", func(_ context.Context, a int, named rpc.Kwargs, more ...any) (any, error) {
			return []any{a, named, more}, nil
		}, "a", "more")
		service.Expose("nothing", func(context.Context) error { return nil })
		service.Expose("raw", func(_ context.Context, v codec.Raw) (codec.Raw, error) { return v, nil })
		service.Expose("fail", func(_ context.Context, text string) error { return errors.New(text) })
		service.Expose("crash", func(_ context.Context, i int) (int, error) { return []int{1}[i], nil })
		client, _ := peers(t, rpc.Config{Config: channel.Config{Codec: c}, Types: types}, rpc.Config{Config: channel.Config{Codec: c}, Types: types, Service: &service})
		ctx, remote := t.Context(), client.Remote()

		sum, err := rpc.Call[float64](ctx, remote, "add", 3, 4)
		require.NoError(t, err)
		require.Equal(t, 7.0, sum)
		sum, err = rpc.Call[float64](ctx, remote, "add", 3, rpc.Kwargs{"b": 4.5})
		require.NoError(t, err)
		require.Equal(t, 7.5, sum)
		sum, err = rpc.Call[float64](ctx, remote.Get("fast"), "add", math.Inf(1), 4)
		require.NoError(t, err)
		require.True(t, math.IsInf(sum, 1))
		text, err := rpc.Call[string](ctx, remote.Get("greet"), "", "you", "and", "me")
		require.NoError(t, err)
		require.Equal(t, "you[and me]", text)
		day := time.Date(2026, 2, 28, 12, 0, 0, 0, time.UTC)
		next, err := rpc.Call[time.Time](ctx, remote, "later", day, 1)
		require.NoError(t, err)
		require.Equal(t, time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), next)
		o, err := rpc.Call[offer](ctx, remote, "twice", offer{1.5, 2})
		require.NoError(t, err)
		require.Equal(t, offer{3, 4}, o)
		n, err := rpc.Call[int](ctx, remote, "sum", map[string]any{"x": []int{1, 2}, "y": []int{3}})
		require.NoError(t, err)
		require.Equal(t, 6, n)
		rest, err := rpc.Call[map[string]int](ctx, remote, "rest", 1, rpc.Kwargs{"z": 26, "b": 2})
		require.NoError(t, err)
		require.Equal(t, map[string]int{"a": 1, "b": 2, "z": 26}, rest)
		all, err := rpc.Call[[]any](ctx, remote, "all", 1, 2, "x", rpc.Kwargs{"b": 2})
		require.NoError(t, err)
		require.Equal(t, []any{int64(1), codec.Object{{Key: "b", Value: int64(2)}}, []any{int64(2), "x"}}, all)
		v, err := remote.Call(ctx, "nothing")
		require.NoError(t, err)
		require.Nil(t, v)
		raw, err := rpc.Call[codec.Raw](ctx, remote, "raw", []any{1, nil})
		require.NoError(t, err)
		list, err := c.Decode(raw)
		require.NoError(t, err)
		require.Equal(t, []any{int64(1), nil}, list)

		for _, tt := range []struct {
			name string
			args []any
			want string
		}{
			{"add", []any{1}, `TypeError: add() takes the arguments (a float64, b float64); 1 were given`},
			{"add", []any{1, 2, 3}, `TypeError: add() takes the arguments (a float64, b float64); 3 were given`},
			{"add", []any{1, "x"}, `TypeError: add() argument 2 ('b'): found the string "x" instead of the Go type float64`},
			{"add", []any{1, rpc.Kwargs{"c": 1}}, `TypeError: add() got an unexpected keyword argument 'c'`},
			{"add", []any{1, rpc.Kwargs{"a": 1}}, `TypeError: add() got multiple values for argument 'a'`},
			{"rest", []any{rpc.Kwargs{"b": 1}}, `TypeError: rest() missing argument 1 ('a')`},
			{"greet", []any{"x", "y", 3}, `TypeError: greet() argument 3 ('more'): found an integer instead of the Go type string`},
			{"sum", []any{map[string]any{"x": []any{1, true}}}, `TypeError: sum() argument 1: `},
			{"twice", []any{1}, `TypeError: twice() argument 1: found an integer instead of the Go type rpc_test.offer`},
			{"fail", []any{"no\nway"}, "way"},
			{"crash", []any{1}, `RuntimeError: crash() panicked: runtime error: index out of range [1] with length 1`},
			{"fast", nil, `TypeError: "fast" is not a function`},
			{"fast/add", []any{1, nil}, `TypeError: fast/add() argument 2: `},
			{"fast/sub", nil, `LookupError: Name "sub" not found in "fast"`},
			{"offer", nil, `LookupError: Name "offer" not found in ""`},
		} {
			_, err := remote.Call(ctx, tt.name, tt.args...)
			require.ErrorContains(t, err, tt.want, tt.name)
			require.ErrorAs(t, err, new(*channel.RemoteError))
		}
		_, err = rpc.Call[int](ctx, remote, "add", 1, 2)
		require.ErrorContains(t, err, "found a float instead of the Go type int")
	})
}

// counter is a service of a struct: one of its two exported methods can be called.
type counter struct{ n int }

func (c *counter) Increase(_ context.Context, by int) (int, error) { c.n += by; return c.n, nil }
func (c *counter) Secret(context.Context) error                    { return nil }

func TestServicesComeAndGo(t *testing.T) {
	var service rpc.Router
	sub := rpc.Methods(&counter{}, map[string]string{"inc": "Increase"})
	service.Mount("a/b", sub)
	client, _ := peers(t, rpc.Config{}, rpc.Config{Service: &service})
	call := func(path string) error {
		_, err := client.Remote().Call(t.Context(), path, 1)
		return err
	}
	require.NoError(t, call("a/b/inc"))
	for _, path := range []string{"a/b/Secret", "a/b/secret", "a/b/Increase", "a/b/n", "a/b/inc/x"} {
		require.ErrorContains(t, call(path), "LookupError", path)
	}
	root, path := sub.Path()
	require.Same(t, &service, root)
	require.Equal(t, "a/b", path)
	require.False(t, service.Remove("a/c"))
	require.False(t, service.Remove("x/y"))
	require.True(t, service.Remove("a/b"))
	require.ErrorContains(t, call("a/b/inc"), `Name "b" not found in "a"`)
	service.Mount("c", sub)
	require.NoError(t, call("c/inc"))
	require.True(t, sub.Remove("inc"))
	require.ErrorContains(t, call("c/inc"), `Name "inc" not found in "c"`)
	service.Expose("d", func(context.Context, int) error { return nil })
	require.NoError(t, call("d"))
	require.Equal(t, []string{"a", "c", "d"}, service.Names())

	for want, f := range map[string]func(){
		`rpc: two functions or services at path "c"`:                              func() { service.Mount("c", new(rpc.Router)) },
		`rpc: the service for "e" is part of another one already, as "c"`:         func() { service.Mount("e", sub) },
		`rpc: a service cannot contain itself (at "x")`:                           func() { sub.Mount("x", &service) },
		`rpc: path "d/x" leads through the function "d"`:                          func() { service.Expose("d/x", add) },
		`rpc: expose "x": *rpc_test.counter has no method Decrease`:               func() { rpc.Methods(&counter{}, map[string]string{"x": "Decrease"}) },
		`rpc: expose "x": the first parameter of func() is not a context.Context`: func() { service.Expose("x", func() {}) },
	} {
		require.PanicsWithValue(t, want, f)
	}
}

// Services travel as their paths and become proxies that are called back over
// the same connection; the numbers and bytes are those of aiomas.
func TestProxies(t *testing.T) {
	forEachCodec(t, func(t *testing.T, c codec.Codec) {
		var mine, child, theirs, grandchild rpc.Router
		mine.Expose("name", func(_ context.Context, x int) (string, error) { return fmt.Sprint("n", x), nil }, "x")
		child.Expose("name", func(context.Context, int) (string, error) { return "child", nil })
		mine.Mount("sub/child", &child)
		var seen []rpc.Proxy
		theirs.Expose("cb", func(ctx context.Context, p rpc.Proxy) (string, error) {
			seen = append(seen, p)
			if p.Conn() != rpc.Caller(ctx).Conn() {
				return "", errors.New("not the caller's connection")
			}
			return rpc.Call[string](ctx, p, "name", 1)
		})
		theirs.Mount("a/b", &grandchild)
		grandchild.Expose("me", func(context.Context) (any, error) { return []any{&theirs, &grandchild}, nil })
		theirs.Expose("back", func(_ context.Context, p rpc.Proxy) (rpc.Proxy, error) { return p, nil })
		theirs.Expose("stranger", func(context.Context) (*rpc.Router, error) { return new(rpc.Router), nil })
		var frames []string
		trace := func(_ channel.Direction, payload []byte) { frames = append(frames, string(payload)) }
		client, _ := peers(t, rpc.Config{Config: channel.Config{Codec: c, OnFrame: trace}, Service: &mine}, rpc.Config{Config: channel.Config{Codec: c}, Service: &theirs})
		ctx := t.Context()

		got, err := rpc.Call[string](ctx, client.Remote(), "cb", &mine)
		require.NoError(t, err)
		require.Equal(t, "n1", got)
		if c.Name() == "json" {
			require.Equal(t, []string{
				`[0, 0, ["cb", [{"__type__": [0, ""]}], {}]]`, `[0, 0, ["name", [1], {}]]`, `[1, 0, "n1"]`, `[1, 0, "n1"]`,
			}, frames)
		}
		for range 2 {
			got, err = rpc.Call[string](ctx, client.Remote(), "cb", &child)
			require.NoError(t, err)
			require.Equal(t, "child", got)
		}
		require.Equal(t, "sub/child", seen[1].Path())
		require.True(t, seen[1] == seen[2])
		require.False(t, seen[0] == seen[1])

		list, err := rpc.Call[[]rpc.Proxy](ctx, client.Remote(), "a/b/me")
		require.NoError(t, err)
		require.Equal(t, []rpc.Proxy{client.Remote(), client.Remote().Get("a/b")}, list)

		_, err = client.Remote().Call(ctx, "back", &mine)
		require.ErrorContains(t, err, "cannot be passed on")
		_, err = client.Remote().Call(ctx, "cb", client.Remote())
		require.ErrorContains(t, err, "cannot be passed on")
		_, err = client.Remote().Call(ctx, "stranger")
		require.ErrorContains(t, err, "is not part of the one that this connection serves")
		_, err = client.Remote().Call(ctx, "cb", new(rpc.Router))
		require.ErrorContains(t, err, "is not part of the one that this connection serves")
	})
}

// After the user's types, proxies have the next number.
func TestProxyNumber(t *testing.T) {
	types, err := codec.NewTypes(codec.Date(), codec.Struct[offer]())
	require.NoError(t, err)
	var service rpc.Router
	var last string
	client, _ := peers(t, rpc.Config{Types: types, Service: &service, Config: channel.Config{OnFrame: func(d channel.Direction, p []byte) {
		if d == channel.Sent {
			last = string(p)
		}
	}}}, rpc.Config{})
	_, err = client.Remote().Call(t.Context(), "x", &service)
	require.ErrorContains(t, err, "this side of the connection serves no requests")
	require.Equal(t, `[0, 0, ["x", [{"__type__": [2, ""]}], {}]]`, last)
	_, err = rpc.Proxy{}.Call(t.Context(), "x")
	require.EqualError(t, err, "the zero Proxy stands for no service")
}

// A third party reaches a service by the Reference that it was handed.
func TestReference(t *testing.T) {
	extended := channel.Config{Extended: true}
	serve := func(service *rpc.Router) string {
		l, err := rpc.Listen("tcp://127.0.0.1:0", rpc.Config{Config: extended, Service: service})
		require.NoError(t, err)
		done := make(chan error)
		go func() { done <- l.Serve(context.Background(), nil) }()
		t.Cleanup(func() {
			require.NoError(t, l.Close())
			require.NoError(t, <-done)
			require.Empty(t, l.Conns())
		})
		return l.Addr()
	}
	var provider, broker rpc.Router
	provider.Expose("calc/add", add)
	providerAddr := serve(&provider)
	broker.Expose("use", func(ctx context.Context, r rpc.Reference) (float64, error) {
		p, err := r.Dial(ctx, rpc.Config{Config: extended})
		if err != nil {
			return 0, err
		}
		sum, err := rpc.Call[float64](ctx, p, "add", 1, 2)
		return sum, errors.Join(err, p.Conn().Close())
	})
	brokerAddr := serve(&broker)

	toProvider, err := rpc.Dial(t.Context(), providerAddr, rpc.Config{Config: extended})
	require.NoError(t, err)
	toBroker, err := rpc.Dial(t.Context(), brokerAddr, rpc.Config{Config: extended})
	require.NoError(t, err)
	ref, err := toProvider.Remote().Get("calc").Reference()
	require.NoError(t, err)
	require.Equal(t, rpc.Reference{Address: providerAddr, Path: "calc"}, ref)
	sum, err := rpc.Call[float64](t.Context(), toBroker.Remote(), "use", ref)
	require.NoError(t, err)
	require.Equal(t, 3.0, sum)
	require.NoError(t, toProvider.Close())
	require.NoError(t, toBroker.Close())
}

func TestOneWayAndFutures(t *testing.T) {
	got := make(chan int, 10)
	var service rpc.Router
	service.Expose("note", func(_ context.Context, i int) error { got <- i; return nil })
	service.Expose("add", add)
	extended := channel.Config{Extended: true, Workers: 1}
	client, _ := peers(t, rpc.Config{Config: extended}, rpc.Config{Config: extended, Service: &service})
	for i := range 3 {
		require.NoError(t, client.Remote().Send(t.Context(), "note", i))
	}
	var futures []rpc.Future[float64]
	for i := range 100 {
		f, err := rpc.Go[float64](t.Context(), client.Remote(), "add", i, 1)
		require.NoError(t, err)
		futures = append(futures, f)
	}
	for i, f := range futures {
		sum, err := f.Wait(t.Context())
		require.NoError(t, err)
		require.Equal(t, float64(i+1), sum)
	}
	for i := range 3 {
		require.Equal(t, i, <-got)
	}
	require.Equal(t, channel.ErrNotExtended, func() error {
		c, _ := peers(t, rpc.Config{}, rpc.Config{})
		return c.Remote().Send(t.Context(), "x")
	}())
}

func TestOnPanic(t *testing.T) {
	var service rpc.Router
	service.Handle("x", func(context.Context, *rpc.Invocation) (any, error) { panic("oops") })
	told := ""
	service.OnPanic = func(path string, value any, stack []byte) { told = fmt.Sprint(path, " ", value, " ", len(stack) > 0) }
	client, _ := peers(t, rpc.Config{}, rpc.Config{Service: &service})
	_, err := client.Remote().Call(t.Context(), "x")
	require.EqualError(t, err, "RuntimeError: x() panicked: oops")
	require.Equal(t, "x oops true", told)
}
