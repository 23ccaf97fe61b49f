package container_test

import (
	"context"
	"errors"
	"log/slog"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/container"
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
