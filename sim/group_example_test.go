package sim_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/simrun/simrun/sim"
)

// Party is one side of a negotiation: it goes half the way to what it hears,
// until that is close.
type Party struct {
	Wish  float64    `param:"wish" doc:"price that it would like"`
	Heard sim.Input  `attr:"heard" doc:"what the other side says"`
	Says  sim.Output `attr:"says,event" doc:"price"`
}

func (p *Party) Step(s *sim.Step) error {
	if !p.Heard.Has() { // it begins
		p.Says.Set(p.Wish)
		return nil
	}
	heard := p.Heard.Float()
	if gap := heard - p.Wish; gap > 0.5 || gap < -0.5 {
		p.Wish += gap / 2
		p.Says.Set(p.Wish)
		return nil
	}
	fmt.Println(s.Time(), "agreed on", heard)
	return nil
}

// Two parties negotiate at one time. One of the two connections is weak: what
// travels over it arrives in the next round.
func ExampleGroup() {
	ctx := context.Background()
	w := sim.NewWorld(sim.Config{})
	defer w.Close()
	market := w.NewGroup("market")
	party := func(name string, wish float64) (*sim.Instance, *sim.Entity) {
		in, err := w.Add(ctx, name, sim.NewModel[Party](sim.ModelConfig{Name: "Party", Type: sim.EventBased}), sim.AddOptions{Group: market})
		if err != nil {
			log.Fatal(err)
		}
		es, err := in.Create(ctx, "Party", 1, sim.Params{"wish": wish})
		if err != nil {
			log.Fatal(err)
		}
		return in, es[0]
	}
	first, buyer := party("buyer", 10)
	_, seller := party("seller", 20)
	first.SetInitialEvent(sim.Time(time.Hour))
	if err := w.Connect(buyer, "says", seller, "heard", sim.ConnectOptions{}); err != nil {
		log.Fatal(err)
	}
	if err := w.Connect(seller, "says", buyer, "heard", sim.ConnectOptions{Weak: true}); err != nil {
		log.Fatal(err)
	}
	if _, err := w.Run(ctx, sim.RunOptions{Until: sim.Time(24 * time.Hour)}); err != nil {
		log.Fatal(err)
	}
	// Output: 3600s agreed on 13.4375
}
