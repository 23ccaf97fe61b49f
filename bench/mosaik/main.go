//go:build unix

// Command mosaik compares worlds in simrun with the same ones in the real mosaik: simulators in
// the process of the orchestrator (of mosaik in Python, of simrun in Go), the same unmodified
// Python simulators in processes of their own, and simulators in Go in such. See package
// bench for how it compares, and for what it prints.
//
//	go run ./bench/mosaik
package main

import (
	"flag"
	"fmt"
	"strconv"

	"github.com/simrun/simrun/internal/bench"
)

// ours is a world in simrun, in a process of its own: this program.
func ours(world string) bench.Case {
	return bench.Program(world+" simrun", bench.Self(), "-measure", world)
}

// realMosaik is a world in the real mosaik for so many units of time. mode is "" or "eager".
func realMosaik(world, who string, until int, mode string) bench.Case {
	w := worlds[world]
	return bench.Program(world+" "+who, python, "bench/mosaik/real_mosaik.py", simulator,
		w.where, strconv.Itoa(w.sims), strconv.Itoa(w.entities), w.topology, strconv.Itoa(until), mode)
}

var comparison = bench.Comparison{
	Title: "us for each step of a simulator",
	Cases: []bench.Case{
		ours("pair"),
		realMosaik("pair", "mosaik", 5000, ""),
		ours("chain-100"),
		realMosaik("chain-100", "mosaik", 20, ""),
		ours("independent-100"),
		realMosaik("independent-100", "mosaik", 40, ""),
		ours("connections-10000"),
		realMosaik("connections-10000", "mosaik", 20, ""),
		ours("tcp-pair"),
		realMosaik("tcp-pair", "mosaik", 2000, ""),
		realMosaik("tcp-pair", "mosaik-eager", 2000, "eager"),
		ours("tcp-chain-10"),
		realMosaik("tcp-chain-10", "mosaik", 400, ""),
		ours("tcp-connections-1000"),
		realMosaik("tcp-connections-1000", "mosaik", 150, ""),
		ours("unix-pair"),
	},
	Bars: []bench.Bar{
		bench.Ratio("pair", "pair mosaik", "pair simrun", 40),
		bench.Ratio("chain-100", "chain-100 mosaik", "chain-100 simrun", 300),
		bench.Ratio("independent-100", "independent-100 mosaik", "independent-100 simrun", 300),
		bench.Ratio("connections-10000", "connections-10000 mosaik", "connections-10000 simrun", 20),
		bench.Ratio("tcp-pair", "tcp-pair mosaik", "tcp-pair simrun", 2.5),
		bench.Ratio("tcp-pair-eager", "tcp-pair mosaik-eager", "tcp-pair simrun", 1.8),
		bench.Ratio("tcp-chain-10", "tcp-chain-10 mosaik", "tcp-chain-10 simrun", 1.8),
		bench.Ratio("tcp-connections-1000", "tcp-connections-1000 mosaik", "tcp-connections-1000 simrun", 1.5),
		bench.Ratio("unix-pair-go", "tcp-pair mosaik", "unix-pair simrun", 10),
	},
}

const (
	python    = ".venv/bin/python" // made by peers/setup.sh
	simulator = "sim/mosaik/testdata/bench.py"
)

func main() {
	measure := flag.String("measure", "", "run the `world` with simrun and print microseconds")
	profile := flag.String("profile", "", "with -measure: write a processor profile to the `file`")
	serve := flag.String("serve", "", "serve a simulator in Go at the `address`, once")
	options := bench.Flags(flag.CommandLine)
	flag.Parse()
	switch {
	case *measure != "":
		fmt.Println(run(*measure, *profile))
	case *serve != "":
		bench.Check(serveOne(*serve))
	default:
		comparison.Main(options)
	}
}
