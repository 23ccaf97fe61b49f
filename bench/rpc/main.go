// Command rpc compares calls between two processes with simrun, aiomas, gRPC-Go
// and NATS: add(3, 4) with simrun and aiomas, 16 bytes there and back with the
// others. It starts itself as the server and as the client, for each peer in turn,
// and ends with one line for each bar; its exit status is 1 if one is missed.
//
//	go run . -python ../../.venv/bin/python
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A setting is one thing to measure.
type setting struct {
	peer      string // simrun, aiomas, grpc or nats
	transport string // tcp or unix
	codec     string // JSON or MsgPack; empty for the peer's own
	mode      string // sequential; callers or one: 1,000 outstanding, from as many callers or from one goroutine
}

func (s setting) String() string {
	return strings.Join(strings.Fields(strings.Join([]string{s.peer, s.transport, s.codec, s.mode}, " ")), "-")
}

const outstanding = 1000

var settings = []setting{
	{"simrun", "tcp", "JSON", "sequential"}, {"aiomas", "tcp", "JSON", "sequential"}, {"grpc", "tcp", "", "sequential"}, {"nats", "tcp", "", "sequential"},
	{"simrun", "unix", "MsgPack", "sequential"}, {"aiomas", "unix", "MsgPack", "sequential"},
	{"simrun", "tcp", "JSON", "one"}, {"simrun", "tcp", "JSON", "callers"}, {"aiomas", "tcp", "JSON", "callers"}, {"grpc", "tcp", "", "callers"}, {"nats", "tcp", "", "callers"},
	{"simrun", "unix", "MsgPack", "one"}, {"simrun", "unix", "MsgPack", "callers"}, {"aiomas", "unix", "MsgPack", "callers"},
	{"simrun", "tcp", "MsgPack", "callers"},
}

// A bar is a promise: the median of the ratios in a round is at least target.
type bar struct {
	name        string
	ours, peers string // settings
	target      float64
}

var bars = []bar{
	{"rpc-sequential-tcp-json-aiomas", "simrun-tcp-JSON-sequential", "aiomas-tcp-JSON-sequential", 8},
	{"rpc-sequential-unix-msgpack-aiomas", "simrun-unix-MsgPack-sequential", "aiomas-unix-MsgPack-sequential", 5},
	{"rpc-sequential-grpc", "simrun-tcp-JSON-sequential", "grpc-tcp-sequential", 1.5},
	{"rpc-sequential-nats", "simrun-tcp-JSON-sequential", "nats-tcp-sequential", 1.5},
	{"rpc-1000-one-tcp-json-aiomas", "simrun-tcp-JSON-one", "aiomas-tcp-JSON-callers", 20},
	{"rpc-1000-one-unix-msgpack-aiomas", "simrun-unix-MsgPack-one", "aiomas-unix-MsgPack-callers", 20},
	{"rpc-1000-callers-tcp-json-aiomas", "simrun-tcp-JSON-callers", "aiomas-tcp-JSON-callers", 10},
	{"rpc-1000-callers-unix-msgpack-aiomas", "simrun-unix-MsgPack-callers", "aiomas-unix-MsgPack-callers", 10},
	{"rpc-1000-callers-grpc", "simrun-tcp-MsgPack-callers", "grpc-tcp-callers", 10},
	{"rpc-1000-callers-nats", "simrun-tcp-MsgPack-callers", "nats-tcp-callers", 4},
}

func main() {
	log.SetFlags(0)
	serve := flag.String("serve", "", "be the server of `peer/transport/codec`")
	measure := flag.String("measure", "", "be the client: `peer/transport/codec/mode/address`")
	rounds := flag.Int("rounds", 5, "number of rounds")
	seconds := flag.Float64("seconds", 1, "how long each measurement takes")
	python := flag.String("python", "", "Python with aiomas; without it aiomas is left out")
	only := flag.String("only", "", "measure only settings that contain this")
	flag.Parse()
	switch {
	case *serve != "":
		p := strings.Split(*serve, "/")
		server(setting{peer: p[0], transport: p[1], codec: p[2]})
	case *measure != "":
		p := strings.SplitN(*measure, "/", 5)
		s := setting{p[0], p[1], p[2], p[3]}
		fmt.Println(client(s, p[4], time.Duration(*seconds*float64(time.Second))))
	default:
		if !compare(*rounds, *seconds, *python, *only) {
			os.Exit(1)
		}
	}
}

