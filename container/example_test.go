package container_test

import (
	"context"
	"fmt"
	"time"

	"github.com/simrun/simrun/container"
	"github.com/simrun/simrun/scheduler"
)

// Seller sells power at a price per kWh.
type Seller struct {
	container.Agent
	price float64
	sold  float64
}

func (s *Seller) Start(context.Context) error {
	s.Expose("offer", func(_ context.Context, amount float64) (float64, error) {
		if amount > 10 {
			return 0, fmt.Errorf("%g kWh is more than I have", amount)
		}
		return amount * s.price, nil
	})
	s.Expose("accept", func(_ context.Context, amount float64) error {
		s.sold += amount
		return nil
	})
	return nil
}

// Buyer buys from the cheapest seller every hour.
type Buyer struct {
	container.Agent
	sellers []string
	amount  float64
}

func (b *Buyer) Start(ctx context.Context) error {
	return b.Every(ctx, time.Hour, b.buy)
}

func (b *Buyer) buy(ctx context.Context) error {
	b.amount += 4
	calls := make([]container.Call, len(b.sellers))
	for i, seller := range b.sellers {
		calls[i] = container.Call{Agent: seller, Method: "offer", Args: []any{b.amount}}
	}
	offers, err := b.Gather(ctx, calls...)
	if err != nil {
		return err
	}
	best, lowest := "", 0.0
	for i, offer := range offers {
		price, err := container.As[float64](offer.Value, offer.Err)
		if err != nil {
			fmt.Println(b.Now(), err)
		} else if best == "" || price < lowest {
			best, lowest = b.sellers[i], price
		}
	}
	if best == "" {
		return nil
	}
	fmt.Printf("%v %g kWh from %s for %.2f\n", b.Now(), b.amount, best, lowest)
	_, err = b.Call(ctx, best, "accept", b.amount)
	return err
}

// A buyer asks all sellers at once and takes the best offer.
func Example() {
	loop := scheduler.NewLoop(scheduler.Config{})
	market := container.New(loop, "market")
	defer market.Close()
	for name, agent := range map[string]container.Member{
		"wind":  &Seller{price: 0.19},
		"coal":  &Seller{price: 0.25},
		"buyer": &Buyer{sellers: []string{"coal", "wind"}},
	} {
		if err := market.Add(name, agent); err != nil {
			fmt.Println(err)
		}
	}
	if err := scheduler.RunUntil(context.Background(), loop, 3*scheduler.Hour); err != nil {
		fmt.Println(err)
	}
	// Output:
	// 0s 4 kWh from wind for 0.76
	// 3600s 8 kWh from wind for 1.52
	// 7200s agent "coal": offer: 12 kWh is more than I have
	// 7200s agent "wind": offer: 12 kWh is more than I have
}
