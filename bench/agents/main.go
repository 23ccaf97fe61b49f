// Command agents compares agents of simrun with those of aiomas: calls in one
// container and between two in two processes, timers and sleepers on an external clock, and how long it takes to make
// many. It measures one after the other, each in a process of its own, in several
// rounds, and ends with one line for each bar; its exit status is 1 if one is missed.
//
//	go run ./bench/agents -python .venv/bin/python
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"slices"
	"strings"
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

// A bar is a promise: the median of the ratios in a round is at least target, or the
// median of our figure is below most.
type bar struct {
	name        string
	ours, peers string // figures
	target      float64
	most        float64
}

var bars = []bar{
	{name: "agents-in-container", ours: "calls", peers: "calls", target: 100},
	{name: "agents-tcp-json", ours: "remote-tcp-json", peers: "remote-tcp-json", target: 20},
	{name: "agents-unix-msgpack", ours: "remote-unix-msgpack", peers: "remote-unix-msgpack", target: 20},
	{name: "timers-external-clock", ours: "timers", peers: "wakeups", target: 25},
	{name: "sleepers-external-clock", ours: "wakeups", peers: "wakeups", target: 1.5},
	{name: "create-100000-seconds", ours: "create", most: 1},
	{name: "create-100000-bytes", ours: "size", most: 1024},
}

func main() {
	log.SetFlags(0)
	measure := flag.String("measure", "", "measure the `figure` and print it")
	rounds := flag.Int("rounds", 5, "number of rounds")
	python := flag.String("python", "", "Python with aiomas; without it aiomas is left out")
	server := flag.String("serve", "", "have agents answer calls at `address`")
	codec := flag.String("codec", "JSON", "of -serve: JSON or MsgPack")
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
	if !compare(*rounds, *python) {
		os.Exit(1)
	}
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// output runs a program.
func output(name string, args ...string) string {
	cmd := exec.Command(name, args...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	check(err)
	return strings.TrimSpace(string(out))
}

// compare measures all figures in turn, prints them and the bars, and reports
// whether all bars are met.
func compare(rounds int, python string) bool {
	self, err := os.Executable()
	check(err)
	ours, peers := map[string][]float64{}, map[string][]float64{}
	for range rounds {
		for _, f := range figures {
			var x float64
			_, err := fmt.Sscan(output(self, "-measure", f.name), &x)
			check(err)
			ours[f.name] = append(ours[f.name], x)
			if python == "" || f.peer == nil {
				continue
			}
			var result map[string]float64
			check(json.Unmarshal([]byte(output(python, append([]string{"peers/bench_aiomas_agents.py"}, f.peer...)...)), &result))
			peers[f.name] = append(peers[f.name], result[f.key])
		}
	}
	fmt.Printf("%-46s %4s %12s %12s %12s\n", "", "", "median", "least", "most")
	for _, f := range figures {
		show := func(who string, values []float64) {
			fmt.Printf("%-46s %4s %12.5g %12.5g %12.5g  %s\n", f.title, f.unit, median(values), slices.Min(values), slices.Max(values), who)
		}
		show("simrun", ours[f.name])
		if peers[f.name] != nil {
			show("aiomas", peers[f.name])
		}
	}
	all := true
	for _, b := range bars {
		ok := false
		switch {
		case b.most > 0:
			ok = median(ours[b.ours]) < b.most
			fmt.Printf("bar %s value %.4g target %g ", b.name, median(ours[b.ours]), b.most)
		case peers[b.peers] == nil:
			continue
		default:
			ratios := make([]float64, rounds)
			for i := range ratios {
				ratios[i] = ours[b.ours][i] / peers[b.peers][i]
			}
			ok = median(ratios) >= b.target
			fmt.Printf("bar %s ratio %.2f target %.2f ", b.name, median(ratios), b.target)
		}
		if all = all && ok; ok {
			fmt.Println("ok")
		} else {
			fmt.Println("short")
		}
	}
	return all
}

func median(values []float64) float64 {
	s := slices.Sorted(slices.Values(values))
	return (s[(len(s)-1)/2] + s[len(s)/2]) / 2
}
