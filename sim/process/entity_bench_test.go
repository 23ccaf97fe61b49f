package process_test

import (
	"context"
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/scheduler"
	"github.com/simrun/simrun/sim/process"
	"github.com/simrun/simrun/sim/random"
)

// entity is one that has no process: a function is called when it is to act.
type entity struct {
	s    *process.Simulation
	next func() time.Duration
	act  func() error
}

func (e *entity) schedule() error {
	_, err := e.s.After(e.next(), e.act)
	return err
}

// BenchmarkEntities compares processes with handlers, for as many of them as the name says,
// each of which does next to nothing every second. An iteration is an event. It reports
// the memory of one entity; run each alone to see it, and the time to make one.
func BenchmarkEntities(b *testing.B) {
	kinds := map[string]func(s *process.Simulation, next func() time.Duration){
		"process": func(s *process.Simulation, next func() time.Duration) {
			s.Start("entity", func(p *process.Process) error {
				for {
					if err := p.Hold(next()); err != nil {
						return err
					}
				}
			})
		},
		"handler": func(s *process.Simulation, next func() time.Duration) {
			e := &entity{s: s, next: next}
			e.act = e.schedule
			_ = e.schedule() // it fails for negative times only
		},
	}
	for _, n := range []int{10, 1_000, 10_000, 100_000, 1_000_000} {
		for _, kind := range []string{"process", "handler"} {
			b.Run(fmt.Sprintf("%d/%s", n, kind), func(b *testing.B) {
				var before, after runtime.MemStats
				runtime.GC()
				runtime.ReadMemStats(&before)
				stream := random.New(1, "entities")
				next := func() time.Duration { return time.Duration(stream.ExpFloat64() * float64(time.Second)) }
				s := process.New("entities")
				defer s.Close()
				began := time.Now()
				for range n {
					kinds[kind](s, next)
				}
				require.NoError(b, s.RunUntil(context.Background(), 1))
				make1 := float64(time.Since(began).Nanoseconds()) / float64(n)
				runtime.GC()
				runtime.ReadMemStats(&after)
				bytes := float64(after.HeapAlloc+after.StackInuse-before.HeapAlloc-before.StackInuse) / float64(n)
				b.ReportAllocs()
				b.ResetTimer()
				seconds := float64(b.N) / float64(n)
				require.NoError(b, s.RunUntil(context.Background(), scheduler.Second+scheduler.Time(seconds*float64(time.Second))))
				b.StopTimer()
				b.ReportMetric(bytes, "B/entity")
				b.ReportMetric(make1, "ns/start")
			})
		}
	}
}

// BenchmarkShortLives compares processes with handlers that come, wait once and are gone. An
// iteration is a life.
func BenchmarkShortLives(b *testing.B) {
	b.Run("process", func(b *testing.B) {
		s := process.New("lives")
		defer s.Close()
		customer := func(p *process.Process) error { return p.Hold(10 * time.Second) }
		s.Start("source", func(p *process.Process) error {
			for range b.N {
				s.Start("customer", customer)
				if err := p.Hold(time.Second); err != nil {
					return err
				}
			}
			return nil
		})
		b.ReportAllocs()
		b.ResetTimer()
		require.NoError(b, s.Run(context.Background()))
	})
	b.Run("handler", func(b *testing.B) {
		s := process.New("lives")
		defer s.Close()
		left, gone := b.N, 0
		leave := func() error { gone++; return nil }
		var arrive func() error
		arrive = func() error {
			if left--; left < 0 {
				return nil
			}
			if _, err := s.After(10*time.Second, leave); err != nil {
				return err
			}
			_, err := s.After(time.Second, arrive)
			return err
		}
		require.NoError(b, arrive())
		b.ReportAllocs()
		b.ResetTimer()
		require.NoError(b, s.Run(context.Background()))
	})
}
