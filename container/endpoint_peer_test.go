package container_test

import (
	"context"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/channel"
	"github.com/simrun/simrun/codec"
	"github.com/simrun/simrun/container"
	"github.com/simrun/simrun/internal/testcert"
	"github.com/simrun/simrun/rpc"
	"github.com/simrun/simrun/scheduler"
)

// What any peer may send is answered, whatever it is.
func TestRequestsOfAnyKind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var service rpc.Router
		service.Expose("federation/add", func(_ context.Context, a, b int) (int, error) { return a + b, nil })
		n := newNode(t, "local://sellers", container.EndpointConfig{Service: &service}, map[string]container.Member{"seller": newSeller(), "a/b": newSeller()})
		conn, err := channel.Dial(t.Context(), "local://sellers", channel.Config{})
		require.NoError(t, err)
		for _, tt := range []struct{ request, result, failure string }{
			{request: `["agents/seller/offer", [1.5], {}]`, result: "3.0"},
			{request: `["agents/seller/offer", [], {"amount": 2}]`, result: "4.0"},
			{request: `["agents/a/b/offer", [1.5], {}]`, result: "3.0"},
			{request: `["validate_aid", ["seller"], {}]`, result: `"seller"`},
			{request: `["validate_aid", ["nobody"], {}]`, result: "null"},
			{request: `["federation/add", [1, 2], {}]`, result: "3"},
			{request: `["validate_aid", [], {}]`, failure: "TypeError: validate_aid() takes 1 positional arguments but 0 were given"},
			{request: `["validate_aid", [0], {}]`, failure: "TypeError: validate_aid() argument 1: "},
			{request: `["agents/seller", [], {}]`, failure: `TypeError: "agents/seller" is not a function`},
			{request: `["agents/", [], {}]`, failure: `LookupError: Name "" not found in "agents"`},
			{request: `["agents/seller/", [], {}]`, failure: `LookupError: Name "" not found in "agents/seller"`},
			{request: `["agents", [], {}]`, failure: `LookupError: Name "agents" not found in ""`},
			{request: `["container/agents/seller/offer", [1], {}]`, failure: `LookupError: Name "container" not found in ""`},
			{request: `["agents/seller/container/offer", [1], {}]`, failure: `LookupError: Name "container" not found in "agents/seller"`},
			{request: `["agents/seller/offer", [{"__type__": [99, 1]}], {}]`, failure: "SerializationError: argument 1: "},
			{request: `["agents/seller/offer", [], {"amount": {"__type__": [1, 5]}}]`, failure: `SerializationError: argument 'amount': `},
			{request: `["agents/seller/echo", [{"__type__": [1, "agents/x"]}], {}]`, failure: "SerializationError: its result: json: cannot encode $[0]:"},
			{request: `["agents/seller/offer", [1]]`, failure: "TypeError: malformed request: want [path, args, kwargs]: found 2 items"},
			{request: `[1, [], {}]`, failure: "TypeError: malformed request"},
			{request: `null`, failure: "TypeError: malformed request"},
		} {
			reply, err := conn.Call(t.Context(), codec.Raw(tt.request))
			if tt.failure != "" {
				require.ErrorContains(t, err, tt.failure, tt.request)
				continue
			}
			require.NoError(t, err, tt.request)
			require.Equal(t, tt.result, string(reply))
		}
		require.NoError(t, conn.Close())
		n.close()
	})
}

// A caller that goes away harms nobody, nor does a callee.
func TestPeersThatGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSeller()
		n := newNode(t, "local://sellers", container.EndpointConfig{}, map[string]container.Member{"seller": s, "leaver": newSeller()})
		for range 100 {
			conn, err := channel.Dial(t.Context(), "local://sellers", channel.Config{})
			require.NoError(t, err)
			_, err = conn.Start(t.Context(), codec.Raw(`["agents/seller/hold", [], {}]`), codec.Raw(`["agents/seller/me", [], {}]`))
			require.NoError(t, err)
			synctest.Wait()
			require.NoError(t, conn.Close())
		}
		synctest.Wait()
		require.NoError(t, n.clock.Do(context.Background(), func() error {
			links, serving := n.e.Open()
			require.Zero(t, links)
			require.Zero(t, serving)
			s.released = true
			return nil
		}))
		conn, err := channel.Dial(t.Context(), "local://sellers", channel.Config{})
		require.NoError(t, err)
		waits, err := conn.Start(t.Context(), codec.Raw(`["agents/leaver/hold", [], {}]`))
		require.NoError(t, err)
		synctest.Wait()
		require.NoError(t, n.clock.Do(context.Background(), func() error { return n.c.Remove("leaver") }))
		_, err = waits[0].Wait(t.Context())
		require.ErrorContains(t, err, "LookupError: the agent was removed before it had answered")
		_, err = conn.Call(t.Context(), codec.Raw(`["agents/leaver/offer", [1], {}]`))
		require.ErrorContains(t, err, `LookupError: Name "leaver" not found in "agents"`)
		require.NoError(t, conn.Close())
		n.close()
	})
}

