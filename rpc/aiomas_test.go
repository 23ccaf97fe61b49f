package rpc_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/channel"
	"github.com/simrun/simrun/codec"
	"github.com/simrun/simrun/codec/compress"
	"github.com/simrun/simrun/internal/peertest"
	"github.com/simrun/simrun/internal/testcert"
	"github.com/simrun/simrun/rpc"
)

// point is Point of testdata/peer.py.
type point struct {
	X float64 `codec:"x"`
	Y float64 `codec:"y"`
}

// setups are the transports and codecs of aiomas 2.0.1.
func forEachSetup(t *testing.T, f func(t *testing.T, transport, codecName string, cfg rpc.Config, files testcert.Files)) {
	types, err := codec.NewTypes(codec.Date(), codec.Struct[point]())
	require.NoError(t, err)
	files := testcert.New(t).Issue("device", true)
	secure, err := channel.LoadTLS(files.CA, files.Cert, files.Key)
	require.NoError(t, err)
	secure.Aiomas = true
	for _, transport := range []string{"tcp", "unix", "tls"} {
		for name, c := range map[string]codec.Codec{"JSON": codec.JSON, "MsgPack": codec.MsgPack, "MsgPackBlosc": compress.Blosc(codec.MsgPack)} {
			cfg := rpc.Config{Config: channel.Config{Codec: c}, Types: types}
			if transport == "tls" {
				cfg.TLS = secure
			}
			t.Run(transport+"/"+name, func(t *testing.T) { f(t, transport, name, cfg, files) })
		}
	}
}

// python starts testdata/peer.py.
func python(t *testing.T, what, transport, codecName, address string, files testcert.Files) *exec.Cmd {
	cmd := exec.Command(peertest.Python(t), filepath.Join("testdata", "peer.py"), what, transport, codecName, address, files.CA, files.Cert, files.Key)
	peers, err := filepath.Abs(filepath.Join("..", "peers"))
	require.NoError(t, err)
	cmd.Env = append(os.Environ(), "PYTHONPATH="+peers, "PYTHONDONTWRITEBYTECODE=1")
	cmd.Stderr = t.Output()
	return cmd
}

// shortDir is a folder whose path is short enough for a socket.
func shortDir(t *testing.T) string {
	dir, err := os.MkdirTemp("", "rpc")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(dir)) })
	return dir
}

