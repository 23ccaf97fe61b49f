package container_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/channel"
	"github.com/simrun/simrun/codec"
	"github.com/simrun/simrun/container"
	"github.com/simrun/simrun/rpc"
	"github.com/simrun/simrun/scheduler"
)

// node is a container in a network.
type node struct {
	t     testing.TB
	c     *container.Container
	clock container.Clock
	e     *container.Endpoint
	stop  context.CancelFunc
	ended chan error
}

// newNode makes a container that listens at addr, on the wall clock.
func newNode(t testing.TB, addr string, cfg container.EndpointConfig, agents map[string]container.Member, options ...container.Option) *node {
	loop := scheduler.NewLoop(scheduler.Config{})
	clock, err := container.NewRealTime(loop, 1)
	require.NoError(t, err)
	return startNode(t, loop, clock, func(ctx context.Context) error {
		_, err := clock.Run(ctx)
		return err
	}, addr, cfg, agents, options...)
}

// newSetNode makes a container that listens at addr, whose clock is set.
func newSetNode(t testing.TB, addr string, cfg container.EndpointConfig, agents map[string]container.Member, options ...container.Option) *node {
	loop := scheduler.NewLoop(scheduler.Config{})
	clock := container.NewExternal(loop)
	return startNode(t, loop, clock, clock.Run, addr, cfg, agents, options...)
}

func startNode(t testing.TB, loop *scheduler.Loop, clock container.Clock, run func(context.Context) error, addr string, cfg container.EndpointConfig, agents map[string]container.Member, options ...container.Option) *node {
	n := &node{t: t, c: container.New(loop, "node", options...), clock: clock, ended: make(chan error, 1)}
	for name, a := range agents {
		require.NoError(t, n.c.Add(name, a))
	}
	var err error
	n.e, err = container.Listen(n.c, clock, addr, cfg)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	n.stop = cancel
	go func() { n.ended <- run(ctx) }()
	return n
}

// close takes the node down. Calls that are open must come to their ends.
func (n *node) close() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	require.NoError(n.t, n.e.Shutdown(ctx))
	n.kill()
}

// kill takes the node down without waiting for open calls.
func (n *node) kill() {
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	_ = n.e.Shutdown(ended) // calls may be open
	n.stop()
	require.NoError(n.t, <-n.ended)
	require.NoError(n.t, n.c.Close())
	require.NoError(n.t, n.c.Loop().Close())
}

func (n *node) set(t scheduler.Time) scheduler.Time {
	n.t.Helper()
	next, err := n.clock.(*container.External).SetTime(context.Background(), t)
	require.NoError(n.t, err)
	return next
}

// do has an agent perform something, and waits for it.
func (n *node) do(agent string, do func(ctx context.Context, t inside) error) {
	n.t.Helper()
	done := make(chan struct{})
	require.NoError(n.t, n.clock.Do(context.Background(), func() error {
		return n.c.Notify(n.c.Loop().Now(), agent, "test", func(ctx context.Context) error {
			defer close(done)
			defer func() {
				if v := recover(); v != nil && v != errFailed {
					panic(v)
				}
			}()
			if err := do(ctx, inside{n.t}); err != nil {
				n.t.Errorf("%s: %v", agent, err)
			}
			return nil
		})
	}))
	<-done
}

// inside is a test as agents see it, which must not end the goroutine of their loop.
type inside struct{ testing.TB }

var errFailed = errors.New("a check failed")

func (inside) FailNow() { panic(errFailed) }

// seller is an agent that others call.
type seller struct {
	container.Agent
	released bool
}

