//go:build unix

// Command mosaik compares worlds in simrun with the same ones in the real mosaik: simulators in
// the process of the orchestrator (of mosaik in Python, of simrun in Go), the same unmodified
// Python simulators in processes of their own, and simulators in Go in such. It measures
// one after the other, each in a process of its own, in several rounds, and ends with one
// line for each bar; its exit status is 1 if one is missed.
//
//	go run ./bench/mosaik
package main

import (
	"bytes"
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
)

// A contestant is somebody who runs a world: a program that prints microseconds for each
// step of a simulator.
type contestant struct {
	world, who string
	args       []string // of real_mosaik.py; nil for simrun: this program
}

// realMosaik runs w with the real mosaik for so many units of time. mode is "" or "eager".
func realMosaik(world, who string, w world, until int, mode string) contestant {
	return contestant{world, who, []string{w.where, strconv.Itoa(w.sims), strconv.Itoa(w.entities), w.topology, strconv.Itoa(until), mode}}
}

var contestants = []contestant{
	{"pair", "simrun", nil},
	realMosaik("pair", "mosaik", worlds["pair"], 5000, ""),
	{"chain-100", "simrun", nil},
	realMosaik("chain-100", "mosaik", worlds["chain-100"], 20, ""),
	{"independent-100", "simrun", nil},
	realMosaik("independent-100", "mosaik", worlds["independent-100"], 40, ""),
	{"connections-10000", "simrun", nil},
	realMosaik("connections-10000", "mosaik", worlds["connections-10000"], 20, ""),
	{"tcp-pair", "simrun", nil},
	realMosaik("tcp-pair", "mosaik", worlds["tcp-pair"], 2000, ""),
	realMosaik("tcp-pair", "mosaik-eager", worlds["tcp-pair"], 2000, "eager"),
	{"tcp-chain-10", "simrun", nil},
	realMosaik("tcp-chain-10", "mosaik", worlds["tcp-chain-10"], 400, ""),
	{"tcp-connections-1000", "simrun", nil},
	realMosaik("tcp-connections-1000", "mosaik", worlds["tcp-connections-1000"], 150, ""),
	{"unix-pair", "simrun", nil},
}

// A bar is a promise: the median of the ratios in a round is at least target.
type bar struct {
	name        string
	ours, peers string // figures
	target      float64
}

var bars = []bar{
	{"pair", "pair simrun", "pair mosaik", 40},
	{"chain-100", "chain-100 simrun", "chain-100 mosaik", 300},
	{"independent-100", "independent-100 simrun", "independent-100 mosaik", 300},
	{"connections-10000", "connections-10000 simrun", "connections-10000 mosaik", 20},
	{"tcp-pair", "tcp-pair simrun", "tcp-pair mosaik", 2.5},
	{"tcp-pair-eager", "tcp-pair simrun", "tcp-pair mosaik-eager", 1.8},
	{"tcp-chain-10", "tcp-chain-10 simrun", "tcp-chain-10 mosaik", 1.8},
	{"tcp-connections-1000", "tcp-connections-1000 simrun", "tcp-connections-1000 mosaik", 1.5},
	{"unix-pair-go", "unix-pair simrun", "tcp-pair mosaik", 10},
}

const (
	python    = ".venv/bin/python" // made by peers/setup.sh
	simulator = "sim/mosaik/testdata/bench.py"
)

func main() {
	log.SetFlags(0)
	measure := flag.String("measure", "", "run the `world` with simrun and print microseconds")
	profile := flag.String("profile", "", "with -measure: write a processor profile to the `file`")
	serve := flag.String("serve", "", "serve a simulator in Go at the `address`, once")
	rounds := flag.Int("rounds", 5, "number of rounds")
	only := flag.String("only", "", "measure only worlds with names that contain this")
	flag.Parse()
	switch {
	case *measure != "":
		fmt.Println(run(*measure, *profile))
	case *serve != "":
		check(serveOne(*serve))
	case !compare(*rounds, *only):
		os.Exit(1)
	}
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// figures are microseconds, one for each round, by what was measured: world and who.
type figures struct {
	us    map[string][]float64
	names []string // in the order in which they came first
}

func (f *figures) add(name string, us float64) {
	if f.us[name] == nil {
		f.names = append(f.names, name)
	}
	f.us[name] = append(f.us[name], us)
}

// compare measures everything in turn, prints it and the bars, and reports whether all
// bars are met.
func compare(rounds int, only string) bool {
	f := figures{us: make(map[string][]float64)}
	for round := range rounds {
		order := slices.Clone(contestants)
		if round%2 == 1 {
			slices.Reverse(order)
		}
		for _, c := range order {
			if strings.Contains(c.world, only) {
				c.measure(&f)
			}
		}
	}
	f.print()
	return f.judge()
}

func (c contestant) measure(f *figures) {
	self, err := os.Executable()
	check(err)
	cmd := exec.Command(self, "-measure", c.world)
	if c.args != nil {
		cmd = exec.Command(python, append([]string{"bench/mosaik/real_mosaik.py", simulator}, c.args...)...)
	}
	var messages bytes.Buffer
	cmd.Stderr = &messages
	out, err := cmd.Output()
	if err != nil {
		log.Fatalf("%v: %v\n%s", cmd, err, &messages)
	}
	us, err := strconv.ParseFloat(strings.TrimSpace(string(out)), 64)
	check(err)
	f.add(c.world+" "+c.who, us)
}

func (f *figures) print() {
	fmt.Printf("%-32s %10s %10s %10s\n", "us for each step of a simulator", "median", "least", "most")
	names := slices.Clone(f.names)
	place := func(name string) int {
		return slices.IndexFunc(contestants, func(c contestant) bool { return c.world+" "+c.who == name })
	}
	slices.SortFunc(names, func(a, b string) int { return place(a) - place(b) })
	for _, name := range names {
		v := f.us[name]
		fmt.Printf("%-32s %10.4g %10.4g %10.4g\n", name, median(v), slices.Min(v), slices.Max(v))
	}
}

func (f *figures) judge() bool {
	all := true
	for _, b := range bars {
		ours, peers := f.us[b.ours], f.us[b.peers]
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
