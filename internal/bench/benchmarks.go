package bench

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Result is where a figure stands in what benchmarks print.
type Result struct {
	Figure    string
	Benchmark string // without "Benchmark" and the number of processors
	Unit      string
}

// Benchmarks is a case: results of the Go benchmarks of a package, which is a folder below the present one. They are
// compiled once.
func Benchmarks(pkg, pattern, time string, results ...Result) Case {
	names := make([]string, len(results))
	for i, r := range results {
		names[i] = r.Figure
	}
	return Case{names, func(ctx context.Context, dir string) ([]float64, error) {
		binary := filepath.Join(dir, strings.ReplaceAll(pkg, "/", "-")+".test")
		if _, err := os.Stat(binary); errors.Is(err, fs.ErrNotExist) {
			if _, err := output(exec.CommandContext(ctx, "go", "test", "-c", "-o", binary, "./"+pkg)); err != nil {
				return nil, err
			}
		}
		cmd := exec.CommandContext(ctx, binary, "-test.run=^$", "-test.bench="+pattern, "-test.benchtime="+time, "-test.benchmem",
			"-test.v") // says why a benchmark is skipped
		cmd.Dir = filepath.FromSlash(pkg)
		out, err := output(cmd)
		if err != nil {
			return nil, err
		}
		return read(out, results)
	}}
}

// resultLine is what package testing prints for a benchmark: name,
// GOMAXPROCS unless it is 1, number of runs, and pairs of value and unit.
var resultLine = regexp.MustCompile(`(?m)^Benchmark(\S+?)(?:-\d+)?[ \t]+\d+[ \t]+(.+)$`)

// read returns the values of results in what benchmarks print.
func read(out string, results []Result) ([]float64, error) {
	values := make([]float64, len(results))
	found := make([]bool, len(results))
	for _, match := range resultLine.FindAllStringSubmatch(out, -1) {
		for pair := range slices.Chunk(strings.Fields(match[2]), 2) {
			value, err := strconv.ParseFloat(pair[0], 64)
			if err != nil || len(pair) != 2 {
				return nil, fmt.Errorf("%q is not a result of a benchmark", match[0])
			}
			for i, r := range results {
				if r.Benchmark == match[1] && r.Unit == pair[1] {
					values[i], found[i] = value, true
				}
			}
		}
	}
	if i := slices.Index(found, false); i >= 0 {
		return nil, fmt.Errorf("no %s of Benchmark%s in\n%s", results[i].Unit, results[i].Benchmark, out)
	}
	return values, nil
}
