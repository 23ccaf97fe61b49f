package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/simrun/simrun/channel"
	"github.com/simrun/simrun/codec"
	"github.com/simrun/simrun/container"
	"github.com/simrun/simrun/internal/bench"
)

// node is a container in real time that is joined to others.
type node struct {
	c        *container.Container
	clock    *container.RealTime
	endpoint *container.Endpoint
	cancel   context.CancelFunc
	ended    chan error
}

func newNode(addr, codecName string) *node {
	cfg := channel.Config{Codec: codec.JSON}
	if codecName == "MsgPack" {
		cfg.Codec = codec.MsgPack
	}
	loop, c := world()
	n := &node{c: c, ended: make(chan error, 1)}
	var err error
	n.clock, err = container.NewRealTime(loop, 1)
	bench.Check(err)
	n.endpoint, err = container.Listen(c, n.clock, addr, container.EndpointConfig{Config: cfg})
	bench.Check(err)
	ctx, cancel := context.WithCancel(context.Background())
	n.cancel = cancel
	go func() {
		_, err := n.clock.Run(ctx)
		n.ended <- err
	}()
	return n
}

// add adds an agent to each of so many names.
func (n *node) add(name string, begin func(int) func(context.Context, *echo) error) {
	bench.Check(n.clock.Do(context.Background(), func() error {
		for i := range agents {
			if err := n.c.Add(fmt.Sprint(name, i), &echo{begin: begin(i)}); err != nil {
				return err
			}
		}
		return nil
	}))
}

func (n *node) close() {
	bench.Check(n.endpoint.Shutdown(context.Background()))
	n.cancel()
	bench.Check(<-n.ended)
	bench.Check(n.c.Close())
}

// serve has agents answer calls from another process until its input ends.
func serve(addr, codecName string) {
	n := newNode(addr, codecName)
	n.add("callee-", nothing)
	bench.Ready(n.endpoint.Address())
	n.close()
}

// remoteCalls returns the calls per second from agents of one process to those of
// another.
func remoteCalls(transport, codecName string) float64 {
	const count = 500_000
	dir, err := os.MkdirTemp("", "agents")
	bench.Check(err)
	defer os.RemoveAll(dir)
	addr := "tcp://127.0.0.1:0"
	if transport == "unix" {
		addr = "ipc://" + filepath.Join(dir, "s")
	}
	url, stop, err := bench.Start(context.Background(), bench.Self(), "-serve", addr, "-codec", codecName)
	bench.Check(err)
	n := newNode("", codecName)
	round := func(name string, count int) float64 {
		left, working := count, agents
		done := make(chan struct{})
		start := time.Now()
		n.add(name, func(i int) func(context.Context, *echo) error {
			to := fmt.Sprint(url, "/callee-", i)
			return func(ctx context.Context, a *echo) error {
				for left > 0 {
					left--
					if _, err := a.Call(ctx, to, "echo", []any{1, 2.5, "abc"}); err != nil {
						return err
					}
				}
				if working--; working == 0 {
					close(done)
				}
				return nil
			}
		})
		<-done
		return float64(count) / time.Since(start).Seconds()
	}
	round("first-", 10*agents)
	rate := round("caller-", count)
	n.close()
	bench.Check(stop())
	return rate
}
