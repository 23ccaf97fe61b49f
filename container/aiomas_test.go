package container_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/channel"
	"github.com/simrun/simrun/codec"
	"github.com/simrun/simrun/codec/compress"
	"github.com/simrun/simrun/container"
	"github.com/simrun/simrun/internal/peertest"
	"github.com/simrun/simrun/internal/testcert"
	"github.com/simrun/simrun/rpc"
	"github.com/simrun/simrun/scheduler"
)

// python starts testdata/peer.py. It is killed at the end of the test, or before.
func python(t *testing.T, args ...string) (out *bufio.Reader, kill func()) {
	cmd := exec.Command(peertest.Python(t), append([]string{filepath.Join("testdata", "peer.py")}, args...)...)
	peers, err := filepath.Abs(filepath.Join("..", "peers"))
	require.NoError(t, err)
	cmd.Env = append(os.Environ(), "PYTHONPATH="+peers, "PYTHONDONTWRITEBYTECODE=1")
	cmd.Stderr = t.Output()
	pipe, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	kill = sync.OnceFunc(func() {
		_ = cmd.Process.Kill() // it may have ended
		_ = cmd.Wait()         // it was killed
	})
	t.Cleanup(kill)
	return bufio.NewReader(pipe), kill
}

func line(t *testing.T, r *bufio.Reader) string {
	t.Helper()
	text, err := r.ReadString('\n')
	require.NoError(t, err)
	return strings.TrimSpace(text)
}

// shortDir is a folder whose path is short enough for a socket.
func shortDir(t *testing.T) string {
	dir, err := os.MkdirTemp("", "agents")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(dir)) })
	return dir
}

// within is a context with a limit in real time.
func within(t *testing.T, d time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), d)
	t.Cleanup(cancel)
	return ctx
}

// Agents of Go and of the real aiomas call each other, over all of its transports and
// with all of its codecs.
func TestPythonAgents(t *testing.T) {
	files := testcert.New(t).Issue("device", true)
	secure, err := channel.LoadTLS(files.CA, files.Cert, files.Key)
	require.NoError(t, err)
	secure.Aiomas = true
	dir := shortDir(t)
	out, _ := python(t, "agents", dir, files.CA, files.Cert, files.Key)
	for range 9 {
		fields := strings.Fields(line(t, out))
		transport, codecName, address := fields[0], fields[1], fields[2]
		cfg := container.EndpointConfig{Config: channel.Config{Codec: map[string]codec.Codec{
			"JSON": codec.JSON, "MsgPack": codec.MsgPack, "MsgPackBlosc": compress.Blosc(codec.MsgPack)}[codecName]}}
		at := "tcp://127.0.0.1:0"
		switch transport {
		case "unix":
			at = "ipc://" + filepath.Join(dir, "go."+codecName)
		case "tls":
			cfg.TLS = secure
		}
		t.Run(transport+"/"+codecName, func(t *testing.T) {
			b := newBuyer()
			agents := map[string]container.Member{"buyer": b}
			for i := range 1000 {
				agents[fmt.Sprint(i)] = newSeller()
			}
			n := newNode(t, at, cfg, agents, container.WithTypes(codec.Struct[point]()))
			defer n.close()
			n.do("buyer", func(ctx context.Context, t inside) error {
				ctx, cancel := context.WithTimeout(ctx, time.Minute)
				defer cancel()
				callPython(ctx, t, b, address)
				if _, err := b.Call(ctx, address+"/0", "check_all", n.e.Address()+"/0"); err != nil {
					return err
				}
				if codecName != "MsgPack" { // the others would only take time
					return nil
				}
				calls := make([]container.Call, 1000)
				for i := range calls {
					calls[i] = container.Call{Agent: fmt.Sprint(address, "/", i), Method: "offer", Args: []any{i}}
				}
				replies, err := b.Gather(ctx, calls...)
				for i, r := range replies {
					require.Equal(t, container.Reply{Value: int64(2 * i)}, r)
				}
				if err != nil {
					return err
				}
				_, err = b.Call(ctx, address+"/0", "meet", n.e.Address(), 1000)
				return err
			})
		})
	}
}