func newSeller() *seller {
	s := &seller{}
	s.Expose("offer", func(_ context.Context, amount float64) (float64, error) { return 2 * amount, nil }, "amount")
	s.Expose("sleep", func(ctx context.Context, seconds float64) (float64, error) {
		return seconds, s.Sleep(ctx, time.Duration(seconds*float64(time.Second)))
	})
	s.Expose("hold", func(ctx context.Context) error {
		for !s.released {
			if err := s.Sleep(ctx, time.Millisecond); err != nil {
				return err
			}
		}
		return nil
	})
	s.Expose("release", func(context.Context) error { s.released = true; return nil })
	s.Expose("fail", func(_ context.Context, text string) error {
		return &channel.RemoteError{Type: "ValueError", Message: text}
	})
	s.Expose("back", func(ctx context.Context, who container.Proxy, n int) (any, error) { return who.Call(ctx, "name", n) })
	s.Expose("me", func(context.Context) (any, error) { return s, nil })
	s.Expose("echo", func(_ context.Context, args ...any) (any, error) { return args, nil })
	s.Expose("all", func(_ context.Context, named rpc.Kwargs, args ...any) (any, error) { return []any{args, named}, nil })
	s.Expose("tomorrow", func(_ context.Context, t time.Time) (time.Time, error) { return t.AddDate(0, 0, 1), nil })
	s.Expose("mirror", func(_ context.Context, p point) (point, error) { return point{p.Y, p.X}, nil })
	return s
}

// buyer is an agent that calls others.
type buyer struct{ container.Agent }

func newBuyer() *buyer {
	b := &buyer{}
	b.Expose("name", func(_ context.Context, n int) (string, error) { return fmt.Sprint(b.Name(), " ", n), nil })
	return b
}

// pair runs test with a buyer that can call a seller elsewhere.
func pair(t *testing.T, cfg container.EndpointConfig, test func(t *testing.T, buyers, sellers *node, b *buyer)) {
	synctest.Test(t, func(t *testing.T) {
		types := container.WithTypes(codec.Struct[point]())
		sellers := newNode(t, "local://sellers", cfg, map[string]container.Member{"seller": newSeller()}, types)
		b := newBuyer()
		buyers := newNode(t, "local://buyers", cfg, map[string]container.Member{"buyer": b}, types)
		test(t, buyers, sellers, b)
		buyers.close()
		sellers.close()
	})
}

const sellerAt = "local://sellers/seller"

func TestCallElsewhere(t *testing.T) {
	pair(t, container.EndpointConfig{}, func(t *testing.T, buyers, sellers *node, b *buyer) {
		require.Equal(t, "local://sellers", sellers.e.Address())
		buyers.do("buyer", func(ctx context.Context, t inside) error {
			price, err := container.As[float64](b.Call(ctx, sellerAt, "offer", 3))
			require.NoError(t, err)
			require.Equal(t, 6.0, price)

			s, err := b.Connect(ctx, sellerAt)
			require.NoError(t, err)
			for range 3 {
				name, err := s.Call(ctx, "back", b, 7)
				require.NoError(t, err)
				require.Equal(t, "buyer 7", name)
			}
			me, err := container.As[container.Proxy](s.Call(ctx, "me"))
			require.NoError(t, err)
			require.True(t, s == me, me)

			day := time.Date(2016, 2, 28, 23, 59, 59, 500_000_000, time.UTC)
			next, err := container.As[time.Time](s.Call(ctx, "tomorrow", day))
			require.NoError(t, err)
			require.Equal(t, day.AddDate(0, 0, 1), next)
			mirrored, err := container.As[point](s.Call(ctx, "mirror", point{1, 2}))
			require.NoError(t, err)
			require.Equal(t, point{2, 1}, mirrored)

			replies, err := b.Gather(ctx, container.Call{Agent: sellerAt, Method: "sleep", Args: []any{2.0}},
				container.Call{Agent: sellerAt, Method: "sleep", Args: []any{1.0}}, container.Call{Agent: "buyer", Method: "name", Args: []any{1}})
			require.NoError(t, err)
			require.Equal(t, []container.Reply{{Value: 2.0}, {Value: 1.0}, {Value: "buyer 1"}}, replies)
			require.Equal(t, 2*scheduler.Second, b.Now())
			return b.Send(sellerAt, "nope")
		})
	})
}

// What the other side of a call sees of errors.
// TestQuickAnswers: the answer to a call may come before all that is to be done when a call is
// sent is done; it is not lost.
func TestQuickAnswers(t *testing.T) {
	big := strings.Repeat("x", 16<<10) // so that calls leave at once
	for range 10 {
		sellers := newNode(t, "tcp://127.0.0.1:0", container.EndpointConfig{}, map[string]container.Member{"seller": newSeller()})
		b := newBuyer()
		buyers := newNode(t, "", container.EndpointConfig{}, map[string]container.Member{"buyer": b})
		calls := make([]container.Call, 100)
		for i := range calls {
			calls[i] = container.Call{Agent: sellers.e.Address() + "/seller", Method: "nope", Args: []any{big}}
		}
		buyers.do("buyer", func(ctx context.Context, t inside) error {
			replies, err := b.Gather(ctx, calls...)
			require.NoError(t, err)
			for _, r := range replies {
				require.ErrorContains(t, r.Err, "LookupError")
			}
			return nil
		})
		buyers.close()
		sellers.close()
	}
}

