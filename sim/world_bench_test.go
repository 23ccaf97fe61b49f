package sim_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/simrun/simrun/sim"
)

// BenchmarkStep is one step of a Go simulator with one input and one output,
// in a ring of two so that each step has both.
func BenchmarkStep(b *testing.B) { benchmarkRing(b, sim.Config{}) }

func benchmarkRing(b *testing.B, cfg sim.Config) {
	w := sim.NewWorld(cfg)
	defer w.Close()
	one := createMany(b, w, "one", gain(time.Second), 1)[0]
	two := createMany(b, w, "two", gain(time.Second), 1)[0]
	must(b, w.Connect(one, "out", two, "in", sim.ConnectOptions{}))
	must(b, w.Connect(two, "out", one, "in", sim.ConnectOptions{Shift: time.Second, HasInitial: true}))
	b.ReportAllocs()
	b.ResetTimer()
	_, err := w.Run(context.Background(), sim.RunOptions{Until: sim.Time(b.N+1) / 2 * sim.Time(time.Second)})
	must(b, err)
}

// Ping answers what it hears with one less, and begins anew at each time.
type Ping struct {
	Heard sim.Input  `attr:"heard,trigger" doc:"number"`
	Says  sim.Output `attr:"says,event" doc:"number"`
}

func (p *Ping) Step(*sim.Step) error {
	switch v := p.Heard.Float(); {
	case !p.Heard.Has():
		p.Says.Set(20)
	case v > 1:
		p.Says.Set(v - 1)
	}
	return nil
}

// connectLoop composes two simulators that answer each other at one time, in
// about twenty steps.
func connectLoop(tb testing.TB, w *sim.World) {
	g := w.NewGroup("loop")
	add := func(name string, typ sim.Type) *sim.Entity {
		in, err := w.Add(context.Background(), name, sim.NewModel[Ping](sim.ModelConfig{Name: "Ping", Type: typ, Step: time.Second}), sim.AddOptions{Group: g})
		must(tb, err)
		made, err := in.Create(context.Background(), "Ping", 1, nil)
		must(tb, err)
		return made[0]
	}
	one, two := add("one", sim.Hybrid), add("two", sim.EventBased)
	must(tb, w.Connect(one, "says", two, "heard", sim.ConnectOptions{Weak: true}))
	must(tb, w.Connect(two, "says", one, "heard", sim.ConnectOptions{Weak: true}))
}

// BenchmarkLoop is one step in a loop at one time.
func BenchmarkLoop(b *testing.B) {
	w := sim.NewWorld(sim.Config{})
	defer w.Close()
	connectLoop(b, w)
	b.ReportAllocs()
	b.ResetTimer()
	sum, err := w.Run(context.Background(), sim.RunOptions{Until: sim.Time(b.N+20) / 21 * sim.Time(time.Second)})
	must(b, err)
	steps := 0
	for _, in := range sum.Instances {
		steps += int(in.Stats().Steps)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(steps), "ns/step")
}

// BenchmarkEntities is one step of the world with n entities on both sides of
// n connections; ns/op divided by n should be flat.
func BenchmarkEntities(b *testing.B) {
	for _, n := range []int{10, 100, 1000, 10000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			w := sim.NewWorld(sim.Config{})
			defer w.Close()
			began := time.Now()
			from := createMany(b, w, "from", ramp(time.Second), n)
			to := createMany(b, w, "to", gain(time.Second), n)
			for i := range from {
				must(b, w.Connect(from[i], "out", to[i], "in", sim.ConnectOptions{}))
			}
			startup := time.Since(began)
			b.ReportAllocs()
			b.ResetTimer()
			_, err := w.Run(context.Background(), sim.RunOptions{Until: sim.Time(b.N) * sim.Time(time.Second)})
			must(b, err)
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/connection")
			b.ReportMetric(float64(startup.Milliseconds()), "ms-startup")
		})
	}
}

// BenchmarkSimulators is one step of each of n simulators that are not
// connected, and of n in a chain; ns per step should be flat.
func BenchmarkSimulators(b *testing.B) {
	for _, chain := range []bool{false, true} {
		for _, n := range []int{1, 10, 100, 1000} {
			b.Run(fmt.Sprintf("chain=%v/%d", chain, n), func(b *testing.B) {
				w := sim.NewWorld(sim.Config{})
				defer w.Close()
				var last *sim.Entity
				for i := range n {
					e := createMany(b, w, fmt.Sprintf("s%04d", i), gain(time.Second), 1)[0]
					if chain && last != nil {
						must(b, w.Connect(last, "out", e, "in", sim.ConnectOptions{}))
					}
					last = e
				}
				b.ReportAllocs()
				b.ResetTimer()
				_, err := w.Run(context.Background(), sim.RunOptions{Until: sim.Time(b.N) * sim.Time(time.Second)})
				must(b, err)
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/step")
			})
		}
	}
}

func createMany(b testing.TB, w *sim.World, name string, s sim.Simulator, n int) []*sim.Entity {
	b.Helper()
	in, err := w.Add(context.Background(), name, s, sim.AddOptions{})
	must(b, err)
	es, err := in.Create(context.Background(), in.Meta().Models[0].Name, n, nil)
	must(b, err)
	return es
}

func must(b testing.TB, err error) {
	if err != nil {
		b.Helper()
		b.Fatal(err)
	}
}
