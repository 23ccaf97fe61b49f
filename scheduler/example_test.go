package scheduler_test

import (
	"context"
	"fmt"
	"time"

	"github.com/simrun/simrun/scheduler"
)

// A customer asks a clerk, who takes a while.
func Example() {
	loop := scheduler.NewLoop(scheduler.Config{})
	defer loop.Close()
	customer, _ := loop.Actor("customer")
	clerk, _ := loop.Actor("clerk")
	say := func(text string) { fmt.Printf("%v round %d: %s\n", loop.Now(), loop.Round(), text) }

	_, err := loop.Spawn(customer, "visit", func(visit *scheduler.Process) error {
		if err := visit.Sleep(90 * time.Second); err != nil {
			return err
		}
		say("customer asks")
		err := loop.Post(customer, func() error {
			say("clerk listens")
			_, err := loop.After(time.Minute, clerk, func() error {
				say("clerk answers")
				return visit.Wake()
			})
			return err
		})
		if err != nil {
			return err
		}
		if err := visit.Wait(); err != nil {
			return err
		}
		say("customer leaves")
		return nil
	})
	if err != nil {
		fmt.Println(err)
	}
	if err := scheduler.RunUntil(context.Background(), loop, scheduler.Hour); err != nil {
		fmt.Println(err)
	}
	// Output:
	// 90s round 0: customer asks
	// 90s round 1: clerk listens
	// 150s round 0: clerk answers
	// 150s round 0: customer leaves
}
