package process_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/simrun/simrun/scheduler"
	"github.com/simrun/simrun/sim/process"
	"github.com/simrun/simrun/sim/random"
	"github.com/simrun/simrun/sim/stat"
)

// The programs of docs/tutorial-des.md, see TestTutorial.

func Example_clock() {
	s := process.New("clock")
	defer s.Close()
	s.Start("clock", func(p *process.Process) error {
		for {
			fmt.Println("tick at", p.Now())
			if err := p.Hold(500 * time.Millisecond); err != nil {
				return err
			}
		}
	})
	if err := s.RunUntil(context.Background(), 2*scheduler.Second); err != nil {
		log.Fatal(err)
	}
	fmt.Println("it is", s.Now())
	// Output:
	// tick at 0s
	// tick at 0.5s
	// tick at 1s
	// tick at 1.5s
	// it is 2s
}

func Example_wait() {
	s := process.New("bakery")
	defer s.Close()
	s.Start("baker", func(p *process.Process) error {
		oven := process.StartTask(s, "oven", func(p *process.Process) (int, error) {
			return 12, p.Hold(20 * time.Minute)
		})
		loaves, err := process.Await(p, oven)
		if err != nil {
			return err
		}
		fmt.Println(loaves, "loaves at", p.Now())
		return nil
	})
	if err := s.Run(context.Background()); err != nil {
		log.Fatal(err)
	}
	// Output:
	// 12 loaves at 1200s
}

func Example_interrupt() {
	s := process.New("car")
	defer s.Close()
	car := s.Start("car", func(p *process.Process) error {
		since := p.Now()
		err := p.Hold(5 * time.Hour) // charging
		var stopped *process.InterruptedError
		if errors.As(err, &stopped) {
			fmt.Println("charged for", p.Now().Sub(since), "because", stopped.Cause)
			return nil
		}
		return err
	})
	s.Start("driver", func(p *process.Process) error {
		if err := p.Hold(3 * time.Hour); err != nil {
			return err
		}
		return car.Interrupt(errors.New("I have to go"))
	})
	if err := s.Run(context.Background()); err != nil {
		log.Fatal(err)
	}
	// Output:
	// charged for 3h0m0s because I have to go
}

func Example_resource() {
	s := process.New("charging station")
	defer s.Close()
	station := process.NewResource(s, "station", 2)
	for i := range 4 {
		s.StartAt(scheduler.Time(i)*scheduler.Minute, fmt.Sprint("car ", i), func(p *process.Process) error {
			if err := station.Acquire(p); err != nil {
				return err
			}
			defer station.Release()
			fmt.Println(p.Name(), "begins at", p.Now())
			return p.Hold(5 * time.Minute)
		})
	}
	if err := s.Run(context.Background()); err != nil {
		log.Fatal(err)
	}
	// Output:
	// car 0 begins at 0s
	// car 1 begins at 60s
	// car 2 begins at 300s
	// car 3 begins at 360s
}

func Example_renege() {
	s := process.New("bank")
	defer s.Close()
	counter := process.NewResource(s, "counter", 1)
	customer := func(p *process.Process) error {
		if counter.Queue() == 2 {
			fmt.Println(p.Name(), "does not even join the line") // balks
			return nil
		}
		err := p.Within(7*time.Minute, func() error { return counter.Acquire(p) })
		if errors.Is(err, process.ErrTimeout) {
			fmt.Println(p.Name(), "gives up at", p.Now()) // reneges
			return nil
		}
		if err != nil {
			return err
		}
		defer counter.Release()
		fmt.Println(p.Name(), "is served at", p.Now())
		return p.Hold(5 * time.Minute)
	}
	for _, name := range []string{"Ann", "Bob", "Cid", "Dan"} {
		s.Start(name, customer)
	}
	if err := s.Run(context.Background()); err != nil {
		log.Fatal(err)
	}
	// Output:
	// Ann is served at 0s
	// Dan does not even join the line
	// Bob is served at 300s
	// Cid gives up at 420s
}

func Example_preempt() {
	s := process.New("hospital")
	defer s.Close()
	doctor := process.NewPreemptiveResource(s, "doctor", 1)
	patient := func(priority int, treatment time.Duration) func(p *process.Process) error {
		return func(p *process.Process) error {
			for left := treatment; ; {
				if err := doctor.Acquire(p, priority); err != nil {
					return err
				}
				since := p.Now()
				err := p.Hold(left)
				doctor.Release(p) // does nothing if the doctor was taken away
				var lost *process.PreemptedError
				if !errors.As(err, &lost) {
					fmt.Println(p.Name(), "leaves at", p.Now())
					return err
				}
				left -= p.Now().Sub(since)
				fmt.Println(p.Name(), "has to wait for", lost.By.Name())
			}
		}
	}
	s.Start("cough", patient(1, 10*time.Minute))
	s.StartAt(4*scheduler.Minute, "heart attack", patient(0, 30*time.Minute)) // the lower number comes first
	if err := s.Run(context.Background()); err != nil {
		log.Fatal(err)
	}
	// Output:
	// cough has to wait for heart attack
	// heart attack leaves at 2040s
	// cough leaves at 2400s
}

