package containers_test

import (
	"context"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/channel"
	"github.com/simrun/simrun/internal/codecs"
	"github.com/simrun/simrun/internal/containers"
	"github.com/simrun/simrun/internal/testcert"
	"github.com/simrun/simrun/rpc"
)

// agents is the service of a container that runs ask for its agents.
func agents() *rpc.Router {
	service := new(rpc.Router)
	service.Handle("describe", func(context.Context, *rpc.Invocation) (any, error) { return []any{}, nil })
	return service
}

// listen is a container in this process, which stop ends.
func listen(t *testing.T, cfg rpc.Config) (addr string, stop func()) {
	if cfg.Service == nil {
		cfg.Service = new(rpc.Router)
		cfg.Service.Mount("federation", agents())
	}
	l, err := rpc.Listen("tcp://127.0.0.1:0", cfg)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- l.Serve(ctx, nil) }()
	stop = func() {
		if cancel != nil {
			cancel()
			<-served
			require.NoError(t, l.Close())
			cancel = nil
		}
	}
	t.Cleanup(stop)
	return l.Addr(), stop
}

// webServer is what a web server is to those who speak something else.
func webServer(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = conn.Write([]byte("HTTP/1.1 400 Bad Request\r\n\r\n")) // a test that needs it fails
			_, _ = io.Copy(io.Discard, conn)
			_ = conn.Close()
		}
	})
	t.Cleanup(func() { _ = l.Close(); serving.Wait() })
	return "tcp://" + l.Addr().String()
}

// What is wrong at the other end is said in words that lead to it.
func TestWhatListensIsNoContainerOfThisKind(t *testing.T) {
	ca := testcert.New(t)
	ours, theirs := ca.Issue("localhost", true), ca.Issue("localhost", true)
	secure := func(aiomas bool) rpc.Config {
		loaded, err := channel.LoadTLS(theirs.CA, theirs.Cert, theirs.Key)
		require.NoError(t, err)
		loaded.Aiomas = aiomas
		return rpc.Config{Config: channel.Config{TLS: loaded}}
	}
	plain, _ := listen(t, rpc.Config{})
	encrypted, _ := listen(t, secure(false))
	aiomas, _ := listen(t, secure(true))
	msgpack, err := codecs.Named("msgpack")
	require.NoError(t, err)
	packed, _ := listen(t, rpc.Config{Config: channel.Config{Codec: msgpack}})
	stranger, _ := listen(t, rpc.Config{Service: new(rpc.Router)})
	web := webServer(t)
	localhost := func(addr string) string {
		return strings.ReplaceAll(addr[strings.LastIndex(addr, "/")+1:], "127.0.0.1", "localhost")
	}
	for name, c := range map[string]struct {
		addr string
		tls  bool
		want []string
	}{
		"a web server":        {"tcp://" + localhost(web), false, []string{"there is no simrun container at tcp://localhost:", "does another program listen there"}},
		"another program":     {stranger, false, []string{"there is no simrun container at " + stranger, "start simrun container there"}},
		"another codec":       {packed, false, []string{"does it use the same codec and certificates? The run uses codec json without TLS"}},
		"TLS there, not here": {"tcp://" + localhost(encrypted), false, []string{"TLS"}},
		"TLS here, not there": {"tls://" + localhost(plain), true, []string{"TLS handshake", "leave tls out here"}},
		"TLS of aiomas":       {"tls://" + localhost(aiomas), true, []string{"TLS handshake", "was it started with --tls-aiomas?"}},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := containers.Config{Name: "north", Connect: c.addr, StartTimeout: time.Minute}
			if c.tls {
				cfg.TLS = containers.TLS(ours)
			}
			_, err := containers.Open(t.Context(), cfg)
			require.ErrorAs(t, err, new(*containers.Error))
			for _, want := range c.want {
				assert.ErrorContains(t, err, want)
			}
		})
	}

	c, err := containers.Open(t.Context(), containers.Config{Name: "north", Connect: "tls://" + localhost(encrypted), TLS: containers.TLS(ours)})
	require.NoError(t, err)
	c.Close()
}

// A program that was started, and lives, gets the same advice.
func TestCommandWithAnotherCodec(t *testing.T) {
	cfg := host(t, "good")
	cfg.Command, cfg.Host = []string{cfg.Host[0], "--listen", "{addr}", "--codec", "msgpack"}, nil
	_, err := containers.Open(t.Context(), cfg)
	require.ErrorContains(t, err, "does it use the same codec and certificates? The run uses codec json without TLS")
	require.ErrorContains(t, err, "was still running")
}

// A container that has answered uses the right codec.
func TestContainerIsStopped(t *testing.T) {
	addr, stop := listen(t, rpc.Config{})
	c, err := containers.Open(t.Context(), containers.Config{Name: "north", Connect: addr})
	require.NoError(t, err)
	defer c.Close()
	stop()
	<-c.Conn().Channel().Done()
	err = c.Explain(c.Conn().Channel().Err())
	require.Regexp(t, `^container "north": .*the peer closed the connection; was it stopped\? Its own output tells why$`, err.Error())
}
