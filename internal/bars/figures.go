package main

import (
	"bufio"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// figures are what was measured, one value for each round, by name: those of Go
// benchmarks are called "PACKAGE BENCHMARK UNIT".
type figures map[string][]float64

// What the bars are about.
const (
	stepTime   = "sim Step ns/op"
	stepAllocs = "sim Step allocs/op"

	connections1k  = "sim Entities/1000 ns/connection"
	connections10k = "sim Entities/10000 ns/connection"
	startup10k     = "sim Entities/10000 ms-startup"

	pairSimrun = "sim/mosaik Step/one-write steps/s"
	pairMosaik = "mosaik steps/s"
	pairRatio  = "pair ratio"
)

func (f figures) add(name string, value float64) { f[name] = append(f[name], value) }

// resultLine is a line that package testing prints for a benchmark: name,
// GOMAXPROCS unless it is 1, number of runs, and pairs of value and unit.
var resultLine = regexp.MustCompile(`^Benchmark(\S+?)(?:-\d+)?\s+\d+\s+(.+)$`)

// read adds the results of the benchmarks of a package.
func (f figures) read(pkg, out string) error {
	lines := bufio.NewScanner(strings.NewReader(out))
	found := false
	for lines.Scan() {
		match := resultLine.FindStringSubmatch(lines.Text())
		if match == nil {
			continue
		}
		found = true
		words := strings.Fields(match[2])
		for pair := range slices.Chunk(words, 2) {
			value, err := strconv.ParseFloat(pair[0], 64)
			if err != nil || len(pair) != 2 {
				return fmt.Errorf("benchmarks of %s: %q is not a result", pkg, lines.Text())
			}
			f.add(pkg+" "+match[1]+" "+pair[1], value)
		}
	}
	if !found {
		return fmt.Errorf("benchmarks of %s: no results in\n%s", pkg, out)
	}
	return nil
}

// median is the middle value, the upper one of two.
func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}
