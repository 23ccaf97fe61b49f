package topology_test

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/simrun/simrun/container"
	"github.com/simrun/simrun/container/topology"
	"github.com/simrun/simrun/scheduler"
	"github.com/simrun/simrun/sim/random"
)

// Sensor measures a temperature. All sensors want to know the mean, without anybody
// who collects the values: each tells its neighbours what it takes for the mean,
// and moves towards what it hears from them (average consensus; Olfati-Saber, Fax,
// Murray, Consensus and Cooperation in Networked Multi-Agent Systems, Proceedings
// of the IEEE 95(1), 2007).
type Sensor struct {
	container.Agent
	neighbours *topology.Topology
	mean       float64 // as far as it knows, in degrees Celsius
}

func (s *Sensor) Start(ctx context.Context) error {
	s.Expose("hear", s.hear)
	return s.Every(ctx, time.Second, func(context.Context) error {
		return s.neighbours.Broadcast(s, "hear", s.mean)
	})
}

// hear moves a fifth of the way: nobody has more than four neighbours.
func (s *Sensor) hear(_ context.Context, mean float64) error {
	s.mean += (mean - s.mean) / 5
	return nil
}

// Sensors on a grid agree on the mean of what they have measured, though messages
// between them take time, and every tenth is lost.
func Example_gossip() {
	const seed = 42
	grid, err := topology.Grid(topology.Numbered("sensor", 36), 6)
	if err != nil {
		fmt.Println(err)
		return
	}
	media, err := container.NewMedia(seed, container.Medium{Delay: 50 * time.Millisecond, MaxDelay: 800 * time.Millisecond, Loss: 0.1})
	if err != nil {
		fmt.Println(err)
		return
	}
	loop := scheduler.NewLoop(scheduler.Config{})
	c := container.New(loop, "field", container.WithMedia(media))
	defer c.Close()
	var sensors []*Sensor
	var sum float64
	for _, name := range grid.Names() {
		s := &Sensor{neighbours: grid, mean: 15 + 10*random.New(seed, name, "measured").Float64()}
		sum += s.mean
		sensors = append(sensors, s)
		if err := c.Add(name, s); err != nil {
			fmt.Println(err)
		}
	}
	fmt.Printf("measured: %.1f degrees in the mean\n", sum/float64(len(sensors)))
	for _, t := range []scheduler.Time{0, 10 * scheduler.Second, 30 * scheduler.Second, 2 * scheduler.Minute} {
		if err := scheduler.RunUntil(context.Background(), loop, t); err != nil {
			fmt.Println(err)
		}
		byMean := func(x, y *Sensor) int { return cmp.Compare(x.mean, y.mean) }
		fmt.Printf("after %v: %.1f to %.1f degrees\n", t, slices.MinFunc(sensors, byMean).mean, slices.MaxFunc(sensors, byMean).mean)
	}
	// Output:
	// measured: 19.3 degrees in the mean
	// after 0s: 15.4 to 25.0 degrees
	// after 10s: 18.3 to 20.9 degrees
	// after 30s: 18.9 to 19.8 degrees
	// after 120s: 19.2 to 19.3 degrees
}
