package process_test

import (
	"context"
	"strconv"
	"testing"
	"time"

	"github.com/simrun/simrun/scheduler"
	"github.com/simrun/simrun/sim/process"
	"github.com/simrun/simrun/sim/random"
)

// BenchmarkMM1 is a queue with one server (Kleinrock, Queueing Systems I, ch. 3),
// 90 % used. An iteration is a customer.
func BenchmarkMM1(b *testing.B) {
	const mean = float64(time.Second)
	b.Run("processes", func(b *testing.B) {
		s := process.New("M/M/1")
		defer s.Close()
		arrivals, services := random.New(1, "arrivals"), random.New(1, "services")
		queue := process.NewStore[scheduler.Time](s, "queue", process.Unlimited)
		s.Start("arrivals", func(p *process.Process) error {
			for range b.N {
				if err := p.Hold(time.Duration(arrivals.ExpFloat64() * mean / 0.9)); err != nil {
					return err
				}
				if err := queue.Put(p, p.Now()); err != nil {
					return err
				}
			}
			return nil
		})
		var waited time.Duration
		s.Start("server", func(p *process.Process) error {
			for range b.N {
				came, err := queue.Get(p)
				if err != nil {
					return err
				}
				if err := p.Hold(time.Duration(services.ExpFloat64() * mean)); err != nil {
					return err
				}
				waited += p.Now().Sub(came)
			}
			return nil
		})
		b.ReportAllocs()
		b.ResetTimer()
		if err := s.Run(context.Background()); err != nil {
			b.Fatal(err)
		}
	})
}

// BenchmarkLine serves from a line in which as many wait as the name says, each with a
// priority of its own. An iteration is to leave the line and to enter it again.
func BenchmarkLine(b *testing.B) {
	for _, n := range []int{10, 1_000, 100_000} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			s := process.New("line")
			defer s.Close()
			r := process.NewResource(s, "r", 1)
			priorities := random.New(1, "priorities")
			for range n + 1 {
				s.Start("p", func(p *process.Process) error {
					for {
						if err := r.AcquirePriority(p, int(priorities.Uint64()>>1)); err != nil {
							return err
						}
						if err := p.Hold(1); err != nil {
							return err
						}
						r.Release()
					}
				})
			}
			if err := s.RunUntil(context.Background(), scheduler.Time(n)); err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			b.ResetTimer()
			if err := s.RunUntil(context.Background(), s.Now()+scheduler.Time(b.N)); err != nil {
				b.Fatal(err)
			}
			b.StopTimer()
		})
	}
}
