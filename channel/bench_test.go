package channel_test

import (
	"context"
	"net"
	"path/filepath"
	"testing"

	"github.com/simrun/simrun/channel"
	"github.com/simrun/simrun/codec"
)

// benchPair makes a connection over the given transport: pipe, tcp or unix.
func benchPair(b *testing.B, transport string, server channel.Handler) *channel.Conn {
	b.Helper()
	cfg := channel.Config{Handler: server}
	check := func(err error) {
		if err != nil {
			b.Fatal(err)
		}
	}
	closing := func(c *channel.Conn) *channel.Conn {
		b.Cleanup(func() { check(c.Close()) })
		return c
	}
	if transport == "pipe" {
		left, right := net.Pipe()
		closing(channel.New(right, cfg))
		return closing(channel.New(left, channel.Config{}))
	}
	addr := "127.0.0.1:0"
	if transport == "unix" {
		addr = "ipc://" + filepath.Join(b.TempDir(), "s")
	}
	l, err := channel.Listen(addr, cfg)
	check(err)
	c, err := channel.Dial(b.Context(), l.Addr(), channel.Config{})
	check(err)
	s, err := l.Accept(b.Context())
	check(err)
	check(l.Close())
	closing(s)
	return closing(c)
}

var result = codec.Raw(`1800`)

func constant(context.Context, *channel.Conn, codec.Raw) (any, error) { return result, nil }

var request any = codec.Raw(`["step", [900, {"Model_0": {"val_in": {"Sim-0.Model_0": 1.5}}}, 3600], {}]`)

func BenchmarkRoundTrip(b *testing.B) {
	for _, transport := range []string{"pipe", "tcp", "unix"} {
		b.Run(transport, func(b *testing.B) {
			c := benchPair(b, transport, constant)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := c.Call(b.Context(), request); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// Two requests in one write, as step and get_data.
func BenchmarkTwoInOneWrite(b *testing.B) {
	c := benchPair(b, "tcp", constant)
	b.ReportAllocs()
	for b.Loop() {
		pending, err := c.Start(b.Context(), request, request)
		if err != nil {
			b.Fatal(err)
		}
		for _, p := range pending {
			if _, err := p.Wait(b.Context()); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// A thousand callers at once.
func BenchmarkConcurrentCalls(b *testing.B) {
	c := benchPair(b, "tcp", constant)
	b.ReportAllocs()
	b.SetParallelism(500)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := c.Call(b.Context(), request); err != nil {
				b.Error(err)
				return
			}
		}
	})
}
