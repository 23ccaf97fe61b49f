//go:build unix

// Command kernel compares the scheduler and its processes with other kernels for
// discrete-event simulation: M/M/1 and PHOLD with simrun, cimba, nexosim and SimPy, and the
// queue of events with a binary heap. It measures one after the other, each in a process of
// its own, in several rounds, and ends with one line for each bar; its exit status is 1 if
// one is missed. What counts is processor time, which other programs change less
// than the time on the wall; but what shards are compared by is the latter.
//
//	bench/kernel/setup.sh
//	go run ./bench/kernel
package main

import (
	"bufio"
	"bytes"
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// A contestant is somebody who runs a model: a program that prints nanoseconds for each
// customer or event.
type contestant struct {
	model, who string
	command    []string // nil for simrun: this program
	args       []string
}

const nexosim = "bench/kernel/nexosim/target/release/kernel"

// pholdSizes are how many processes there are, how many events of each are pending, and
// how many events are measured, also with SimPy, which takes longest.
var pholdSizes = []struct{ lps, each, events, simpy string }{
	{"1024", "1", "5000000", "300000"},
	{"65536", "1", "4000000", "300000"},
	{"65536", "16", "3000000", "600000"},
}

var contestants = func() []contestant {
	all := []contestant{
		{"mm1-processes", "simrun", nil, []string{"3000000"}},
		{"mm1-processes", "cimba", []string{"python", "bench/kernel/mm1_cimba.py"}, []string{"3000000"}},
		{"mm1-processes", "simpy", []string{"python", "bench/kernel/mm1_simpy.py"}, []string{"150000"}},
		{"mm1-handlers", "simrun", nil, []string{"5000000"}},
		{"mm1-handlers", "nexosim", []string{nexosim, "mm1"}, []string{"1000000"}},
	}
	for _, s := range pholdSizes {
		model := fmt.Sprintf("phold-%sx%s", s.lps, s.each)
		all = append(all,
			contestant{model, "simrun", nil, []string{s.lps, s.each, s.events}},
			contestant{model, "nexosim", []string{nexosim, "phold"}, []string{s.lps, s.each, "1000000"}},
			contestant{model, "simpy", []string{"python", "bench/kernel/phold_simpy.py"}, []string{s.lps, s.each, s.simpy}})
	}
	return append(all,
		contestant{pholdOnShards, "one", nil, []string{"65536", "8000000", "1"}},
		contestant{pholdOnShards, "two", nil, []string{"65536", "8000000", "2"}})
}()

// pholdOnShards is PHOLD 65,536 x 1 on one shard or on two, whose times are on the wall.
const pholdOnShards = "phold-65536-two-shards"

// The loads of the queue of events, in the benchmark of package scheduler, and their names here.
var holdLoads = map[string]string{"exponential": "hold", "ties": "ties", "zero-or-one": "zero-delays"}

const holdBench = "^BenchmarkQueue$/^hold$/^(exponential|ties|zero-or-one)$/^(100|10000|1000000)$"

// A bar is a promise: the median of the ratios in a round is at least target.
type bar struct {
	name        string
	ours, peers string // figures
	target      float64
}

var bars = []bar{
	{"mm1-processes-cimba", "mm1-processes simrun", "mm1-processes cimba", 2.2},
	{"mm1-processes-simpy", "mm1-processes simrun", "mm1-processes simpy", 50},
	{"mm1-handlers-cimba", "mm1-handlers simrun", "mm1-processes cimba", 4.5},
	{"phold-1024x1-nexosim", "phold-1024x1 simrun", "phold-1024x1 nexosim", 8},
	{"phold-1024x1-simpy", "phold-1024x1 simrun", "phold-1024x1 simpy", 30},
	{"phold-65536x1-nexosim", "phold-65536x1 simrun", "phold-65536x1 nexosim", 16},
	{"phold-65536x1-simpy", "phold-65536x1 simrun", "phold-65536x1 simpy", 30},
	{"phold-65536x16-nexosim", "phold-65536x16 simrun", "phold-65536x16 nexosim", 16},
	{"phold-65536x16-simpy", "phold-65536x16 simrun", "phold-65536x16 simpy", 30},
	{pholdOnShards, pholdOnShards + " two", pholdOnShards + " one", 1.7},
	{"hold-100", "hold-100 queue", "hold-100 binary-heap", 2},
	{"hold-10000", "hold-10000 queue", "hold-10000 binary-heap", 3},
	{"hold-1000000", "hold-1000000 queue", "hold-1000000 binary-heap", 3},
	{"ties-100", "ties-100 queue", "ties-100 binary-heap", 4},
	{"ties-10000", "ties-10000 queue", "ties-10000 binary-heap", 4},
	{"ties-1000000", "ties-1000000 queue", "ties-1000000 binary-heap", 4},
	{"zero-delays-100", "zero-delays-100 queue", "zero-delays-100 binary-heap", 4},
	{"zero-delays-10000", "zero-delays-10000 queue", "zero-delays-10000 binary-heap", 4},
	{"zero-delays-1000000", "zero-delays-1000000 queue", "zero-delays-1000000 binary-heap", 4},
}

func main() {
	log.SetFlags(0)
	measure := flag.String("measure", "", "run the `model` with simrun, with sizes as arguments, and print nanoseconds")
	rounds := flag.Int("rounds", 5, "number of rounds")
	only := flag.String("only", "", "measure only figures that contain this")
	flag.Parse()
	if *measure != "" {
		fmt.Println(run(*measure, flag.Args()))
		return
	}
	if !compare(*rounds, *only) {
		os.Exit(1)
	}
}

// run runs a model with simrun.
func run(model string, args []string) (ns float64) {
	sizes := make([]int, len(args))
	for i, a := range args {
		var err error
		sizes[i], err = strconv.Atoi(a)
		check(err)
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

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// figures are nanoseconds, one for each round, by what was measured: model and who.
type figures struct {
	ns    map[string][]float64
	names []string // in the order in which they came first
}

func (f *figures) add(name string, ns float64) {
	if f.ns[name] == nil {
		f.names = append(f.names, name)
	}
	f.ns[name] = append(f.ns[name], ns)
}

// compare measures everything in turn, prints it and the bars, and reports whether all
// bars are met.
func compare(rounds int, only string) bool {
	dir, err := os.MkdirTemp("", "kernel")
	check(err)
	defer os.RemoveAll(dir)
	queue := filepath.Join(dir, "scheduler.test")
	output(exec.Command("go", "test", "-c", "-o", queue, "./scheduler"))
	f := figures{ns: make(map[string][]float64)}
	for round := range rounds {
		order := slices.Clone(contestants)
		if round%2 == 1 {
			slices.Reverse(order)
		}
		for _, c := range order {
			if strings.Contains(c.model, only) {
				c.measure(&f)
			}
		}
		if strings.Contains("hold ties zero-delays", only) {
			measureQueue(queue, &f)
		}
	}
	f.print()
	return f.judge()
}

func (c contestant) measure(f *figures) {
	name, args := "", c.args
	switch {
	case c.command == nil:
		self, err := os.Executable()
		check(err)
		name, args = self, append([]string{"-measure", c.model}, args...)
	case c.command[0] == "python":
		name, args = ".venv/bin/python", append(c.command[1:], args...)
	default:
		name, args = c.command[0], append(c.command[1:], args...)
		if _, err := os.Stat(name); err != nil {
			return // there was no cargo
		}
	}
	cmd := exec.Command(name, args...)
	cmd.Env = append(os.Environ(), "PYTHONPATH=.venv/des:.venv/kernel")
	ns, err := strconv.ParseFloat(strings.TrimSpace(output(cmd)), 64)
	check(err)
	f.add(c.model+" "+c.who, ns)
}

func output(cmd *exec.Cmd) string {
	var messages bytes.Buffer
	cmd.Stderr = &messages
	out, err := cmd.Output()
	if err != nil {
		log.Fatalf("%v: %v\n%s", cmd, err, &messages)
	}
	return string(out)
}

// measureQueue reads what the benchmark of the queue prints: lines of a name and of
// values with their units.
func measureQueue(program string, f *figures) {
	cmd := exec.Command(program, "-test.run", "^$", "-test.bench", holdBench, "-test.benchtime", "0.5s")
	for s := bufio.NewScanner(strings.NewReader(output(cmd))); s.Scan(); {
		fields := strings.Fields(s.Text())
		if len(fields) == 0 || !strings.HasPrefix(fields[0], "BenchmarkQueue/hold/") {
			continue
		}
		name := strings.Split(fields[0], "/")
		size, _, _ := strings.Cut(name[3], "-") // what follows is the number of processors
		for i := 2; i+1 < len(fields); i += 2 {
			who, isTime := strings.CutSuffix(fields[i+1], "-ns/event")
			if !isTime {
				continue
			}
			ns, err := strconv.ParseFloat(fields[i], 64)
			check(err)
			f.add(fmt.Sprintf("%s-%s %s", holdLoads[name[2]], size, who), ns)
		}
	}
}

func (f *figures) print() {
	fmt.Printf("%-32s %10s %10s %10s\n", "ns for each customer or event", "median", "least", "most")
	for _, name := range f.names {
		v := f.ns[name]
		fmt.Printf("%-32s %10.5g %10.5g %10.5g\n", name, median(v), slices.Min(v), slices.Max(v))
	}
}

func (f *figures) judge() bool {
	all := true
	for _, b := range bars {
		ours, peers := f.ns[b.ours], f.ns[b.peers]
		if ours == nil || peers == nil {
			continue
		}
		ratios := make([]float64, len(ours))
		for i := range ratios {
			ratios[i] = peers[i] / ours[i]
		}
		verdict := "ok"
		if median(ratios) < b.target {
			all, verdict = false, "short"
		}
		fmt.Printf("bar %s ratio %.2f target %.2f %s\n", b.name, median(ratios), b.target, verdict)
	}
	return all
}

func median(values []float64) float64 {
	s := slices.Sorted(slices.Values(values))
	return (s[(len(s)-1)/2] + s[len(s)/2]) / 2
}