// Between extended ends an agent of a third container travels as its address.
func TestAgentsAreHandedOn(t *testing.T) {
	for _, extended := range []bool{false, true} {
		cfg := container.EndpointConfig{Config: channel.Config{Extended: extended}}
		pair(t, cfg, func(t *testing.T, buyers, _ *node, b *buyer) {
			third := newNode(t, "local://third", cfg, map[string]container.Member{"seller": newSeller()})
			buyers.do("buyer", func(ctx context.Context, t inside) error {
				s, err := b.Connect(ctx, "local://third/seller")
				require.NoError(t, err)
				v, err := b.Call(ctx, sellerAt, "echo", s)
				if extended {
					require.NoError(t, err)
					require.Equal(t, []any{s}, v)
				} else {
					require.ErrorContains(t, err, "cannot be passed on; pass its Address as text")
				}
				return nil
			})
			third.close()
		})
	}
}

// Arguments are as they were when the call was made.
func TestArgumentsAreCopiedElsewhere(t *testing.T) {
	pair(t, container.EndpointConfig{}, func(t *testing.T, buyers, _ *node, b *buyer) {
		buyers.do("buyer", func(ctx context.Context, t inside) error {
			shared := []any{1}
			if err := b.Go(ctx, func(context.Context) error { shared[0] = 2; return nil }); err != nil {
				return err
			}
			for i := range 2 {
				v, err := b.Call(ctx, sellerAt, "echo", shared, "x")
				require.NoError(t, err)
				require.Equal(t, []any{[]any{int64(i + 1)}, "x"}, v)
			}
			return nil
		})
	})
}

// What arrives elsewhere, by place and by name, is what arrives at a neighbour, over a
// connection that is being made and over one that is there.
func TestArgumentsOfAllKindsArriveElsewhere(t *testing.T) {
	pair(t, container.EndpointConfig{}, func(t *testing.T, buyers, _ *node, b *buyer) {
		buyers.do("buyer", func(ctx context.Context, t inside) error {
			if err := buyers.c.Add("neighbour", newSeller()); err != nil {
				return err
			}
			for _, args := range argumentsOfAllKinds(point{1, 2}, []any{point{3, 4}, map[string]any{"p": point{5, 6}}}) {
				want, err := b.Call(ctx, "neighbour", "all", args...)
				require.NoError(t, err)
				got, err := b.Call(ctx, sellerAt, "all", args...)
				require.NoError(t, err)
				require.Equal(t, want, got, "%v", args)
			}
			return nil
		})
	})
}

// argumentsOfAllKinds has each kind of value, and more, by place, by name, and both.
func argumentsOfAllKinds(more ...any) (all [][]any) {
	deep := any("deep")
	for range 7 {
		deep = []any{deep, 1.5}
	}
	for _, v := range append([]any{
		nil, true, 1, int64(-2), uint8(3), 2.5, float32(0.5), "ü", []any{}, []any{1, []any{"x", nil}}, deep, []float64{1, 2}, []string{"a", "b"},
		map[string]any{"b": 1, "a": []int{2}}, codec.Object{{Key: "b", Value: 1}, {Key: "a", Value: "x"}}, new(big.Int).Lsh(big.NewInt(1), 70),
		time.Date(2016, 2, 29, 12, 0, 0, 0, time.UTC),
	}, more...) {
		all = append(all, []any{v, 7}, []any{7, rpc.Kwargs{"a": 1, "v": v, "w": 2}}, []any{rpc.Kwargs{"v": []any{v}}}, []any{v, rpc.Kwargs{"v": v}})
	}
	return all
}

