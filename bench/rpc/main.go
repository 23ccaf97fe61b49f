// Command rpc compares calls between two processes with simrun, aiomas, gRPC-Go
// and NATS: add(3, 4) with simrun and aiomas, 16 bytes there and back with the
// others. It starts itself as the server and as the client. See package bench for how it
// compares, and for what it prints.
//
//	go run . -python ../../.venv/bin/python
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/simrun/simrun/internal/bench"
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

var bars = []bench.Bar{
	bench.Ratio("rpc-sequential-tcp-json-aiomas", "simrun-tcp-JSON-sequential", "aiomas-tcp-JSON-sequential", 8),
	bench.Ratio("rpc-sequential-unix-msgpack-aiomas", "simrun-unix-MsgPack-sequential", "aiomas-unix-MsgPack-sequential", 5),
	bench.Ratio("rpc-sequential-grpc", "simrun-tcp-JSON-sequential", "grpc-tcp-sequential", 1.5),
	bench.Ratio("rpc-sequential-nats", "simrun-tcp-JSON-sequential", "nats-tcp-sequential", 1.5),
	bench.Ratio("rpc-1000-one-tcp-json-aiomas", "simrun-tcp-JSON-one", "aiomas-tcp-JSON-callers", 20),
	bench.Ratio("rpc-1000-one-unix-msgpack-aiomas", "simrun-unix-MsgPack-one", "aiomas-unix-MsgPack-callers", 20),
	bench.Ratio("rpc-1000-callers-tcp-json-aiomas", "simrun-tcp-JSON-callers", "aiomas-tcp-JSON-callers", 10),
	bench.Ratio("rpc-1000-callers-unix-msgpack-aiomas", "simrun-unix-MsgPack-callers", "aiomas-unix-MsgPack-callers", 10),
	bench.Ratio("rpc-1000-callers-grpc", "simrun-tcp-MsgPack-callers", "grpc-tcp-callers", 10),
	bench.Ratio("rpc-1000-callers-nats", "simrun-tcp-MsgPack-callers", "nats-tcp-callers", 4),
}

func main() {
	serve := flag.String("serve", "", "be the server of `peer/transport/codec`")
	measure := flag.String("measure", "", "be the client: `peer/transport/codec/mode/address`")
	seconds := flag.Float64("seconds", 1, "how long each measurement takes")
	python := flag.String("python", "", "Python with aiomas; without it aiomas is left out")
	options := bench.Flags(flag.CommandLine)
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
		c := bench.Comparison{Title: "calls per second", Bars: bars}
		for _, s := range settings {
			if s.peer != "aiomas" {
				c.Cases = append(c.Cases, compiled(s, fmt.Sprint(*seconds)))
			} else if *python != "" {
				c.Cases = append(c.Cases, aiomas(s, fmt.Sprint(*seconds), *python))
			}
		}
		c.Main(options)
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
	bench.Ready(address)
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

// compiled measures a peer in Go: this program is the server and the client.
func compiled(s setting, seconds string) bench.Case {
	return bench.Case{Figures: []string{s.String()}, Measure: func(ctx context.Context, _ string) ([]float64, error) {
		peer := strings.Join([]string{s.peer, s.transport, s.codec}, "/")
		address, stop, err := bench.Start(ctx, bench.Self(), "-serve", peer)
		if err != nil {
			return nil, err
		}
		rate, err := bench.Number(ctx, bench.Self(), "-seconds", seconds, "-measure", strings.Join([]string{peer, s.mode, address}, "/"))
		return []float64{rate}, errors.Join(err, stop())
	}}
}

// aiomas measures aiomas, whose program starts its server itself.
func aiomas(s setting, seconds, python string) bench.Case {
	callers := strconv.Itoa(callersOf(s))
	return bench.JSON(s.String(), "calls_per_s", python, "../../peers/bench_aiomas_rpc.py", s.transport, s.codec, callers, seconds)
}
