package container_test

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/channel"
	"github.com/simrun/simrun/codec"
	"github.com/simrun/simrun/container"
)

// BenchmarkRemoteCall has 1000 agents of one container call as many of another, each
// one call after the other, over sockets of this machine. The messages are those of
// the comparison with aiomas.
func BenchmarkRemoteCall(b *testing.B) {
	for _, codecs := range []struct {
		name  string
		codec codec.Codec
	}{{"JSON", codec.JSON}, {"MsgPack", codec.MsgPack}} {
		for _, transport := range []string{"tcp", "ipc"} {
			b.Run(transport+"/"+codecs.name, func(b *testing.B) {
				addr := "tcp://127.0.0.1:0"
				if transport == "ipc" {
					addr = "ipc://" + filepath.Join(b.TempDir(), "s")
				}
				benchmarkRemoteCall(b, addr, container.EndpointConfig{Config: channel.Config{Codec: codecs.codec}})
			})
		}
	}
}

func benchmarkRemoteCall(b *testing.B, addr string, cfg container.EndpointConfig) {
	const agents = 1000
	callees := make(map[string]container.Member, agents)
	for i := range agents {
		a := &callee{}
		a.Expose("msg", container.Instant1(func(x any) (any, error) { return x, nil }))
		callees[fmt.Sprint(i)] = a
	}
	there := newNode(b, addr, cfg, callees)
	defer there.close()
	here := newNode(b, "", cfg, nil)
	defer here.close()
	left, working := b.N, agents
	done := make(chan struct{})
	b.ReportAllocs()
	b.ResetTimer()
	require.NoError(b, here.clock.Do(context.Background(), func() error {
		for i := range agents {
			url := there.e.Address() + "/" + fmt.Sprint(i)
			if err := here.c.Add(fmt.Sprint("caller", i), &caller{start: func(ctx context.Context, a *caller) error {
				for left > 0 {
					left--
					if _, err := a.Call(ctx, url, "msg", []any{1, 2.5, "abc"}); err != nil {
						return err
					}
				}
				if working--; working == 0 {
					close(done)
				}
				return nil
			}}); err != nil {
				return err
			}
		}
		return nil
	}))
	<-done
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "calls/s")
}
