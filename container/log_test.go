package container_test

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/channel"
	"github.com/simrun/simrun/codec"
	"github.com/simrun/simrun/codec/compress"
	"github.com/simrun/simrun/container"
	"github.com/simrun/simrun/internal/testcert"
	"github.com/simrun/simrun/scheduler"
)

// logged returns a logger without times of the wall, and what it has written.
func logged(level slog.Level) (*slog.Logger, *strings.Builder) {
	text := new(strings.Builder)
	return slog.New(slog.NewTextHandler(text, &slog.HandlerOptions{Level: level, ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}})), text
}

// brief spawns another, tells it something, leaves, or fails.
type brief struct {
	container.Agent
	fail bool
}

func (b *brief) Start(ctx context.Context) error {
	b.Expose("hear", func(context.Context, int) error { return nil })
	if strings.Contains(b.Name(), "/") {
		return nil
	}
	if err := b.Spawn("child", &brief{}); err != nil {
		return err
	}
	for range 3 {
		if err := b.Send(b.Name()+"/child", "hear", 1); err != nil {
			return err
		}
	}
	if err := b.Sleep(ctx, time.Second); err != nil {
		return err
	}
	if b.fail {
		return b.Every(ctx, time.Second, b.give)
	}
	return b.Leave()
}

func (b *brief) give(context.Context) error { return errors.New("nothing left") }

// The log of a container tells of agents, of messages on their way, and of what failed, in
// the same order in every run.
func TestLogOfAContainer(t *testing.T) {
	run := func(level slog.Level) string {
		log, text := logged(level)
		media, err := container.NewMedia(2, container.Medium{Delay: 10 * time.Millisecond, Loss: 0.5})
		require.NoError(t, err)
		loop := scheduler.NewLoop(scheduler.Config{})
		c := container.New(loop, "town", container.WithMedia(media), container.WithLogger(log))
		require.NoError(t, c.Add("a", &brief{}))
		require.NoError(t, c.Add("b", &brief{fail: true}))
		require.Error(t, loop.AdvanceTo(context.Background(), 10*scheduler.Second))
		require.NoError(t, c.Close())
		require.NoError(t, loop.Close())
		return text.String()
	}
	const failed = `level=ERROR msg="behaviour failed" container=town t=1s round=0 agent=b behaviour=give error="nothing left"
`
	require.Equal(t, failed, run(slog.LevelInfo))
	all := run(slog.LevelDebug)
	require.Equal(t, all, run(slog.LevelDebug))
	require.Equal(t, `level=DEBUG msg="agent added" container=town t=0s agent=a
level=DEBUG msg="agent added" container=town t=0s agent=b
level=DEBUG msg="agent spawned" container=town t=0s agent=a/child
level=DEBUG msg="message delayed" container=town t=0s agent=a to=a/child kind=message method=hear arrives=0.01s
level=DEBUG msg="message delayed" container=town t=0s agent=a to=a/child kind=message method=hear arrives=0.01s
level=DEBUG msg="message delayed" container=town t=0s agent=a to=a/child kind=message method=hear arrives=0.01s
level=DEBUG msg="agent spawned" container=town t=0s agent=b/child
level=DEBUG msg="message delayed" container=town t=0s agent=b to=b/child kind=message method=hear arrives=0.01s
level=DEBUG msg="message lost" container=town t=0s agent=b to=b/child kind=message method=hear
level=DEBUG msg="message lost" container=town t=0s agent=b to=b/child kind=message method=hear
level=DEBUG msg="agent removed" container=town t=1s agent=a
`+failed, all)
}

