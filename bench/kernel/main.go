//go:build unix

// Command kernel compares the scheduler and its processes with other kernels for
// discrete-event simulation: M/M/1 and PHOLD with simrun, cimba, nexosim and SimPy, and the
// queue of events with a binary heap. What counts is processor time, which other programs
// change less than the time on the wall; but what shards are compared by is the latter. See
// package bench for how it compares, and for what it prints.
//
//	bench/kernel/setup.sh
//	go run ./bench/kernel
package main

import (
	"flag"
	"fmt"
	"os"
	"strconv"

	"github.com/simrun/simrun/internal/bench"
)

const (
	python  = ".venv/bin/python"                           // made by peers/setup.sh
	nexosim = "bench/kernel/nexosim/target/release/kernel" // made by setup.sh, if there is cargo
)

// ours is a model with simrun, in a process of its own: this program. who says which variant, if there are several.
func ours(model, who string, sizes ...string) bench.Case {
	return bench.Program(model+" "+who, bench.Self(), append([]string{"-measure", model}, sizes...)...)
}

func cases() []bench.Case {
	all := []bench.Case{
		ours("mm1-processes", "simrun", "3000000"),
		bench.Program("mm1-processes cimba", python, "bench/kernel/mm1_cimba.py", "3000000"),
		bench.Program("mm1-processes simpy", python, "bench/kernel/mm1_simpy.py", "150000"),
		ours("mm1-handlers", "simrun", "5000000"),
	}
	_, err := os.Stat(nexosim)
	hasNexosim := err == nil
	if hasNexosim {
		all = append(all, bench.Program("mm1-handlers nexosim", nexosim, "mm1", "1000000"))
	}
	// How many processes there are, how many events of each are pending, and how many
	// events are measured, also with SimPy, which takes longest.
	for _, s := range []struct{ lps, each, events, simpy string }{
		{"1024", "1", "5000000", "300000"},
		{"65536", "1", "4000000", "300000"},
		{"65536", "16", "3000000", "600000"},
	} {
		model := fmt.Sprintf("phold-%sx%s", s.lps, s.each)
		all = append(all, ours(model, "simrun", s.lps, s.each, s.events))
		if hasNexosim {
			all = append(all, bench.Program(model+" nexosim", nexosim, "phold", s.lps, s.each, "1000000"))
		}
		all = append(all, bench.Program(model+" simpy", python, "bench/kernel/phold_simpy.py", s.lps, s.each, s.simpy))
	}
	return append(all,
		ours(pholdOnShards, "one", "65536", "8000000", "1"),
		ours(pholdOnShards, "two", "65536", "8000000", "2"),
		queue())
}

// pholdOnShards is PHOLD 65,536 x 1 on one shard or on two, whose times are on the wall.
const pholdOnShards = "phold-65536-two-shards"

// queue is the queue of events alone, in the benchmark of package scheduler, whose loads have other names.
func queue() bench.Case {
	var results []bench.Result
	for _, load := range []struct{ here, there string }{{"hold", "exponential"}, {"ties", "ties"}, {"zero-delays", "zero-or-one"}} {
		for _, size := range []string{"100", "10000", "1000000"} {
			for _, who := range []string{"binary-heap", "4-ary-heap", "queue"} {
				results = append(results, bench.Result{
					Figure: load.here + "-" + size + " " + who, Benchmark: "Queue/hold/" + load.there + "/" + size, Unit: who + "-ns/event",
				})
			}
		}
	}
	return bench.Benchmarks("scheduler", "^BenchmarkQueue$/^hold$/^(exponential|ties|zero-or-one)$/^(100|10000|1000000)$", "0.5s", results...)
}

var bars = []bench.Bar{
	bench.Ratio("mm1-processes-cimba", "mm1-processes cimba", "mm1-processes simrun", 2.2),
	bench.Ratio("mm1-processes-simpy", "mm1-processes simpy", "mm1-processes simrun", 50),
	bench.Ratio("mm1-handlers-cimba", "mm1-processes cimba", "mm1-handlers simrun", 4.5),
	bench.Ratio("phold-1024x1-nexosim", "phold-1024x1 nexosim", "phold-1024x1 simrun", 8),
	bench.Ratio("phold-1024x1-simpy", "phold-1024x1 simpy", "phold-1024x1 simrun", 30),
	bench.Ratio("phold-65536x1-nexosim", "phold-65536x1 nexosim", "phold-65536x1 simrun", 16),
	bench.Ratio("phold-65536x1-simpy", "phold-65536x1 simpy", "phold-65536x1 simrun", 30),
	bench.Ratio("phold-65536x16-nexosim", "phold-65536x16 nexosim", "phold-65536x16 simrun", 16),
	bench.Ratio("phold-65536x16-simpy", "phold-65536x16 simpy", "phold-65536x16 simrun", 30),
	bench.Ratio(pholdOnShards, pholdOnShards+" one", pholdOnShards+" two", 1.7),
	bench.Ratio("hold-100", "hold-100 binary-heap", "hold-100 queue", 2),
	bench.Ratio("hold-10000", "hold-10000 binary-heap", "hold-10000 queue", 3),
	bench.Ratio("hold-1000000", "hold-1000000 binary-heap", "hold-1000000 queue", 3),
	bench.Ratio("ties-100", "ties-100 binary-heap", "ties-100 queue", 4),
	bench.Ratio("ties-10000", "ties-10000 binary-heap", "ties-10000 queue", 4),
	bench.Ratio("ties-1000000", "ties-1000000 binary-heap", "ties-1000000 queue", 4),
	bench.Ratio("zero-delays-100", "zero-delays-100 binary-heap", "zero-delays-100 queue", 4),
	bench.Ratio("zero-delays-10000", "zero-delays-10000 binary-heap", "zero-delays-10000 queue", 4),
	bench.Ratio("zero-delays-1000000", "zero-delays-1000000 binary-heap", "zero-delays-1000000 queue", 4),
}

func main() {
	measure := flag.String("measure", "", "run the `model` with simrun, with sizes as arguments, and print nanoseconds")
	options := bench.Flags(flag.CommandLine)
	flag.Parse()
	if *measure != "" {
		fmt.Println(run(*measure, flag.Args()))
		return
	}
	// Where SimPy and cimba are installed.
	bench.Check(os.Setenv("PYTHONPATH", ".venv/des:.venv/kernel"))
	c := bench.Comparison{Title: "ns for each customer or event", Cases: cases(), Bars: bars}
	c.Main(options)
}

// run runs a model with simrun.
func run(model string, args []string) (ns float64) {
	sizes := make([]int, len(args))
	for i, a := range args {
		var err error
		sizes[i], err = strconv.Atoi(a)
		bench.Check(err)
	}
	switch model {
	case "mm1-processes":
		return mm1Processes(sizes[0])
	case "mm1-handlers":
		return mm1Handlers(sizes[0])
	case pholdOnShards:
		return pholdShards(sizes[0], sizes[1], sizes[2])
	}
	return phold(sizes[0], sizes[1], sizes[2])
}
