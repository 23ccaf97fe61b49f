package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/simrun/simrun/channel"
	"github.com/simrun/simrun/codec"
	"github.com/simrun/simrun/rpc"
)

// fakeSimulator is an external simulator that steps once a minute and counts
// its steps. It is called as
//
//	fakesim BEHAVIOUR HOST:PORT
//
// and behaves well, or, from the second minute on, badly.
func fakeSimulator() {
	behaviour, addr := os.Args[1], os.Args[2]
	fmt.Println("fakesim: pid", os.Getpid())
	switch behaviour {
	case "exit":
		fmt.Fprintln(os.Stderr, "fakesim: no licence found")
		os.Exit(7)
	case "silent", "hang", "stuck":
		// Not to be ended by asking.
		signal.Ignore(syscall.SIGTERM, os.Interrupt)
	}
	if behaviour == "silent" {
		select {}
	}
	var router rpc.Router
	reply := func(path, answer string) {
		router.Handle(path, func(context.Context, *rpc.Invocation) (any, error) { return codec.Raw(answer), nil })
	}
	now := int64(0)
	reply("init", `{"api_version": "3.0", "type": "time-based", "models": {"Counter": {"public": true, "params": [], "attrs": ["count"]}}}`)
	reply("create", `[{"eid": "c0", "type": "Counter"}]`)
	reply("setup_done", `null`)
	reply("stop", `null`)
	router.Handle("step", func(_ context.Context, in *rpc.Invocation) (any, error) {
		t, err := in.Int(0)
		if now = t; t < 120 {
			return t + 60, err
		}
		switch behaviour {
		case "die":
			fmt.Fprintln(os.Stderr, "fakesim: out of fuel")
			os.Exit(7)
		case "raise":
			return nil, &channel.RemoteError{Type: "ValueError", Message: "the tank is empty"}
		case "hang", "stuck":
			select {}
		}
		return t + 60, err
	})
	router.Handle("get_data", func(context.Context, *rpc.Invocation) (any, error) {
		return map[string]any{"c0": map[string]any{"count": now / 60}}, nil
	})
	conn, err := channel.Dial(context.Background(), addr, channel.Config{Handler: router.Serve, Workers: 1})
	if err != nil {
		log.Fatal(err)
	}
	<-conn.Done()
	if behaviour == "stuck" {
		time.Sleep(time.Hour) // until it is killed
	}
}