// server serves until standard input ends.
func server(s setting) {
	var address string
	var stop func()
	switch s.peer {
	case "simrun":
		address, stop = serveSimrun(s)
	case "grpc":
		address, stop = serveGRPC()
	case "nats":
		address, stop = serveNATS()
	}
	fmt.Println(address)
	_, _ = io.Copy(io.Discard, os.Stdin) // the end is all that counts
	stop()
}

// client returns the calls per second.
func client(s setting, address string, d time.Duration) float64 {
	switch s.peer {
	case "simrun":
		return measureSimrun(s, address, d)
	case "grpc":
		return measureGRPC(s, address, d)
	}
	return measureNATS(s, address, d)
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// run measures a setting in two processes.
func run(s setting, seconds float64, python string) float64 {
	if s.peer == "aiomas" {
		n := 1
		if s.mode != "sequential" {
			n = outstanding
		}
		cmd := exec.Command(python, "../../peers/bench_aiomas_rpc.py", s.transport, s.codec, strconv.Itoa(n), fmt.Sprint(seconds))
		cmd.Stderr = os.Stderr
		out, err := cmd.Output()
		check(err)
		var result struct {
			Calls float64 `json:"calls_per_s"`
		}
		check(json.Unmarshal(out, &result))
		return result.Calls
	}
	self, err := os.Executable()
	check(err)
	srv := exec.Command(self, "-serve", strings.Join([]string{s.peer, s.transport, s.codec}, "/"))
	srv.Stderr = os.Stderr
	in, err := srv.StdinPipe()
	check(err)
	out, err := srv.StdoutPipe()
	check(err)
	check(srv.Start())
	var address string
	_, err = fmt.Fscanln(out, &address)
	check(err)
	cl := exec.Command(self, "-seconds", fmt.Sprint(seconds), "-measure", strings.Join([]string{s.peer, s.transport, s.codec, s.mode, address}, "/"))
	cl.Stderr = os.Stderr
	result, err := cl.Output()
	check(err)
	check(in.Close())
	check(srv.Wait())
	rate, err := strconv.ParseFloat(strings.TrimSpace(string(result)), 64)
	check(err)
	return rate
}

// compare measures all settings in turn, prints them and the bars, and reports
// whether all bars are met.
func compare(rounds int, seconds float64, python, only string) bool {
	rates := map[string][]float64{}
	for round := range rounds {
		order := slices.Clone(settings)
		if round%2 == 1 {
			slices.Reverse(order)
		}
		for _, s := range order {
			if s.peer == "aiomas" && python == "" || !strings.Contains(s.String(), only) {
				continue
			}
			rates[s.String()] = append(rates[s.String()], run(s, seconds, python))
		}
	}
	fmt.Printf("%-34s %10s %10s %10s\n", "calls per second", "median", "least", "most")
	for _, s := range settings {
		if r := rates[s.String()]; r != nil {
			fmt.Printf("%-34s %10.0f %10.0f %10.0f\n", s, median(r), slices.Min(r), slices.Max(r))
		}
	}
	all := true
	for _, b := range bars {
		ours, peers := rates[b.ours], rates[b.peers]
		if ours == nil || peers == nil {
			continue
		}
		ratios := make([]float64, rounds)
		for i := range ratios {
			ratios[i] = ours[i] / peers[i]
		}
		verdict := "ok"
		if median(ratios) < b.target {
			verdict, all = "short", false
		}
		fmt.Printf("bar %s ratio %.2f target %.2f %s\n", b.name, median(ratios), b.target, verdict)
	}
	return all
}

func median(values []float64) float64 {
	s := slices.Sorted(slices.Values(values))
	return (s[(len(s)-1)/2] + s[len(s)/2]) / 2
}
