package process_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/simrun/simrun/scheduler"
	"github.com/simrun/simrun/sim/process"
)

// Customers that are no processes: each of their steps is a function.
func ExampleSimulation_When() {
	s := process.New("shop")
	defer s.Close()
	server := process.NewResource(s, "server", 1)
	arrive := func() error {
		turn := server.Request(0)
		s.When(turn, func() error {
			fmt.Println("served at", s.Now())
			_, err := s.After(time.Minute, func() error {
				turn.Release()
				return nil
			})
			return err
		})
		return nil
	}
	for i := range 3 {
		if _, err := s.At(scheduler.Time(i)*10*scheduler.Second, arrive); err != nil {
			log.Fatal(err)
		}
	}
	if err := s.Run(context.Background()); err != nil {
		log.Fatal(err)
	}
	// Output:
	// served at 0s
	// served at 60s
	// served at 120s
}

// A limit of time on the wall for a model that may have no end. The run could go on after
// that, and what was collected so far can be used.
func ExampleSimulation_Run_limit() {
	s := process.New("perpetual")
	defer s.Close()
	s.Start("clock", func(p *process.Process) error {
		for {
			if err := p.Hold(time.Second); err != nil {
				return err
			}
		}
	})
	const limit = 10 * time.Millisecond
	ctx, cancel := context.WithTimeoutCause(context.Background(), limit, &scheduler.WallTimeError{Limit: limit})
	defer cancel()
	var late *scheduler.WallTimeError
	if err := s.Run(ctx); errors.As(err, &late) {
		fmt.Println(late)
	}
	// Output:
	// no end after 10ms by the clock on the wall; end the run earlier, or allow more
}

// Processes that wait for each other: each has one tool and wants the other one.
func ExampleSimulation_Waiting() {
	s := process.New("workshop")
	defer s.Close()
	hammer, saw := process.NewResource(s, "hammer", 1), process.NewResource(s, "saw", 1)
	worker := func(first, second *process.Resource) func(p *process.Process) error {
		return func(p *process.Process) error {
			if err := first.Acquire(p); err != nil {
				return err
			}
			if err := p.Hold(time.Second); err != nil {
				return err
			}
			return second.Acquire(p)
		}
	}
	ann := s.Start("Ann", worker(hammer, saw))
	s.Start("Bob", worker(saw, hammer))
	fmt.Println(s.Run(context.Background()))
	for _, w := range s.Waiting() {
		fmt.Println(w)
	}
	fmt.Println(s.RunUntilDone(context.Background(), ann))
	// Output:
	// <nil>
	// "Ann" waits since 1s for resource "saw"
	// "Bob" waits since 1s for resource "hammer"
	// t=1s: nothing is left to happen, and the end of process "Ann" has not happened; "Ann" waits since 1s for resource "saw"; "Bob" waits since 1s for resource "hammer"
}

// A display of progress, and a limit on the number of events.
func ExampleNewWith() {
	next := scheduler.Day
	s := process.NewWith("shop", scheduler.Config{
		MaxEvents: 1_000_000,
		Stats: func(now scheduler.Stats) {
			if now.Time >= next {
				fmt.Printf("day %d: %d events, %d pending\n", now.Time/scheduler.Day, now.Events, now.Pending)
				next = now.Time - now.Time%scheduler.Day + scheduler.Day
			}
		},
	})
	defer s.Close()
	s.Start("visitors", func(p *process.Process) error {
		for {
			if err := p.Hold(time.Minute); err != nil {
				return err
			}
		}
	})
	if err := s.RunUntil(context.Background(), 3*scheduler.Day); err != nil {
		log.Fatal(err)
	}
	fmt.Println("events:", s.Stats().Events)
	// Output:
	// day 1: 1536 events, 1 pending
	// day 2: 3072 events, 1 pending
	// events: 4320
}
