package process_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/scheduler"
	"github.com/simrun/simrun/sim/process"
)

// In steady state nothing is allocated, whatever processes wait for.
func TestNothingIsAllocated(t *testing.T) {
	again := func(s *process.Simulation, name string, do func(p *process.Process) error) {
		s.Start(name, func(p *process.Process) error {
			for {
				if err := do(p); err != nil {
					return err
				}
			}
		})
	}
	const tick = time.Second
	for name, build := range map[string]func(s *process.Simulation){
		"hold": func(s *process.Simulation) {
			again(s, "p", func(p *process.Process) error { return p.Hold(tick) })
		},
		"resource": func(s *process.Simulation) {
			r := process.NewResource(s, "r", 2)
			r.Monitor()
			for i := range 5 {
				again(s, "p", func(p *process.Process) error {
					if err := r.AcquirePriority(p, i); err != nil {
						return err
					}
					defer r.Release()
					return p.Hold(tick)
				})
			}
		},
		"preemptive resource": func(s *process.Simulation) {
			r := process.NewPreemptiveResource(s, "r", 2)
			r.Monitor()
			for range 5 {
				again(s, "p", func(p *process.Process) error {
					if err := r.Acquire(p, 0); err != nil {
						return err
					}
					defer r.Release(p)
					return p.Hold(tick)
				})
			}
		},
		"store": func(s *process.Simulation) {
			store := process.NewStore[[3]int](s, "store", 3)
			ranked := process.NewPriorityStore(s, "ranked", 3, func(a, b [3]int) bool { return a[1] < b[1] })
			store.Monitor()
			for i := range 5 {
				again(s, "producer", func(p *process.Process) error {
					if err := store.Put(p, [3]int{i, 5 - i}); err != nil {
						return err
					}
					return p.Hold(tick)
				})
			}
			again(s, "middle", func(p *process.Process) error {
				item, err := store.Get(p)
				if err != nil {
					return err
				}
				return ranked.Put(p, item)
			})
			again(s, "consumer", func(p *process.Process) error {
				if _, err := ranked.GetWhere(p, func(item [3]int) bool { return item[0] >= 0 }); err != nil {
					return err
				}
				return p.Hold(tick / 3)
			})
		},
		"level": func(s *process.Simulation) {
			l := process.NewLevel(s, "l", 10, 5)
			l.Monitor()
			for range 3 {
				again(s, "get", func(p *process.Process) error { return l.Get(p, 2) })
			}
			again(s, "put", func(p *process.Process) error {
				if err := l.Put(p, 5); err != nil {
					return err
				}
				return p.Hold(tick)
			})
		},
		"gate and condition": func(s *process.Simulation) {
			g, c := process.NewGate(s, "g"), process.NewCondition(s, "c")
			n := 0
			even := func() bool { return n%2 == 0 }
			again(s, "p", func(p *process.Process) error {
				if err := g.Pass(p); err != nil {
					return err
				}
				return c.Wait(p, even)
			})
			again(s, "q", func(p *process.Process) error {
				n++
				c.Signal()
				g.Open()
				g.Close()
				return p.Hold(tick)
			})
		},
		"deadline that is not reached": func(s *process.Simulation) {
			again(s, "p", func(p *process.Process) error {
				return p.Within(2*tick, func() error { return p.Hold(tick) })
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := process.New("model")
			defer func() { require.NoError(t, s.Close()) }()
			build(s)
			until := scheduler.Time(0)
			run := func() {
				until += scheduler.Time(1000 * tick)
				if err := s.RunUntil(context.Background(), until); err != nil {
					t.Error(errors.Unwrap(err), err)
				}
			}
			run()
			assert.Zero(t, testing.AllocsPerRun(10, run), "in a thousand seconds")
		})
	}
}
