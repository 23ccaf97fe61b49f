//go:build unix

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/pprof"
	"time"

	"github.com/simrun/simrun/channel"
	"github.com/simrun/simrun/internal/bench"
	"github.com/simrun/simrun/sim"
	"github.com/simrun/simrun/sim/mosaik"
)

// A world is simulators that step every unit of time and whose entities have an output that is
// the time.
type world struct {
	where    string // in the process of the orchestrator (in), or in others: python or go
	sims     int
	entities int    // of each
	topology string // chain: each entity leads to one of the next simulator; none
	until    int    // with simrun: steps of each simulator
}

var worlds = map[string]world{
	"pair":                 {"in", 2, 1, "chain", 1_000_000},
	"chain-100":            {"in", 100, 10, "chain", 5000},
	"independent-100":      {"in", 100, 10, "none", 5000},
	"connections-10000":    {"in", 2, 10_000, "chain", 1500},
	"tcp-pair":             {"python", 2, 1, "chain", 5000},
	"tcp-chain-10":         {"python", 10, 1, "chain", 1000},
	"tcp-connections-1000": {"python", 2, 1000, "chain", 300},
	"unix-pair":            {"go", 2, 1, "chain", 20_000},
}

// Source is what the simulator in Python is, in Go.
type Source struct {
	X   sim.Output `attr:"x" doc:"the time of the step"`
	Y   sim.Input  `attr:"y" doc:"anything"`
	sum float64
}

// Step reads what has come.
func (s *Source) Step(step *sim.Step) error {
	s.sum += s.Y.Float()
	s.X.Set(float64(step.Time() / sim.Time(time.Second)))
	return nil
}

func newSource() sim.Simulator {
	return sim.NewModel[Source](sim.ModelConfig{Name: "Source", Step: time.Second})
}

// run runs a world and returns microseconds for each step of a simulator.
func run(name, profile string) float64 {
	ctx := context.Background()
	spec, known := worlds[name]
	if !known {
		bench.Check(fmt.Errorf("no world %q", name))
	}
	dir, err := os.MkdirTemp("", "mosaik")
	bench.Check(err)
	defer os.RemoveAll(dir)
	w := sim.NewWorld(sim.Config{})
	entities := make([][]*sim.Entity, spec.sims)
	for i := range entities {
		name := fmt.Sprintf("sim-%d", i)
		in, err := w.Add(ctx, name, spec.simulator(filepath.Join(dir, name)), sim.AddOptions{})
		bench.Check(err)
		entities[i], err = in.Create(ctx, "Source", spec.entities, nil)
		bench.Check(err)
	}
	if spec.topology == "chain" {
		for i := range spec.sims - 1 {
			for k, e := range entities[i] {
				bench.Check(w.Connect(e, "x", entities[i+1][k], "y", sim.ConnectOptions{}))
			}
		}
	}
	if profile != "" {
		f, err := os.Create(profile)
		bench.Check(err)
		bench.Check(pprof.StartCPUProfile(f))
		defer pprof.StopCPUProfile()
	}
	began := time.Now()
	_, err = w.Run(ctx, sim.RunOptions{Until: sim.Time(spec.until) * sim.Time(time.Second)})
	took := time.Since(began)
	bench.Check(err)
	bench.Check(w.Close())
	return float64(took.Nanoseconds()) / 1e3 / float64(spec.sims*spec.until)
}

// simulator makes a simulator of the world, which may use the path for a socket.
func (w world) simulator(path string) sim.Simulator {
	switch w.where {
	case "python":
		return mosaik.New(mosaik.Config{Command: []string{"{python}", simulator, "{addr}"}, Python: python})
	case "go":
		addr := "ipc://" + path
		_, stop, err := bench.Start(context.Background(), bench.Self(), "-serve", addr)
		bench.Check(err)
		return &served{mosaik.New(mosaik.Config{Connect: addr}), stop}
	}
	return newSource()
}

// served is a simulator in a process that ends with it.
type served struct {
	*mosaik.Simulator
	stop func() error
}

// Close waits for the process, too.
func (s *served) Close() error { return errors.Join(s.Simulator.Close(), s.stop()) }

// serveOne serves a simulator to whoever connects first.
func serveOne(addr string) error {
	l, err := channel.Listen(addr, channel.Config{})
	if err != nil {
		return err
	}
	defer l.Close()
	fmt.Println("listening")
	return mosaik.ServeListener(context.Background(), l, newSource(), mosaik.ServeConfig{})
}
