package container_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/simrun/simrun/container"
	"github.com/simrun/simrun/scheduler"
)

// Household can do with less power, if it is paid for it.
type Household struct {
	container.Agent
	spare  float64 // kW
	price  float64 // per kW
	thinks time.Duration
}

func (h *Household) Start(context.Context) error {
	h.Expose("offer", h.offer)
	h.Expose("reduce", h.reduce)
	return nil
}

func (h *Household) offer(ctx context.Context) (map[string]float64, error) {
	if err := h.Sleep(ctx, h.thinks); err != nil {
		return nil, err
	}
	if h.spare == 0 {
		return nil, errors.New("we need all of it")
	}
	return map[string]float64{"kw": h.spare, "price": h.price}, nil
}

func (h *Household) reduce(ctx context.Context, kw float64) error {
	if err := h.Sleep(ctx, 5*time.Minute); err != nil { // until things are switched off
		return err
	}
	fmt.Printf("%v %s takes %g kW less\n", h.Now(), h.Name(), kw)
	return nil
}

// Operator has others take less power when a line is overloaded.
type Operator struct {
	container.Agent
	households []string
}

// Start waits for the evening and then has a problem.
func (o *Operator) Start(ctx context.Context) error {
	if err := o.Sleep(ctx, 18*time.Hour); err != nil {
		return err
	}
	return o.relieve(ctx, 5)
}

// relieve asks everybody at once, and orders from the cheapest as much as is
// needed.
func (o *Operator) relieve(ctx context.Context, kw float64) error {
	offers, err := o.ask(ctx)
	if err != nil {
		return err
	}
	var orders []container.Call
	for _, offer := range offers {
		if kw > 0 {
			ordered := min(kw, offer.kw)
			orders = append(orders, container.Call{Agent: offer.household, Method: "reduce", Args: []any{ordered}})
			kw -= ordered
		}
	}
	replies, err := o.Gather(ctx, orders...)
	if err != nil {
		return err
	}
	fmt.Printf("%v all %d have reduced, %g kW are missing\n", o.Now(), len(replies), kw)
	return nil
}

type offer struct {
	household string
	kw, price float64
}

// ask returns the offers of all who make one within a minute, the cheapest first.
func (o *Operator) ask(ctx context.Context) ([]offer, error) {
	calls := make([]container.Call, len(o.households))
	for i, h := range o.households {
		calls[i] = container.Call{Agent: h, Method: "offer"}
	}
	replies, err := o.Gather(o.Within(ctx, time.Minute), calls...)
	if err != nil {
		return nil, err
	}
	var offers []offer
	for i, reply := range replies {
		said, err := container.As[map[string]float64](reply.Value, reply.Err)
		if err != nil {
			fmt.Println(o.Now(), err)
			continue
		}
		offers = append(offers, offer{household: o.households[i], kw: said["kw"], price: said["price"]})
	}
	slices.SortStableFunc(offers, func(x, y offer) int { return cmp.Compare(x.price, y.price) })
	return offers, nil
}

// An operator asks all households what they could do, and orders from some.
func Example_gather() {
	loop := scheduler.NewLoop(scheduler.Config{})
	c := container.New(loop, "village")
	defer c.Close()
	operator := &Operator{}
	for i, h := range []*Household{{spare: 3, price: 20}, {spare: 2, price: 10}, {}, {spare: 9, price: 5, thinks: time.Hour}} {
		name := fmt.Sprintf("house-%d", i)
		if err := c.Add(name, h); err != nil {
			fmt.Println(err)
		}
		operator.households = append(operator.households, name)
	}
	if err := c.Add("operator", operator); err != nil {
		fmt.Println(err)
	}
	if err := scheduler.RunUntil(context.Background(), loop, 24*scheduler.Hour); err != nil {
		fmt.Println(err)
	}
	// Output:
	// 64860s agent "house-2": offer: we need all of it
	// 64860s agent "house-3": offer: no answer has come by t=64860s: context deadline exceeded
	// 65160s house-0 takes 3 kW less
	// 65160s house-1 takes 2 kW less
	// 65160s all 2 have reduced, 0 kW are missing
}
