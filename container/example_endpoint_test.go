package container_test

import (
	"context"
	"fmt"

	"github.com/simrun/simrun/container"
	"github.com/simrun/simrun/scheduler"
)

// Two containers, which could be in two programs or on two machines. One of the agents
// could as well be one of aiomas.
func ExampleListen() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	start := func(name, addr string, agents map[string]container.Member) *container.Endpoint {
		loop := scheduler.NewLoop(scheduler.Config{})
		c := container.New(loop, name)
		for name, a := range agents {
			if err := c.Add(name, a); err != nil {
				panic(err)
			}
		}
		clock, err := container.NewRealTime(loop, 1)
		if err != nil {
			panic(err)
		}
		e, err := container.Listen(c, clock, addr, container.EndpointConfig{})
		if err != nil {
			panic(err)
		}
		go clock.Run(ctx)
		return e
	}

	seller := &callee{}
	seller.Expose("offer", container.Func1(func(_ context.Context, amount float64) (float64, error) { return 0.25 * amount, nil }))
	market := start("market", "tcp://127.0.0.1:0", map[string]container.Member{"seller": seller})

	bought := make(chan float64)
	home := start("home", "tcp://127.0.0.1:0", map[string]container.Member{"buyer": &caller{start: func(ctx context.Context, a *caller) error {
		s, err := a.Connect(ctx, market.Address()+"/seller")
		if err != nil {
			return err
		}
		price, err := container.As[float64](s.Call(ctx, "offer", 10))
		bought <- price
		return err
	}}})
	fmt.Println("bought for", <-bought)

	price, err := container.Ask[float64](ctx, home, market.Address()+"/seller", "offer", 2)
	fmt.Println("asked from outside:", price, err)
	fmt.Println(home.Shutdown(ctx), market.Shutdown(ctx))
	// Output:
	// bought for 2.5
	// asked from outside: 0.5 <nil>
	// <nil> <nil>
}
