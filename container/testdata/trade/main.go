package main

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/simrun/simrun/container"
	"github.com/simrun/simrun/scheduler"
)

type Seller struct{ container.Agent }

func (s *Seller) Start(context.Context) error {
	s.Expose("offer", func(_ context.Context, amount float64) (float64, error) { return 0.25 * amount, nil })
	return nil
}

type Buyer struct {
	container.Agent
	seller string // its address
	done   func()
}

func (b *Buyer) Start(ctx context.Context) error {
	defer b.done()
	price, err := container.As[float64](b.Call(ctx, b.seller, "offer", 10))
	if err != nil {
		return err
	}
	fmt.Println("bought for", price)
	return nil
}

// trade sells until it is stopped, or buys from the address that it is given.
func main() {
	ctx, done := context.WithCancel(context.Background())
	loop := scheduler.NewLoop(scheduler.Config{})
	c := container.New(loop, "market")
	clock, err := container.NewRealTime(loop, 1)
	if err != nil {
		log.Fatal(err)
	}
	e, err := container.Listen(c, clock, "tcp://127.0.0.1:0", container.EndpointConfig{})
	if err != nil {
		log.Fatal(err)
	}
	if len(os.Args) == 1 {
		err = c.Add("seller", &Seller{})
		fmt.Println(e.Address() + "/seller")
	} else {
		err = c.Add("buyer", &Buyer{seller: os.Args[1], done: done})
	}
	if err != nil {
		log.Fatal(err)
	}
	if _, err := clock.Run(ctx); err != nil {
		log.Fatal(err)
	}
}