func Example_store() {
	s := process.New("workshop")
	defer s.Close()
	shelf := process.NewStore[string](s, "shelf", 2)
	s.Start("smith", func(p *process.Process) error {
		for _, tool := range []string{"hammer", "saw", "hammer", "axe"} {
			if err := shelf.Put(p, tool); err != nil { // waits if the shelf is full
				return err
			}
		}
		return nil
	})
	s.Start("carpenter", func(p *process.Process) error {
		saw, err := shelf.GetWhere(p, func(tool string) bool { return tool == "saw" })
		if err != nil {
			return err
		}
		next, err := shelf.Get(p) // what has been there longest
		fmt.Println(saw, "and", next)
		return err
	})
	if err := s.Run(context.Background()); err != nil {
		log.Fatal(err)
	}
	for tool := range shelf.Items() {
		fmt.Println("left:", tool)
	}
	// Output:
	// saw and hammer
	// left: hammer
	// left: axe
}

func Example_level() {
	s := process.New("filling station")
	defer s.Close()
	tank := process.NewLevel(s, "tank", 100, 30) // litres
	s.Start("car", func(p *process.Process) error {
		if err := tank.Get(p, 40); err != nil {
			return err
		}
		fmt.Println("40 l at", p.Now(), "and", tank.Amount(), "l are left")
		return nil
	})
	s.Start("truck", func(p *process.Process) error {
		if err := p.Hold(time.Hour); err != nil {
			return err
		}
		return tank.Put(p, 60)
	})
	if err := s.Run(context.Background()); err != nil {
		log.Fatal(err)
	}
	// Output:
	// 40 l at 3600s and 50 l are left
}

func Example_anyOf() {
	s := process.New("desk")
	defer s.Close()
	call := process.NewEvent[string](s, "call")
	lunch, err := s.Timeout(4 * time.Hour)
	if err != nil {
		log.Fatal(err)
	}
	s.Start("clerk", func(p *process.Process) error {
		first, err := process.Await(p, process.AnyOf(s, lunch, call))
		if err != nil {
			return err
		}
		if first == 1 {
			who, _ := call.Value()
			fmt.Println("call of", who, "at", p.Now())
		}
		if err := p.Wait(process.AllOf(s, lunch, call)); err != nil {
			return err
		}
		fmt.Println("lunch at", p.Now())
		return nil
	})
	if _, err := s.After(90*time.Minute, func() error { call.Trigger("Ann"); return nil }); err != nil {
		log.Fatal(err)
	}
	if err := s.Run(context.Background()); err != nil {
		log.Fatal(err)
	}
	// Output:
	// call of Ann at 5400s
	// lunch at 14400s
}

func Example_statistics() {
	const seed = 1
	between, service := random.New(seed, "arrivals"), random.New(seed, "service")
	minutes := func(mean float64, stream *random.Stream) time.Duration {
		return time.Duration(stream.ExpFloat64() * mean * float64(time.Minute))
	}
	s := process.New("shop")
	defer s.Close()
	server := process.NewResource(s, "server", 1)
	var waits stat.BatchMeans // in minutes
	customer := func(p *process.Process) error {
		came := p.Now()
		if err := server.Acquire(p); err != nil {
			return err
		}
		defer server.Release()
		waits.Add(p.Now().Sub(came).Minutes())
		return p.Hold(minutes(6, service))
	}
	s.Start("arrivals", func(p *process.Process) error {
		for {
			if err := p.Hold(minutes(10, between)); err != nil {
				return err
			}
			s.Start("customer", customer)
		}
	})
	if err := s.RunUntil(context.Background(), 10*scheduler.Day); err != nil { // it warms up
		log.Fatal(err)
	}
	waits = stat.BatchMeans{}
	usage := server.Monitor()
	if err := s.RunUntil(context.Background(), 1000*scheduler.Day); err != nil {
		log.Fatal(err)
	}
	interval, err := waits.Interval(0.95)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("wait: %v minutes; theory says 9\n", interval)
	fmt.Printf("busy: %.2f; in line: %.2f\n", usage.Content.Mean(s.Now()), usage.Queue.Mean(s.Now()))
	// Output:
	// wait: 8.77882 ± 0.294 (95%) minutes; theory says 9
	// busy: 0.60; in line: 0.88
}

func Example_replications() {
	day := func(seed uint64, counters int) (wait float64, err error) { // in minutes, of a customer on average
		arrivals, service := random.New(seed, "arrivals"), random.New(seed, "service")
		minutes := func(mean float64, stream *random.Stream) time.Duration {
			return time.Duration(stream.ExpFloat64() * mean * float64(time.Minute))
		}
		s := process.New("bank")
		defer s.Close()
		counter := process.NewResource(s, "counter", counters)
		var waits stat.Tally
		s.Start("door", func(p *process.Process) error {
			for p.Now() < 8*scheduler.Hour {
				takes := minutes(5, service)
				s.Start("customer", func(p *process.Process) error {
					came := p.Now()
					if err := counter.Acquire(p); err != nil {
						return err
					}
					defer counter.Release()
					waits.Add(p.Now().Sub(came).Minutes())
					return p.Hold(takes)
				})
				if err := p.Hold(minutes(2, arrivals)); err != nil {
					return err
				}
			}
			return nil
		})
		err = s.Run(context.Background()) // until the last one has left
		return waits.Mean(), err
	}
	for _, counters := range []int{3, 4} {
		var days stat.Tally
		for n := range uint64(20) {
			wait, err := day(random.Replication(1, n), counters)
			if err != nil {
				log.Fatal(err)
			}
			days.Add(wait)
		}
		fmt.Printf("%d counters: a wait of %v minutes\n", counters, days.Interval(0.95))
	}
	// Output:
	// 3 counters: a wait of 6.68793 ± 1.6 (95%) minutes
	// 4 counters: a wait of 1.11482 ± 0.252 (95%) minutes
}
