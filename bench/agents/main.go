// Command agents compares agents of simrun with those of aiomas: calls in one
// container and between two in two processes, timers and sleepers on an external clock, and how long it takes to make
// many. See package bench for how it compares, and for what it prints.
//
//	go run ./bench/agents -python .venv/bin/python
package main

import (
	"flag"
	"fmt"
	"slices"

	"github.com/simrun/simrun/internal/bench"
)

// A figure is something to measure.
type figure struct {
	name  string
	unit  string
	peer  []string // arguments of peers/bench_aiomas_agents.py
	key   string   // in its result
	ours  func() float64
	title string
}

// Sizes are those with which the peer's figures are known.
const (
	agents   = 500
	sleepers = 100_000
	times    = 1000
)

var figures = []figure{
	{name: "calls", unit: "1/s", title: "calls between agents of one container",
		peer: []string{"calls", fmt.Sprint(agents), "12000"}, key: "calls_per_s", ours: calls},
	{name: "remote-tcp-json", unit: "1/s", title: "calls between two containers, TCP, JSON",
		peer: []string{"remote", "tcp", "JSON", fmt.Sprint(agents), "12000"}, key: "calls_per_s", ours: func() float64 { return remoteCalls("tcp", "JSON") }},
	{name: "remote-unix-msgpack", unit: "1/s", title: "calls between two containers, Unix socket, MsgPack",
		peer: []string{"remote", "unix", "MsgPack", fmt.Sprint(agents), "12000"}, key: "calls_per_s", ours: func() float64 { return remoteCalls("unix", "MsgPack") }},
	{name: "wakeups", unit: "1/s", title: "behaviours that wake up on an external clock",
		peer: []string{"sleepers", fmt.Sprint(sleepers), fmt.Sprint(times)}, key: "wakeups_per_s", ours: func() float64 { w, _ := sleep(); return w }},
	{name: "sleeps", unit: "1/s", title: "the same, from their beginning",
		peer: []string{"sleepers", fmt.Sprint(sleepers), fmt.Sprint(times)}, key: "sleeps_per_s", ours: func() float64 { _, s := sleep(); return s }},
	{name: "timers", unit: "1/s", title: "timers that fire on an external clock", ours: timers},
	{name: "create", unit: "s", title: "time to make 100,000 agents",
		peer: []string{"create", fmt.Sprint(sleepers)}, key: "seconds", ours: func() float64 { s, _ := create(); return s }},
	{name: "size", unit: "B", title: "memory of one of 100,000 agents",
		peer: []string{"create", fmt.Sprint(sleepers)}, key: "bytes", ours: func() float64 { _, b := create(); return b }},
}

// by is what the figure of the name is called when simrun or aiomas gives it.
func by(who, name string) string {
	f := figures[slices.IndexFunc(figures, func(f figure) bool { return f.name == name })]
	return fmt.Sprintf("%s, %s, %s", f.title, f.unit, who)
}

// ratio promises that simrun is so many times as fast as aiomas.
func ratio(bar, ours, peers string, target float64) bench.Bar {
	return bench.Ratio(bar, by("simrun", ours), by("aiomas", peers), target)
}

func bars() []bench.Bar {
	return []bench.Bar{
		ratio("agents-in-container", "calls", "calls", 100),
		ratio("agents-tcp-json", "remote-tcp-json", "remote-tcp-json", 20),
		ratio("agents-unix-msgpack", "remote-unix-msgpack", "remote-unix-msgpack", 20),
		ratio("timers-external-clock", "timers", "wakeups", 25),
		ratio("sleepers-external-clock", "wakeups", "wakeups", 1.5),
		{Name: "create-100000-seconds", Unit: "value", Of: by("simrun", "create"), Target: 1, Most: true},
		{Name: "create-100000-bytes", Unit: "value", Of: by("simrun", "size"), Target: 1024, Most: true},
	}
}

func main() {
	measure := flag.String("measure", "", "measure the `figure` and print it")
	python := flag.String("python", "", "Python with aiomas; without it aiomas is left out")
	server := flag.String("serve", "", "have agents answer calls at `address`")
	codec := flag.String("codec", "JSON", "of -serve: JSON or MsgPack")
	options := bench.Flags(flag.CommandLine)
	flag.Parse()
	if *server != "" {
		serve(*server, *codec)
		return
	}
	if *measure != "" {
		i := slices.IndexFunc(figures, func(f figure) bool { return f.name == *measure })
		fmt.Println(figures[i].ours())
		return
	}
	c := bench.Comparison{Bars: bars()}
	for _, f := range figures {
		c.Cases = append(c.Cases, bench.Program(by("simrun", f.name), bench.Self(), "-measure", f.name))
		if *python != "" && f.peer != nil {
			c.Cases = append(c.Cases, bench.JSON(by("aiomas", f.name), f.key, *python, append([]string{"peers/bench_aiomas_agents.py"}, f.peer...)...))
		}
	}
	c.Main(options)
}
