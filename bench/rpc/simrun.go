package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/simrun/simrun/channel"
	"github.com/simrun/simrun/codec"
	"github.com/simrun/simrun/internal/bench"
	"github.com/simrun/simrun/rpc"
)

func simrunConfig(s setting) rpc.Config {
	if s.codec == "MsgPack" {
		return rpc.Config{Config: channel.Config{Codec: codec.MsgPack}}
	}
	return rpc.Config{}
}

func serveSimrun(s setting) (address string, stop func()) {
	var service rpc.Router
	service.Handle("add", rpc.Func2(func(_ context.Context, a, b float64) (float64, error) { return a + b, nil }))
	cfg := simrunConfig(s)
	cfg.Service = &service
	address = "tcp://127.0.0.1:0"
	dir := ""
	if s.transport == "unix" {
		var err error
		dir, err = os.MkdirTemp("", "rpc")
		bench.Check(err)
		address = "ipc://" + filepath.Join(dir, "s")
	}
	l, err := rpc.Listen(address, cfg)
	bench.Check(err)
	done := make(chan error)
	go func() { done <- l.Serve(context.Background(), nil) }()
	return l.Addr(), func() {
		bench.Check(l.Close())
		bench.Check(<-done)
		if dir != "" {
			bench.Check(os.RemoveAll(dir))
		}
	}
}

func measureSimrun(s setting, address string, d time.Duration) float64 {
	ctx := context.Background()
	c, err := rpc.Dial(ctx, address, simrunConfig(s))
	bench.Check(err)
	defer func() { bench.Check(c.Close()) }()
	remote := c.Remote()
	sum := func(v float64, err error) {
		bench.Check(err)
		if v != 7 {
			bench.Check(fmt.Errorf("3 + 4 = %v", v))
		}
	}
	if s.mode != "one" {
		return count(callersOf(s), d, func() { sum(rpc.Call[float64](ctx, remote, "add", 3, 4)) })
	}
	var (
		futures [outstanding]rpc.Future[float64]
		n       int
		from    time.Time
		counted int
	)
	for start := time.Now(); ; n++ {
		f := &futures[n%outstanding]
		if n >= outstanding {
			sum(f.Wait(ctx))
		}
		*f, err = rpc.Go[float64](ctx, remote, "add", 3, 4)
		bench.Check(err)
		if n%outstanding == 0 {
			if now := time.Now(); from.IsZero() && now.Sub(start) > warmUp {
				from, counted = now, n
			} else if !from.IsZero() && now.Sub(from) > d {
				return float64(n-counted) / now.Sub(from).Seconds()
			}
		}
	}
}