// callPython does to a Python agent what Tester.check does to a Go agent.
func callPython(ctx context.Context, t inside, b *buyer, address string) {
	p, err := b.Connect(ctx, address+"/0")
	require.NoError(t, err)
	_, err = b.Connect(ctx, address+"/1000")
	require.ErrorContains(t, err, "ConnectionError: there is no agent")
	amount, err := container.As[float64](p.Call(ctx, "offer", 1.5))
	require.NoError(t, err)
	require.Equal(t, 3.0, amount)
	v, err := p.Call(ctx, "echo", 1, nil, rpc.Kwargs{"b": []any{"x"}, "a": true})
	require.NoError(t, err)
	require.Equal(t, []any{[]any{int64(1), nil}, codec.Object{{Key: "a", Value: true}, {Key: "b", Value: []any{"x"}}}}, v)
	for _, tt := range []struct{ method, typ, message string }{
		{"fail", "ValueError", "x"}, {"nope", "LookupError", `Name "nope" not found in "agents/0"`}, {"me", "TypeError", ""},
	} {
		_, err = p.Call(ctx, tt.method, "x")
		var failed *channel.RemoteError
		require.ErrorAs(t, err, &failed)
		require.Equal(t, tt.typ, failed.Type)
		require.Contains(t, failed.Message, tt.message)
	}
	for i := range 3 {
		name, err := p.Call(ctx, "back", b, i)
		require.NoError(t, err)
		require.Equal(t, fmt.Sprint("buyer ", i), name)
	}
	me, err := container.As[container.Proxy](p.Call(ctx, "me"))
	require.NoError(t, err)
	require.True(t, p == me)
	_, err = p.Call(ctx, "back", me, 1)
	require.ErrorContains(t, err, "cannot be passed on")
	day := time.Date(2016, 2, 28, 23, 59, 59, 500_000_000, time.FixedZone("", -11*3600-1800))
	next, err := container.As[time.Time](p.Call(ctx, "tomorrow", day))
	require.NoError(t, err)
	require.True(t, next.Equal(day.AddDate(0, 0, 1)), next)
	mirrored, err := container.As[point](p.Call(ctx, "mirror", point{1, 2.5}))
	require.NoError(t, err)
	require.Equal(t, point{2.5, 1}, mirrored)
	big := strings.Repeat("ü€😀", 100_000)
	v, err = p.Call(ctx, "echo", big)
	require.NoError(t, err)
	require.True(t, v.([]any)[0].([]any)[0] == big)

	short, cancel := context.WithTimeout(ctx, 10*time.Millisecond)
	defer cancel()
	_, err = p.Call(short, "hold")
	require.ErrorIs(t, err, context.DeadlineExceeded)
	_, err = p.Call(ctx, "release")
	require.NoError(t, err)
	_, err = p.Call(ctx, "offer", 1) // behind the late answer
	require.NoError(t, err)
}

// A Python container that comes back is found again; the call that it took with it
// fails.
func TestPythonRestarts(t *testing.T) {
	b := newBuyer()
	cfg := container.EndpointConfig{Config: channel.Config{Retry: true}}
	n := newNode(t, "", cfg, map[string]container.Member{"buyer": b})
	defer n.close()
	out, kill := python(t, "agents", "0")
	address := strings.Fields(line(t, out))[2] + "/0"
	port := address[strings.LastIndexByte(address, ':')+1 : strings.LastIndexByte(address, '/')]
	offer := func(ctx context.Context, t inside) error {
		ctx, cancel := context.WithTimeout(ctx, time.Minute)
		defer cancel()
		_, err := b.Call(ctx, address, "offer", 1)
		return err
	}
	n.do("buyer", offer)
	n.do("buyer", func(ctx context.Context, t inside) error {
		if _, err := b.CallIn(50*time.Millisecond, func(context.Context) error { kill(); return nil }); err != nil {
			return err
		}
		_, err := b.Call(ctx, address, "sleep", 60)
		require.ErrorIs(t, err, channel.ErrPeerClosed)
		return nil
	})
	_, _ = python(t, "agents", port)
	n.do("buyer", offer)
}

// A Go master drives a Python container, whose agents call Go agents. Python's
// set_time returns before they have reacted; ours does not.
func TestPythonManager(t *testing.T) {
	out, _ := python(t, "manager")
	address := line(t, out)
	ctx := within(t, time.Minute)
	cfg := container.EndpointConfig{Config: channel.Config{Codec: compress.Blosc(codec.MsgPack), Retry: true}}
	n := newNode(t, "tcp://127.0.0.1:0", cfg, map[string]container.Member{"seller": newSeller()})
	defer n.close()
	m, err := container.ConnectManager(ctx, n.e, address)
	require.NoError(t, err)
	require.NoError(t, m.SetTime(ctx, 0))
	p, err := m.Spawn(ctx, "__main__:Ticker", 1, rpc.Kwargs{"peer": n.e.Address() + "/seller"})
	require.NoError(t, err)
	require.Equal(t, strings.TrimSuffix(address, "0")+"1", p.Address())
	alone, err := m.Spawn(ctx, "__main__:Ticker", 2)
	require.NoError(t, err)
	var want []float64
	for i := 1; i <= 10; i++ {
		require.NoError(t, m.SetTime(ctx, scheduler.Time(i)*scheduler.Second))
		ticks, err := container.Ask[[]float64](ctx, n.e, p.Address(), "ticks")
		require.NoError(t, err)
		want = append(want, float64(i), -float64(i))
		require.Equal(t, want, ticks)
	}
	ticks, err := container.Ask[[]float64](ctx, n.e, alone.Address(), "ticks")
	require.NoError(t, err)
	require.Equal(t, []float64{2, 4, 6, 8, 10}, ticks)
	require.ErrorContains(t, m.SetTime(ctx, 10*scheduler.Second), "ValueError: Time must be > 10")
	_, err = m.Spawn(ctx, "__main__:Nobody")
	require.ErrorContains(t, err, "AttributeError")
	require.NoError(t, m.Stop(ctx))
}

// A Python master drives a Go container.
func TestPythonMaster(t *testing.T) {
	cfg := container.EndpointConfig{Config: channel.Config{Codec: codec.MsgPack}}
	market := newNode(t, "tcp://127.0.0.1:0", cfg, map[string]container.Member{"seller": newSeller()})
	defer market.close()
	n := newSetNode(t, "tcp://127.0.0.1:0", cfg, nil, container.WithTypes(codec.Struct[point]()))
	defer n.close()
	var manager *container.Manager
	ctx := within(t, time.Minute)
	require.NoError(t, n.clock.Do(ctx, func() (err error) {
		manager, err = container.AddManager(n.c, n.clock, kinds())
		return err
	}))
	out, _ := python(t, "master", n.e.Address()+"/0", market.e.Address()+"/seller")
	require.Equal(t, "ok", line(t, out))
	<-manager.Stopped()
}