// A Go client of the real aiomas.
func TestPythonServes(t *testing.T) {
	forEachSetup(t, func(t *testing.T, transport, codecName string, cfg rpc.Config, files testcert.Files) {
		address := ""
		if transport == "unix" {
			address = filepath.Join(shortDir(t), "s")
		}
		cmd := python(t, "serve", transport, codecName, address, files)
		out, err := cmd.StdoutPipe()
		require.NoError(t, err)
		require.NoError(t, cmd.Start())
		defer func() {
			_ = cmd.Process.Kill() // it serves for ever
			_ = cmd.Wait()         // it was killed
		}()
		line, err := bufio.NewReader(out).ReadString('\n')
		require.NoError(t, err)

		var mine rpc.Router
		mine.Expose("agent/name", func(_ context.Context, x int) (string, error) { return fmt.Sprint("go ", x), nil })
		cfg.Service = &mine
		c, err := rpc.Dial(t.Context(), strings.TrimSpace(line), cfg)
		require.NoError(t, err)
		defer func() { require.NoError(t, c.Close()) }()
		ctx, remote := t.Context(), c.Remote()

		sum, err := rpc.Call[int](ctx, remote, "add", 3, 4)
		require.NoError(t, err)
		require.Equal(t, 7, sum)
		sum, err = rpc.Call[int](ctx, remote, "add", rpc.Kwargs{"a": 1})
		require.NoError(t, err)
		require.Equal(t, 11, sum)
		sum, err = rpc.Call[int](ctx, remote.Get("sub/deep"), "triple", 2)
		require.NoError(t, err)
		require.Equal(t, 6, sum)

		for _, tt := range []struct{ name, typ, message string }{
			{"fail", "ValueError", "x"}, {"nope", "LookupError", `Name "nope" not found in ""`},
			{"sub/deep/nope", "LookupError", `Name "nope" not found in "sub/deep"`}, {"__init__", "LookupError", ""},
		} {
			_, err = remote.Call(ctx, tt.name, "x")
			var failed *channel.RemoteError
			require.ErrorAs(t, err, &failed)
			require.Equal(t, tt.typ, failed.Type)
			require.Contains(t, failed.Message, tt.message)
			require.NotEmpty(t, failed.Traceback)
		}

		for i := range 3 {
			name, err := rpc.Call[string](ctx, remote, "back", service(&mine, "agent"), i)
			require.NoError(t, err)
			require.Equal(t, fmt.Sprint("go ", i), name)
		}
		deep, err := rpc.Call[rpc.Proxy](ctx, remote, "deep")
		require.NoError(t, err)
		require.Equal(t, remote.Get("sub/deep"), deep)
		name, err := rpc.Call[string](ctx, deep, "name", 1)
		require.NoError(t, err)
		require.Equal(t, "deep 1", name)

		day := time.Date(2016, 2, 28, 23, 59, 59, 500_000_000, time.FixedZone("", -11*3600-1800))
		next, err := rpc.Call[time.Time](ctx, remote, "tomorrow", day)
		require.NoError(t, err)
		require.True(t, next.Equal(day.AddDate(0, 0, 1)), next)
		mirrored, err := rpc.Call[point](ctx, remote, "mirror", point{1, 2.5})
		require.NoError(t, err)
		require.Equal(t, point{2.5, 1}, mirrored)
		big := strings.Repeat("ü€😀", 100_000)
		echoed, err := rpc.Call[string](ctx, remote, "echo", big)
		require.NoError(t, err)
		require.True(t, big == echoed)

		// A call that is given up harms nobody, nor does its late reply.
		enough := errors.New("enough")
		short, cancel := context.WithCancelCause(ctx)
		given, err := rpc.Go[float64](ctx, remote, "slow", 0.05)
		require.NoError(t, err)
		cancel(enough)
		_, err = given.Wait(short)
		require.Equal(t, enough, err)
		after, err := rpc.Call[float64](ctx, remote, "slow", 0.1)
		require.NoError(t, err)
		require.Equal(t, 0.1, after)

		futures := make([]rpc.Future[int], 500)
		for i := range futures {
			futures[i], err = rpc.Go[int](ctx, remote, "add", i, 1)
			require.NoError(t, err)
		}
		for i := range futures {
			sum, err := futures[i].Wait(ctx)
			require.NoError(t, err)
			require.Equal(t, i+1, sum)
		}
	})
}

// service returns the service at path.
func service(root *rpc.Router, path string) *rpc.Router {
	sub, ok := root.Sub(path)
	if !ok {
		panic("no service at " + path)
	}
	return sub
}

// The real aiomas is the client of a Go server.
func TestPythonCalls(t *testing.T) {
	forEachSetup(t, func(t *testing.T, transport, codecName string, cfg rpc.Config, files testcert.Files) {
		var root, deep rpc.Router
		cfg.Service = &root
		root.Expose("add", add, "a", "b")
		root.Mount("sub/deep", &deep)
		deep.Expose("triple", func(_ context.Context, x int) (int, error) { return 3 * x, nil })
		root.Expose("fail", func(_ context.Context, text string) error {
			return &channel.RemoteError{Type: "ValueError", Message: text}
		})
		root.Expose("back", func(ctx context.Context, p rpc.Proxy, x int) (string, error) {
			return rpc.Call[string](ctx, p, "name", x)
		})
		root.Expose("deep", func(context.Context) (*rpc.Router, error) { return &deep, nil })
		root.Expose("tomorrow", func(_ context.Context, t time.Time) (time.Time, error) { return t.AddDate(0, 0, 1), nil })
		root.Expose("mirror", func(_ context.Context, p point) (point, error) { return point{p.Y, p.X}, nil })
		root.Expose("echo", func(_ context.Context, s string) (string, error) { return s, nil })
		address := "tcp://127.0.0.1:0"
		switch transport {
		case "unix":
			address = "ipc://" + filepath.Join(shortDir(t), "s")
		case "tls":
			address = "tls://127.0.0.1:0"
		}
		l, err := rpc.Listen(address, cfg)
		require.NoError(t, err)
		defer l.Close() // also if there is no Python, and python skips the test
		cmd := python(t, "call", transport, codecName, l.Addr(), files)
		done := make(chan error)
		go func() { done <- l.Serve(context.Background(), nil) }()
		out, err := cmd.Output()
		require.NoError(t, l.Close())
		require.NoError(t, <-done)
		require.NoError(t, err)
		require.Equal(t, "ok\n", string(out))
	})
}
