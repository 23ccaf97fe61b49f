//go:build unix

package main

import (
	"context"
	"fmt"
	"os"
	"syscall"
	"time"

	"github.com/simrun/simrun/internal/bench"
	"github.com/simrun/simrun/scheduler"
	"github.com/simrun/simrun/sim/process"
	"github.com/simrun/simrun/sim/random"
)

const (
	meanService = float64(time.Second)
	meanBetween = meanService / 0.9
)

// processorTime returns what the processors have spent on this program, the collection of
// garbage included.
func processorTime() time.Duration {
	var u syscall.Rusage
	bench.Check(syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// mm1Processes is M/M/1 with two processes, 90 % used.
func mm1Processes(customers int) (ns float64) {
	s := process.New("M/M/1")
	arrivals, services := random.New(1, "arrivals"), random.New(1, "services")
	queue := process.NewStore[scheduler.Time](s, "queue", process.Unlimited)
	s.Start("arrivals", func(p *process.Process) error {
		for range customers {
			if err := p.Hold(time.Duration(arrivals.ExpFloat64() * meanBetween)); err != nil {
				return err
			}
			if err := queue.Put(p, p.Now()); err != nil {
				return err
			}
		}
		return nil
	})
	var inSystem time.Duration
	s.Start("server", func(p *process.Process) error {
		for range customers {
			came, err := queue.Get(p)
			if err != nil {
				return err
			}
			if err := p.Hold(time.Duration(services.ExpFloat64() * meanService)); err != nil {
				return err
			}
			inSystem += p.Now().Sub(came)
		}
		return nil
	})
	began := processorTime()
	bench.Check(s.Run(context.Background()))
	took := processorTime() - began
	bench.Check(s.Close())
	tell(customers, inSystem)
	return float64(took) / float64(customers)
}

func tell(customers int, inSystem time.Duration) {
	fmt.Fprintf(os.Stderr, "%d customers, %.3f s each in the system\n", customers, inSystem.Seconds()/float64(customers))
}

// station is M/M/1 with handlers. Arrivals and the server are two views of it.
type station struct {
	loop     *scheduler.Loop
	actor    *scheduler.Actor
	between  *random.Stream
	service  *random.Stream
	queue    []scheduler.Time // when they came; a ring
	first, n int
	left     int // customers to come
	inSystem time.Duration
}

type (
	arrivals station
	server   station
)

// after schedules an event after an exponential time.
func (s *station) after(x *random.Stream, mean float64, do scheduler.Handler) error {
	_, err := s.loop.Schedule(s.loop.Now().Add(time.Duration(x.ExpFloat64()*mean)), scheduler.Normal, s.actor, do)
	return err
}

func (s *station) enter(came scheduler.Time) {
	if s.n == len(s.queue) {
		s.queue = append(s.queue[s.first:], s.queue[:s.first]...)
		s.queue = append(s.queue, make([]scheduler.Time, len(s.queue))...)
		s.first = 0
	}
	s.queue[(s.first+s.n)&(len(s.queue)-1)] = came
	s.n++
}

func (s *station) leave() (came scheduler.Time) {
	came = s.queue[s.first]
	s.first = (s.first + 1) & (len(s.queue) - 1)
	s.n--
	return came
}

func (a *arrivals) Handle() error {
	s := (*station)(a)
	s.enter(s.loop.Now())
	if s.n == 1 {
		if err := s.after(s.service, meanService, (*server)(s)); err != nil {
			return err
		}
	}
	if s.left--; s.left == 0 {
		return nil
	}
	return s.after(s.between, meanBetween, a)
}

func (v *server) Handle() error {
	s := (*station)(v)
	s.inSystem += s.loop.Now().Sub(s.leave())
	if s.n == 0 {
		return nil
	}
	return s.after(s.service, meanService, v)
}

func mm1Handlers(customers int) (ns float64) {
	s := station{
		loop: scheduler.NewLoop(scheduler.Config{}), queue: make([]scheduler.Time, 64), left: customers,
		between: random.New(1, "arrivals"), service: random.New(1, "services"),
	}
	var err error
	s.actor, err = s.loop.Actor("station")
	bench.Check(err)
	bench.Check(s.after(s.between, meanBetween, (*arrivals)(&s)))
	began := processorTime()
	bench.Check(scheduler.RunUntil(context.Background(), s.loop, scheduler.Never))
	took := processorTime() - began
	tell(customers, s.inSystem)
	return float64(took) / float64(customers)
}

// lp is a logical process of PHOLD (Fujimoto, "Performance of Time Warp under Synthetic
// Workloads", 1990). Each event causes one for a process chosen at random, after 0.1 seconds
// and an exponential time with mean 1.
type lp struct {
	world *world
	actor *scheduler.Actor
	count int
}

type world struct {
	loop   *scheduler.Loop
	random *random.Stream
	lps    []lp
}

func (p *lp) Handle() error {
	p.count++
	w := p.world
	after := time.Second/10 + time.Duration(w.random.ExpFloat64()*float64(time.Second))
	_, err := w.loop.Schedule(w.loop.Now().Add(after), scheduler.Normal, p.actor, &w.lps[w.random.IntN(len(w.lps))])
	return err
}

func phold(lps, each, events int) (ns float64) {
	w := world{loop: scheduler.NewLoop(scheduler.Config{}), random: random.New(1, "phold"), lps: make([]lp, lps)}
	for i := range w.lps {
		a, err := w.loop.Actor(fmt.Sprintf("lp-%06d", i))
		bench.Check(err)
		w.lps[i] = lp{world: &w, actor: a}
	}
	for i := range lps * each {
		bench.Check(w.lps[i/each].Handle())
	}
	// An event has its successor 1.1 seconds later on average.
	steady := scheduler.Second * 11 / 10
	bench.Check(w.loop.AdvanceTo(context.Background(), steady))
	count := func() (n int) {
		for i := range w.lps {
			n += w.lps[i].count
		}
		return n
	}
	before, began := count(), processorTime()
	bench.Check(w.loop.AdvanceTo(context.Background(), steady+scheduler.Time(float64(steady)*float64(events)/float64(lps*each))))
	took := processorTime() - began
	return float64(took) / float64(count()-before)
}
