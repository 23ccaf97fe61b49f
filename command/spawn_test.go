package command_test

import (
	"context"
	"fmt"
	"time"

	"github.com/simrun/simrun/container"
	"github.com/simrun/simrun/sim"
	"github.com/simrun/simrun/sim/random"
)

// Depot is an agent that has others carry what it owes to its neighbour, each of which
// exists as long as it is on its way.
type Depot struct {
	container.Agent
	Neighbour string     `param:"neighbour" doc:"to whom it sends things"`
	Got       sim.Output `attr:"got" doc:"how much it has got, and from whom the last of it"`

	random *random.Stream
	got    int
}

func (d *Depot) Init(env *sim.Env, id string) error {
	d.random = env.Random(id)
	return nil
}

func (d *Depot) Start(ctx context.Context) error {
	d.Expose("unload", func(_ context.Context, truck string, load int) error {
		d.got += load
		d.Got.SetValue(sim.Text(fmt.Sprintf("%d, %s", d.got, truck)))
		return nil
	})
	for n := 0; ; n++ {
		truck := &Truck{to: d.Neighbour, load: 1 + d.random.IntN(9), takes: time.Duration(d.random.IntN(90)) * time.Minute}
		if err := d.Spawn(fmt.Sprint("truck-", n), truck); err != nil {
			return err
		}
		if err := d.Sleep(ctx, time.Duration(d.random.IntN(3))*10*time.Minute); err != nil {
			return err
		}
	}
}

// Truck drives, unloads, and is gone.
type Truck struct {
	container.Agent
	to    string
	load  int
	takes time.Duration
}

func (t *Truck) Start(ctx context.Context) error {
	if err := t.Sleep(ctx, t.takes); err != nil {
		return err
	}
	if _, err := t.Call(ctx, t.to, "unload", t.Name(), t.load); err != nil {
		return err
	}
	return t.Leave()
}