// The log of an endpoint tells of connections: made, ended, not made, and made again.
func TestLogOfConnections(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log, text := logged(slog.LevelInfo)
		b := newBuyer()
		buyers := newNode(t, "", container.EndpointConfig{}, map[string]container.Member{"buyer": b}, container.WithLogger(log))
		open := func() *node {
			return newNode(t, "local://sellers", container.EndpointConfig{}, map[string]container.Member{"seller": newSeller()})
		}
		call := func(ok bool, method string, args ...any) {
			buyers.do("buyer", func(ctx context.Context, t inside) error {
				_, err := b.Call(ctx, sellerAt, method, args...)
				require.Equal(t, ok, err == nil)
				return nil
			})
		}
		sellers := open()
		call(true, "offer", 1)
		go func() { // the call has left by then
			synctest.Wait()
			sellers.kill()
		}()
		call(false, "sleep", 3600)
		synctest.Wait()
		call(false, "offer", 2)
		sellers = open()
		call(true, "offer", 3)
		synctest.Wait()
		sellers.close()
		synctest.Wait()
		buyers.close()

		got := regexp.MustCompile(`t=[0-9.]+s `).ReplaceAllString(text.String(), "t=T ")
		const connected = `level=INFO msg=connected container=node t=T address=local://sellers peer=sellers
`
		const ended = `level=INFO msg="connection ended" container=node t=T address=local://sellers error="connection to local://sellers: the peer closed the connection"
`
		require.Equal(t, connected+ended+`level=WARN msg="no connection" container=node t=T address=local://sellers error="connect to local://sellers: nobody in this process listens there: file does not exist"
`+connected+ended, got)
	})
}

// lines are written to.
type lines chan string

func (l lines) Write(line []byte) (int, error) {
	l <- string(line)
	return len(line), nil
}

// The log of an endpoint tells whom it has refused, and what it wants to hear.
func TestLogOfRefusedPeers(t *testing.T) {
	secure := func(a *testcert.Authority) *channel.TLS {
		files := a.Issue("device", true)
		s, err := channel.LoadTLS(files.CA, files.Cert, files.Key)
		require.NoError(t, err)
		return s
	}
	authority := testcert.New(t)
	ours, other, aiomas := secure(authority), secure(testcert.New(t)), secure(authority)
	aiomas.Aiomas = true
	socket := "ipc://" + filepath.Join(shortDir(t), "s")
	const tcp = "tcp://127.0.0.1:0"
	for name, tt := range map[string]struct {
		at          string
		here, there channel.Config
		wants, why  string
	}{
		"json, not msgpack":  {tcp, channel.Config{}, channel.Config{Codec: codec.MsgPack}, "json without TLS", "a payload is not json .* instead of an array"},
		"msgpack, not json":  {socket, channel.Config{Codec: codec.MsgPack, TLS: ours}, channel.Config{}, "msgpack without TLS", "a payload is not msgpack"},
		"in memory":          {"local://refusing", channel.Config{}, channel.Config{Codec: codec.MsgPack}, "json without TLS", "a payload is not json"},
		"blosc, not msgpack": {tcp, channel.Config{Codec: compress.Blosc(codec.MsgPack)}, channel.Config{Codec: codec.MsgPack}, "msgpack-blosc without TLS", "a payload is not packed as by msgpack-blosc"},
		"TLS, not plain":     {tcp, channel.Config{TLS: ours}, channel.Config{}, "json over TLS 1.3", "does not look like a TLS handshake"},
		"plain, not TLS":     {tcp, channel.Config{}, channel.Config{TLS: ours}, "json without TLS", "the peer begins with a TLS handshake, but this end has no certificates"},
		"another authority":  {tcp, channel.Config{TLS: ours}, channel.Config{TLS: other}, "json over TLS 1.3", "TLS handshake: remote error: tls: bad certificate"},
		"another version":    {tcp, channel.Config{TLS: aiomas}, channel.Config{TLS: ours}, "json over TLS 1.2", "TLS handshake: tls: client offered only unsupported versions"},
	} {
		t.Run(name, func(t *testing.T) {
			log := make(lines, 10)
			n := newNode(t, tt.at, container.EndpointConfig{Config: tt.here}, nil, container.WithLogger(slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelWarn}))))
			gone, err := channel.Dial(t.Context(), n.e.Address(), tt.here) // one that asks for nothing is not worth a line
			require.NoError(t, err)
			require.NoError(t, gone.Close())
			conn, err := channel.Dial(t.Context(), n.e.Address(), tt.there)
			if err == nil {
				_, err = conn.Call(t.Context(), []any{"validate_aid", []any{"x"}, codec.Object{}})
				require.NoError(t, conn.Close())
			}
			require.Error(t, err)
			require.Regexp(t, ` level=WARN msg="peer refused" container=node t=\S+ address=peer://2 wants="`+tt.wants+`" error="connection to (127.0.0.1:[0-9]+|local://refusing|`+strings.TrimPrefix(socket, "ipc://")+`): .*`+tt.why+`.*"\n$`, <-log)
			n.close()
			require.Empty(t, log)
		})
	}
}