// Two containers whose agents call each other at the same time, with calls back while
// calls are open, and calls inside: nothing is lost, and nothing comes twice.
func TestBothWays(t *testing.T) {
	const agents, calls = 200, 20
	nodes := []*node{newNode(t, "tcp://127.0.0.1:0", container.EndpointConfig{}, nil), newNode(t, "tcp://127.0.0.1:0", container.EndpointConfig{}, nil)}
	counts := [2]map[string]int{{}, {}}
	done := make(chan struct{}, 2)
	for side, n := range nodes {
		there := nodes[1-side].e.Address()
		working := agents
		require.NoError(t, n.clock.Do(t.Context(), func() error {
			for i := range agents {
				a := &caller{}
				a.Expose("count", func(_ context.Context, who string) (int, error) {
					counts[side][who]++
					return counts[side][who], nil
				})
				a.Expose("relay", func(ctx context.Context, back container.Proxy, who string) (any, error) {
					if _, err := a.Call(ctx, fmt.Sprint((i+1)%agents), "count", who); err != nil {
						return nil, err
					}
					return back.Call(ctx, "count", who)
				})
				a.start = func(ctx context.Context, a *caller) error {
					for j := range calls {
						who := fmt.Sprint(side, " ", i)
						n, err := container.As[int](a.Call(ctx, fmt.Sprint(there, "/", (i*7+j)%agents), "relay", a, who))
						if err != nil {
							return err
						}
						if n != j+1 {
							return fmt.Errorf("call %d of %s was counted as %d", j, who, n)
						}
					}
					if working--; working == 0 {
						done <- struct{}{}
					}
					return nil
				}
				if err := n.c.Add(fmt.Sprint(i), a); err != nil {
					return err
				}
			}
			return nil
		}))
	}
	for range nodes {
		<-done
	}
	for _, n := range nodes {
		n.close()
	}
	for side := range nodes {
		require.Len(t, counts[side], 2*agents)
		for who, n := range counts[side] {
			require.Equal(t, calls, n, who)
		}
	}
}

// A Go pair on real sockets, the addresses being those that agents tell.
func TestTransports(t *testing.T) {
	files := testcert.New(t).Issue("device", true)
	secure, err := channel.LoadTLS(files.CA, files.Cert, files.Key)
	require.NoError(t, err)
	socket := filepath.Join(shortDir(t), "s")
	for addr, base := range map[string]string{"tcp://127.0.0.1:0": "tcp://127.0.0.1:", "tcp://[::1]:0": "tcp://[::1]:", "tls://127.0.0.1:0": "tls://127.0.0.1:", "ipc://" + socket: "ipc://[" + socket + "]"} {
		t.Run(strings.ReplaceAll(addr, "/", ""), func(t *testing.T) {
			if strings.Contains(addr, "[::1]") {
				l, err := net.Listen("tcp", "[::1]:0")
				if err != nil {
					t.Skip("this machine has no IPv6")
				}
				require.NoError(t, l.Close())
			}
			cfg := container.EndpointConfig{}
			if strings.HasPrefix(addr, "tls") {
				cfg.TLS = secure
			}
			s := newSeller()
			n := newNode(t, addr, cfg, map[string]container.Member{"seller": s})
			require.True(t, strings.HasPrefix(n.e.Address(), base), n.e.Address())
			require.Equal(t, n.e.Address()+"/seller", s.Address())
			here := newNode(t, "", cfg, nil)
			price, err := container.Ask[float64](within(t, time.Minute), here.e, s.Address(), "offer", 2)
			require.NoError(t, err)
			require.Equal(t, 4.0, price)
			here.close()
			n.close()
		})
	}
	_, err = os.Stat(socket)
	require.ErrorIs(t, err, os.ErrNotExist)
}