func TestErrorsElsewhere(t *testing.T) {
	pair(t, container.EndpointConfig{}, func(t *testing.T, buyers, _ *node, b *buyer) {
		buyers.do("buyer", func(ctx context.Context, t inside) error {
			for _, tt := range []struct {
				agent, method string
				args          []any
				typ, message  string
			}{
				{"seller", "fail", []any{"x"}, "ValueError", "x"},
				{"seller", "nope", nil, "LookupError", `Name "nope" not found in "agents/seller"`},
				{"seller", "offer/x", nil, "LookupError", `Name "x" not found in "agents/seller/offer"`},
				{"nobody", "offer", nil, "LookupError", `Name "nobody" not found in "agents"`},
				{"seller", "offer", nil, "TypeError", "takes the arguments (amount float64); 0 were given"},
				{"seller", "offer", []any{"x"}, "TypeError", "argument 1"},
				{"seller", "offer", []any{1, rpc.Kwargs{"z": 2}}, "TypeError", "got an unexpected keyword argument 'z'"},
			} {
				_, err := b.Call(ctx, "local://sellers/"+tt.agent, tt.method, tt.args...)
				var remote *channel.RemoteError
				require.ErrorAs(t, err, &remote, tt.method)
				require.Equal(t, tt.typ, remote.Type, tt.method)
				require.Contains(t, remote.Message, tt.message)
				require.ErrorContains(t, err, fmt.Sprintf("agent %q", "local://sellers/"+tt.agent))
			}
			_, err := b.Call(ctx, sellerAt, "offer", 1, []any{make(chan int)})
			require.ErrorContains(t, err, `: offer: argument 2: json: cannot encode $[0]: the Go type chan int has no JSON form`)
			_, err = b.Call(ctx, sellerAt, "offer", rpc.Kwargs{"a": 1, "unit": make(chan int)})
			require.ErrorContains(t, err, `: offer: argument 'unit': json: cannot encode $: the Go type chan int has no JSON form`)
			_, err = b.Call(ctx, "tcp://sellers/seller", "offer", 1)
			require.ErrorContains(t, err, "the port is missing")
			_, err = b.Call(ctx, "local://nowhere/seller", "offer", 1)
			require.ErrorIs(t, err, fs.ErrNotExist)
			_, err = b.Connect(ctx, "local://nowhere/seller")
			require.ErrorIs(t, err, fs.ErrNotExist)
			_, err = b.Connect(ctx, "local://sellers/nobody")
			var remote *channel.RemoteError
			require.ErrorAs(t, err, &remote)
			require.Equal(t, "ConnectionError", remote.Type)
			require.ErrorContains(t, err, `there is no agent "nobody" in the container at local://sellers`)
			_, err = b.Call(ctx, "peer://99/0", "offer")
			require.ErrorContains(t, err, "has ended")
			return nil
		})
	})
}

