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
)

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

// wire is a transport of aiomas with a codec of aiomas.
type wire struct{ transport, codec string }

func (w wire) String() string { return w.transport + "/" + w.codec }

// wireSet has containers talk as aiomas does, in all of its ways.
type wireSet struct {
	dir   string // of sockets
	files testcert.Files
	tls   *channel.TLS
}

func newWireSet(t *testing.T) *wireSet {
	w := &wireSet{dir: shortDir(t), files: testcert.New(t).Issue("device", true)}
	var err error
	w.tls, err = channel.LoadTLS(w.files.CA, w.files.Cert, w.files.Key)
	require.NoError(t, err)
	w.tls.Aiomas = true
	return w
}

// all lists transports with codecs in the order of peer.py.
func (*wireSet) all() (all []wire) {
	for _, transport := range []string{"tcp", "unix", "tls"} {
		for _, codec := range []string{"JSON", "MsgPack", "MsgPackBlosc"} {
			all = append(all, wire{transport, codec})
		}
	}
	return all
}

// config is how to talk over a wire.
func (ws *wireSet) config(w wire) container.EndpointConfig {
	cfg := container.EndpointConfig{Config: channel.Config{Retry: true, Codec: map[string]codec.Codec{
		"JSON": codec.JSON, "MsgPack": codec.MsgPack, "MsgPackBlosc": compress.Blosc(codec.MsgPack)}[w.codec]}}
	if w.transport == "tls" {
		cfg.TLS = ws.tls
	}
	return cfg
}

// listenAt is an address that is free; name is that of a socket.
func (ws *wireSet) listenAt(w wire, name string) string {
	if w.transport == "unix" {
		return "ipc://" + filepath.Join(ws.dir, name+"."+w.codec)
	}
	return "tcp://127.0.0.1:0"
}

// python starts testdata/peer.py with the wires. It is killed at the end of the test, or
// before.
func (ws *wireSet) python(t *testing.T, do string, args ...string) (out *bufio.Reader, kill func()) {
	args = append([]string{filepath.Join("testdata", "peer.py"), do, ws.dir, ws.files.CA, ws.files.Cert, ws.files.Key}, args...)
	cmd := exec.CommandContext(within(t, 5*time.Minute), peertest.Python(t), args...)
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

// addresses reads where the containers of a Python program are.
func (ws *wireSet) addresses(t *testing.T, out *bufio.Reader) map[wire]string {
	t.Helper()
	addresses := make(map[wire]string)
	for _, w := range ws.all() {
		fields := strings.Fields(line(t, out))
		require.Equal(t, []string{w.transport, w.codec}, fields[:2])
		addresses[w] = fields[2]
	}
	return addresses
}

// Agents of Go and of the real aiomas call each other, a thousand at each end, over all
// of its transports and with all of its codecs.
func TestPythonAgents(t *testing.T) {
	ws := newWireSet(t)
	out, _ := ws.python(t, "agents", "1000")
	addresses := ws.addresses(t, out)
	for _, w := range ws.all() {
		address := addresses[w]
		t.Run(w.String(), func(t *testing.T) {
			b := newBuyer()
			agents := map[string]container.Member{"buyer": b}
			for i := range 1000 {
				agents[fmt.Sprint(i)] = newSeller()
			}
			n := newNode(t, ws.listenAt(w, "go"), ws.config(w), agents, container.WithTypes(codec.Struct[point]()))
			defer n.close()
			n.do("buyer", func(ctx context.Context, t inside) error {
				ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
				defer cancel()
				callPython(ctx, t, b, address)
				if _, err := b.Call(ctx, address+"/0", "check_all", n.e.Address()+"/0"); err != nil {
					return err
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
	ws := newWireSet(t)
	out, kill := ws.python(t, "agents", "1")
	addresses := ws.addresses(t, out)
	again := []string{"1"} // how it is started the second time
	clients := make(map[wire]*node)
	buyers := make(map[wire]*buyer)
	cut := make(map[wire]chan error)
	for _, w := range ws.all() {
		again = append(again, addresses[w])
		b, ended := newBuyer(), make(chan error, 1)
		n := newNode(t, "", ws.config(w), map[string]container.Member{"buyer": b})
		defer n.close()
		clients[w], buyers[w], cut[w] = n, b, ended
		n.do("buyer", func(ctx context.Context, t inside) error {
			ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
			t.Cleanup(cancel)
			if err := b.Go(ctx, func(ctx context.Context) error {
				_, err := b.Call(ctx, addresses[w]+"/0", "hold")
				ended <- err
				return nil
			}); err != nil {
				return err
			}
			_, err := b.Call(ctx, addresses[w]+"/0", "offer", 1) // behind the other
			return err
		})
	}
	kill()
	for _, w := range ws.all() {
		require.ErrorIs(t, <-cut[w], channel.ErrPeerClosed, w)
	}
	_, _ = ws.python(t, "agents", again...)
	for _, w := range ws.all() {
		t.Run(w.String(), func(t *testing.T) {
			clients[w].do("buyer", func(ctx context.Context, t inside) error {
				ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
				defer cancel()
				_, err := buyers[w].Call(ctx, addresses[w]+"/0", "offer", 1)
				return err
			})
		})
	}
}

// A Go container that comes back can be called by Python containers that have not been
// connected to it before. One that has does not find it: aiomas 2.0.1 goes on using the
// connection that has ended. The first call fails; those after it, which are not made here,
// wait for ever.
func TestPythonAfterRestart(t *testing.T) {
	ws := newWireSet(t)
	out, _ := ws.python(t, "agents", "1")
	addresses := ws.addresses(t, out)
	for _, w := range ws.all() {
		t.Run(w.String(), func(t *testing.T) {
			ctx := within(t, 2*time.Minute)
			n := newNode(t, "", ws.config(w), nil)
			defer n.close()
			at := ws.listenAt(w, "sellers")
			open := func() *node {
				sellers := newNode(t, at, ws.config(w), map[string]container.Member{"seller": newSeller()})
				at = sellers.e.Address()
				return sellers
			}
			ask := func(method string) error {
				_, err := container.Ask[float64](ctx, n.e, addresses[w]+"/0", method, at+"/seller")
				return err
			}
			sellers := open()
			require.NoError(t, ask("reach"))
			sellers.close()
			sellers = open()
			require.ErrorContains(t, ask("reach"), "ConnectionResetError: Connection closed")
			require.NoError(t, ask("reach_anew"))
			sellers.close()
		})
	}
}
