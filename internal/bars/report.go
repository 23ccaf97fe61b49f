package main

import (
	"fmt"
	"io"
	"slices"

	"github.com/simrun/simrun/internal/format"
)

// bar is a promise about the median of a figure.
type bar struct {
	name   string
	unit   string
	target float64
	least  bool // the target is the least that is promised; otherwise the most
	value  func(figures) float64
}

func medianOf(name string) func(figures) float64 {
	return func(f figures) float64 { return median(f[name]) }
}

var bars = []bar{
	// One external Python simulator, read by a collector: steps per second,
	// times those of the real mosaik.
	{"external-step", "ratio", 1.6, true, medianOf(pairRatio)},
	// A step of a Go simulator with an input and an output.
	{"go-step", "ns", 1000, false, medianOf(stepTime)},
	{"go-step", "allocs", 0, false, medianOf(stepAllocs)},
	// The cost per connection of ten times as many connections: 1 if it grows as
	// they do, 10 if with their square. Caches alone account for about 2.
	{"connections-10000", "growth", 3, false, func(f figures) float64 { return median(f[connections10k]) / median(f[connections1k]) }},
	{"connections-10000", "startup-ms", 1000, false, medianOf(startup10k)},
}

// kept reports whether the value does what is promised.
func (b *bar) kept(value float64) bool {
	if b.least {
		return value >= b.target
	}
	return value <= b.target
}

// report prints the table and the bars, and reports whether all are kept.
func report(w io.Writer, all figures) (kept bool, err error) {
	table := format.Table{Right: " RRR"}
	table.Row("", "median", "least", "most")
	for _, row := range []struct{ title, figure string }{
		{"external simulator, simrun, steps/s", pairSimrun},
		{"external simulator, mosaik, steps/s", pairMosaik},
		{"external simulator, ratio in a round", pairRatio},
		{"step of a Go simulator, ns", stepTime},
		{"step of a Go simulator, allocations", stepAllocs},
		{"1,000 connections, ns for each", connections1k},
		{"10,000 connections, ns for each", connections10k},
		{"10,000 connections, startup, ms", startup10k},
	} {
		values := all[row.figure]
		if len(values) == 0 {
			return false, fmt.Errorf("the benchmarks gave no %q", row.figure)
		}
		table.Row(row.title, format.Number(median(values)), format.Number(slices.Min(values)), format.Number(slices.Max(values)))
	}
	if _, err := table.WriteTo(w); err != nil {
		return false, err
	}
	kept = true
	for _, b := range bars {
		value, verdict := b.value(all), "ok"
		if !b.kept(value) {
			kept, verdict = false, "short"
		}
		if _, err := fmt.Fprintf(w, "bar %s %s %s target %s %s\n", b.name, b.unit, format.Number(value), format.Number(b.target), verdict); err != nil {
			return false, err
		}
	}
	return kept, nil
}
