package process_test

import (
	"context"
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
