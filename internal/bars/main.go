// Command bars measures what simrun promises about its speed and says whether
// it keeps it. It is not a test: what it finds depends on the machine and on
// what else that does. From the root of the module, with the peers installed
// (make peers):
//
//	go run ./internal/bars
//
// In each of several rounds it runs the pair of one external Python simulator and a collector with simrun and with the
// real mosaik, and the benchmarks of package sim, forwards or backwards. See package bench for what it prints.
package main

import (
	"flag"

	"github.com/simrun/simrun/internal/bench"
)

const (
	python = ".venv/bin/python" // made by peers/setup.sh
	steps  = "10000"            // of the external simulator
)

// What the bars are about.
const (
	pairSimrun = "external simulator, simrun, steps/s"
	pairMosaik = "external simulator, mosaik, steps/s"

	stepTime   = "step of a Go simulator, ns"
	stepAllocs = "step of a Go simulator, allocations"

	connections1k  = "1,000 connections, ns for each"
	connections10k = "10,000 connections, ns for each"
	startup10k     = "10,000 connections, startup, ms"
)

var comparison = bench.Comparison{
	Cases: []bench.Case{
		bench.Benchmarks("sim/mosaik", "^BenchmarkStep$/^one-write$", steps+"x", bench.Result{Figure: pairSimrun, Benchmark: "Step/one-write", Unit: "steps/s"}),
		bench.JSON(pairMosaik, "steps_per_s", python, "peers/bench_mosaik_pair.py", steps),
		bench.Benchmarks("sim", "^(BenchmarkStep|BenchmarkEntities)$", "1s",
			bench.Result{Figure: stepTime, Benchmark: "Step", Unit: "ns/op"},
			bench.Result{Figure: stepAllocs, Benchmark: "Step", Unit: "allocs/op"},
			bench.Result{Figure: connections1k, Benchmark: "Entities/1000", Unit: "ns/connection"},
			bench.Result{Figure: connections10k, Benchmark: "Entities/10000", Unit: "ns/connection"},
			bench.Result{Figure: startup10k, Benchmark: "Entities/10000", Unit: "ms-startup"}),
	},
	Bars: []bench.Bar{
		// One external Python simulator, read by a collector: steps per second,
		// times those of the real mosaik.
		{Name: "external-step", Unit: "ratio", Of: pairSimrun, To: pairMosaik, Target: 1.6, Title: "external simulator, ratio in a round"},
		// A step of a Go simulator with an input and an output.
		{Name: "go-step", Unit: "ns", Of: stepTime, Target: 1000, Most: true},
		{Name: "go-step", Unit: "allocs", Of: stepAllocs, Target: 0, Most: true},
		// The cost per connection of ten times as many connections: 1 if it grows as
		// they do, 10 if with their square. Caches alone account for about 2.
		{Name: "connections-10000", Unit: "growth", Of: connections10k, To: connections1k, Target: 3, Most: true},
		{Name: "connections-10000", Unit: "startup-ms", Of: startup10k, Target: 1000, Most: true},
	},
}

func main() {
	o := bench.Flags(flag.CommandLine)
	flag.Parse()
	comparison.Main(o)
}