// A container that is closed while its clock goes on answers, and hears, no more.
func TestContainerIsClosedFirst(t *testing.T) {
	pair(t, container.EndpointConfig{}, func(t *testing.T, buyers, sellers *node, b *buyer) {
		waited := make(chan error, 1)
		require.NoError(t, buyers.clock.Do(t.Context(), func() error {
			return buyers.c.Notify(0, "buyer", "test", func(ctx context.Context) error {
				_, err := b.Call(ctx, sellerAt, "sleep", 1.0)
				waited <- err
				return err
			})
		}))
		synctest.Wait()
		require.NoError(t, buyers.clock.Do(t.Context(), buyers.c.Close))
		require.ErrorIs(t, <-waited, scheduler.ErrClosed)
		time.Sleep(time.Minute) // the answer comes
		require.NoError(t, sellers.clock.Do(t.Context(), sellers.c.Close))
		conn, err := channel.Dial(t.Context(), "local://sellers", channel.Config{})
		require.NoError(t, err)
		_, err = conn.Call(t.Context(), codec.Raw(`["agents/seller/offer", [1], {}]`))
		require.ErrorContains(t, err, "RuntimeError: the container is leaving the network")
		require.NoError(t, conn.Close())
	})
}

// However soon a container leaves after it has answered a peer, it ends the connection.
func TestAnsweredPeerIsLeft(t *testing.T) {
	for range 1000 {
		synctest.Test(t, func(t *testing.T) {
			n := newNode(t, "local://sellers", container.EndpointConfig{}, map[string]container.Member{"seller": newSeller()})
			conn, err := channel.Dial(t.Context(), "local://sellers", channel.Config{})
			require.NoError(t, err)
			_, err = conn.Call(t.Context(), codec.Raw(`["validate_aid", ["seller"], {}]`))
			require.NoError(t, err)
			n.close()
			<-conn.Done()
			require.NoError(t, conn.Close())
		})
	}
}

func TestListenAtAllHosts(t *testing.T) {
	n := newNode(t, "tcp://:0", container.EndpointConfig{}, nil)
	host, err := os.Hostname()
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(n.e.Address(), fmt.Sprintf("tcp://%s:", host)), n.e.Address())
	n.close()
}

func TestListenFails(t *testing.T) {
	loop := scheduler.NewLoop(scheduler.Config{})
	c := container.New(loop, "town")
	_, err := container.Listen(c, container.NewExternal(scheduler.NewLoop(scheduler.Config{})), "", container.EndpointConfig{})
	require.EqualError(t, err, `container "town" lives on another loop than the clock runs`)
	clock := container.NewExternal(loop)
	_, err = container.Listen(c, clock, "tcp://nowhere", container.EndpointConfig{})
	require.ErrorContains(t, err, `container "town": address "tcp://nowhere"`)
	e, err := container.Listen(c, clock, "local://town", container.EndpointConfig{})
	require.NoError(t, err)
	_, err = container.Listen(c, clock, "", container.EndpointConfig{})
	require.EqualError(t, err, `container "town" has an endpoint already, at local://town`)
	require.NoError(t, e.Shutdown(context.Background())) // the clock never ran
	require.NoError(t, c.Close())
}

// FuzzRequest sends whatever there is to an endpoint: it is answered, and the agents
// live on.
func FuzzRequest(f *testing.F) {
	for _, s := range []string{`["agents/seller/offer", [1.5], {}]`, `["validate_aid", [""], {}]`, `["agents/seller/echo", [{"__type__": [0, "2016-01-01"]}, {"__type__": [1, "agents/seller"]}], {}]`,
		`["agents/seller/back", [{"__type__": [1, "agents/x"]}, 1], {"n": null}]`, `["agents//", [], {}]`} {
		f.Add([]byte(s))
	}
	n := newNode(f, "local://fuzzed", container.EndpointConfig{}, map[string]container.Member{"seller": newSeller()})
	f.Cleanup(n.kill)
	f.Fuzz(func(t *testing.T, content []byte) {
		if _, err := codec.JSON.Decode(content); err != nil {
			return
		}
		if strings.Contains(string(content), "hold") || strings.Contains(string(content), "sleep") {
			return // an answer may take its time
		}
		conn, err := channel.Dial(t.Context(), "local://fuzzed", channel.Config{})
		require.NoError(t, err)
		defer conn.Close()
		_, _ = conn.Call(t.Context(), codec.Raw(content)) // a failure is an answer, too
		price, err := conn.Call(t.Context(), codec.Raw(`["agents/seller/offer", [1.5], {}]`))
		require.NoError(t, err)
		require.Equal(t, "3.0", string(price))
	})
}
