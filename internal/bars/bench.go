package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

const (
	python = ".venv/bin/python" // made by peers/setup.sh
	steps  = 10_000             // of the external simulator
)

// bench are the programs that measure.
type bench struct {
	dir    string // temporary
	python string // absolute
}

// newBench compiles the benchmarks, so that no round does.
func newBench(ctx context.Context) (*bench, error) {
	path, err := filepath.Abs(python)
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, errors.New("the Python peers are not installed; run: make peers")
	} else if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "simrun-bars-*")
	if err != nil {
		return nil, err
	}
	b := &bench{dir: dir, python: path}
	for _, pkg := range []string{"sim", "sim/mosaik"} {
		if _, err := output(ctx, ".", "go", "test", "-c", "-o", b.binary(pkg), "./"+pkg); err != nil {
			b.close()
			return nil, err
		}
	}
	return b, nil
}

// close removes the programs.
func (b *bench) close() {
	// What cannot be removed is left to the system's cleaning.
	_ = os.RemoveAll(b.dir)
}

func (b *bench) binary(pkg string) string {
	return filepath.Join(b.dir, strings.ReplaceAll(pkg, "/", "-")+".test")
}

// round measures everything once. mosaikFirst is who begins.
func (b *bench) round(ctx context.Context, all figures, mosaikFirst bool) error {
	if err := b.goBenchmarks(ctx, all, "sim", "^(BenchmarkStep|BenchmarkEntities)$", "1s"); err != nil {
		return err
	}
	simrun := func() error {
		return b.goBenchmarks(ctx, all, "sim/mosaik", "^BenchmarkStep$/^one-write$", strconv.Itoa(steps)+"x")
	}
	mosaik := func() error { return b.mosaik(ctx, all) }
	pair := []func() error{simrun, mosaik}
	if mosaikFirst {
		pair = []func() error{mosaik, simrun}
	}
	for _, measure := range pair {
		if err := measure(); err != nil {
			return err
		}
	}
	ours, theirs := all[pairSimrun], all[pairMosaik]
	all.add(pairRatio, ours[len(ours)-1]/theirs[len(theirs)-1])
	return nil
}

// goBenchmarks runs benchmarks of a package in its folder.
func (b *bench) goBenchmarks(ctx context.Context, all figures, pkg, pattern, time string) error {
	out, err := output(ctx, filepath.FromSlash(pkg), b.binary(pkg),
		"-test.run=^$", "-test.bench="+pattern, "-test.benchtime="+time, "-test.benchmem")
	if err != nil {
		return err
	}
	return all.read(pkg, out)
}

// mosaik runs the pair with the real mosaik.
func (b *bench) mosaik(ctx context.Context, all figures) error {
	out, err := output(ctx, ".", b.python, filepath.FromSlash("peers/bench_mosaik_pair.py"), strconv.Itoa(steps))
	if err != nil {
		return err
	}
	var result struct {
		Rate float64 `json:"steps_per_s"`
	}
	if err := json.Unmarshal([]byte(out), &result); err != nil {
		return fmt.Errorf("peers/bench_mosaik_pair.py printed %q: %w", out, err)
	}
	all.add(pairMosaik, result.Rate)
	return nil
}

// output runs a program in dir and returns what it prints.
func output(ctx context.Context, dir, program string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir = dir
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s %s: %w\n%s", program, strings.Join(args, " "), err, out)
	}
	return string(out), nil
}
