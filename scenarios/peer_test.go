package scenarios_test

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/simrun/simrun/channel"
	"github.com/simrun/simrun/codec"
	"github.com/simrun/simrun/rpc"
)

// peer is a simulator of its own: what this test binary becomes if TEST_PEER is
// set. Its last argument is the address.
//
//   - house has a model Street with three children of model House, which put out
//     P = 100 * their number;
//   - pair opens the named pipe args[0], to read or write as args[1] says, and so
//     waits for another one to open its other end;
//   - silent does so too, and then never connects;
//   - echo fails at init with all that it was given;
//   - broken says so and exits.
func peer(kind string, args []string) {
	addr := args[len(args)-1]
	switch kind {
	case "broken":
		fmt.Fprintln(os.Stderr, "no licence found")
		os.Exit(3)
	case "pair", "silent":
		end := os.O_RDONLY
		if args[1] == "writes" {
			end = os.O_WRONLY
		}
		if _, err := os.OpenFile(args[0], end, 0); err != nil {
			panic(err)
		}
		if kind == "silent" {
			stop := make(chan os.Signal, 1)
			signal.Notify(stop, os.Interrupt, syscall.SIGTERM)
			<-stop
			return
		}
	}
	var router rpc.Router
	reply := func(path, answer string) {
		router.Handle(path, func(context.Context, *rpc.Invocation) (any, error) { return codec.Raw(answer), nil })
	}
	reply("init", `{"api_version": "3.0", "type": "time-based", "models": {
		"Street": {"public": true, "params": ["length"], "attrs": []},
		"House": {"public": false, "params": [], "attrs": ["P", "V"]}}}`)
	reply("create", `[{"eid": "s", "type": "Street", "children": [
		{"eid": "h-1", "type": "House"}, {"eid": "h-2", "type": "House"}, {"eid": "x-3", "type": "House"}]}]`)
	reply("setup_done", `null`)
	reply("stop", `null`)
	router.Handle("step", func(_ context.Context, in *rpc.Invocation) (any, error) {
		t, err := in.Int(0)
		return t + 900, err
	})
	reply("get_data", `{"h-1": {"P": 100}, "h-2": {"P": 200}, "x-3": {"P": 300}}`)
	if kind == "echo" {
		router = rpc.Router{}
		router.Handle("init", func(_ context.Context, in *rpc.Invocation) (any, error) {
			dir, err := os.Getwd()
			kwargs := ""
			for _, m := range in.Kwargs {
				kwargs += fmt.Sprintf(" %s=%s", m.Key, m.Value)
			}
			return nil, fmt.Errorf("dir=%s args=%q env=%s%s %v", filepath.Base(dir), args[:len(args)-1], os.Getenv("LEVEL"), kwargs, err)
		})
	}
	conn, err := channel.Dial(context.Background(), addr, channel.Config{Handler: router.Serve, Workers: 1})
	if err != nil {
		panic(err)
	}
	<-conn.Done()
}