// A container that comes back is found again; a call that it took with it fails.
func TestRestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBuyer()
		buyers := newNode(t, "", container.EndpointConfig{}, map[string]container.Member{"buyer": b})
		sell := func() *node {
			return newNode(t, "local://sellers", container.EndpointConfig{}, map[string]container.Member{"seller": newSeller()})
		}
		offer := func(ctx context.Context, _ inside) error {
			_, err := b.Call(ctx, sellerAt, "offer", 1)
			return err
		}
		buyers.do("buyer", func(ctx context.Context, t inside) error {
			require.ErrorIs(t, offer(ctx, t), fs.ErrNotExist)
			return nil
		})
		sellers := sell()
		buyers.do("buyer", offer)
		cut := make(chan error, 1)
		go buyers.do("buyer", func(ctx context.Context, t inside) error {
			_, err := b.Call(ctx, sellerAt, "sleep", 3600.0)
			cut <- err
			return nil
		})
		synctest.Wait()
		require.NoError(t, buyers.clock.Do(context.Background(), func() error {
			require.Equal(t, []container.Wait{{Agent: "buyer", Behaviour: "test", Callee: sellerAt, Method: "sleep"}}, buyers.c.Waiting())
			return nil
		}))
		sellers.kill()
		err := <-cut
		require.ErrorIs(t, err, channel.ErrPeerClosed)
		require.ErrorContains(t, err, `agent "local://sellers/seller": sleep: connection to local://sellers: the peer closed the connection`)
		buyers.do("buyer", func(ctx context.Context, t inside) error {
			require.ErrorIs(t, offer(ctx, t), fs.ErrNotExist)
			return nil
		})
		sellers = sell()
		buyers.do("buyer", offer)
		buyers.close()
		sellers.close()
	})
}

// A call ends with its context; its late answer harms nobody.
func TestCallIsGivenUp(t *testing.T) {
	pair(t, container.EndpointConfig{}, func(t *testing.T, buyers, _ *node, b *buyer) {
		enough := errors.New("enough")
		buyers.do("buyer", func(ctx context.Context, t inside) error {
			short, cancel := context.WithTimeoutCause(ctx, time.Second, enough)
			defer cancel()
			replies, err := b.Gather(short, container.Call{Agent: sellerAt, Method: "sleep", Args: []any{3.0}}, container.Call{Agent: sellerAt, Method: "offer", Args: []any{1}})
			require.NoError(t, err)
			require.ErrorIs(t, replies[0].Err, enough)
			require.Equal(t, container.Reply{Value: 2.0}, replies[1])
			require.Equal(t, scheduler.Second, b.Now())
			require.Empty(t, buyers.c.Waiting())
			_, err = b.Call(ctx, sellerAt, "sleep", 5.0)
			return err
		})
	})
}

// With Retry a connection is tried for as long as somebody waits for it.
func TestRetry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBuyer()
		cfg := container.EndpointConfig{Config: channel.Config{Retry: true}}
		buyers := newNode(t, "", cfg, map[string]container.Member{"buyer": b})
		buyers.do("buyer", func(ctx context.Context, t inside) error {
			short, cancel := context.WithTimeout(ctx, time.Minute)
			defer cancel()
			_, err := b.Connect(short, sellerAt)
			require.ErrorIs(t, err, context.DeadlineExceeded)
			require.Equal(t, scheduler.Minute, b.Now())
			return nil
		})
		found := make(chan struct{})
		go buyers.do("buyer", func(ctx context.Context, t inside) error {
			defer close(found)
			args := []any{"kept"}
			replies, err := b.Gather(ctx, container.Call{Agent: sellerAt, Method: "echo", Args: args})
			require.Equal(t, []container.Reply{{Value: []any{"kept"}}}, replies)
			return err
		})
		time.Sleep(time.Hour)
		sellers := newNode(t, "local://sellers", cfg, map[string]container.Member{"seller": newSeller()})
		<-found
		buyers.close()
		sellers.close()
	})
}

// A call of an instant function, by whom it has gone before the call is delivered, is
// answered all the same.
func TestInstantCalleeLeavesFirst(t *testing.T) {
	b := &callee{}
	b.Expose("leave", container.Instant0(func() (string, error) { return "bye", b.Leave() }))
	there := newSetNode(t, "local://"+t.Name(), container.EndpointConfig{}, map[string]container.Member{"b": b})
	defer there.close()
	here := newSetNode(t, "", container.EndpointConfig{}, map[string]container.Member{"a": &callee{}})
	defer here.close()
	url := there.e.Address() + "/b"
	here.do("a", func(ctx context.Context, t inside) error {
		a := here.c.Member("a").(*callee)
		replies, err := a.Gather(ctx, container.Call{Agent: url, Method: "leave"}, container.Call{Agent: url, Method: "leave"})
		require.NoError(t, err)
		require.Equal(t, container.Reply{Value: "bye"}, replies[0])
		remote, _ := errors.AsType[*channel.RemoteError](replies[1].Err)
		require.Equal(t, "LookupError", remote.Type)
		return nil
	})
}
