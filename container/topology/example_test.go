package topology_test

import (
	"context"
	"fmt"

	"github.com/simrun/simrun/container"
	"github.com/simrun/simrun/container/topology"
	"github.com/simrun/simrun/scheduler"
	"github.com/simrun/simrun/sim/random"
)

func ExampleRing() {
	ring, err := topology.Ring(topology.Numbered("house", 5))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(ring.Neighbours("house-0"))
	fmt.Println(ring.Distance("house-0", "house-3"))
	// Output:
	// [house-1 house-4]
	// 2
}

func ExampleGrid() {
	grid, err := topology.Grid([]string{
		"a", "b", "c",
		"d", "e", "f",
	}, 3)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(grid.Neighbours("e"))
	fmt.Println(grid.Distance("a", "f"))
	// Output:
	// [b d f]
	// 3
}

func ExampleSmallWorld() {
	names := topology.Numbered("peer", 100)
	lattice, err := topology.SmallWorld(names, 2, 0, random.New(42, "lattice"))
	if err != nil {
		fmt.Println(err)
		return
	}
	small, err := topology.SmallWorld(names, 2, 0.1, random.New(42, "small"))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("across the ring:", lattice.Distance("peer-0", "peer-50"))
	fmt.Println("in a small world less:", small.Distance("peer-0", "peer-50") < 25)
	// Output:
	// across the ring: 25
	// in a small world less: true
}

// Node asks its neighbours what they hold.
type Node struct {
	container.Agent
	peers *topology.Topology
	holds float64
}

func (n *Node) Start(ctx context.Context) error {
	n.Expose("holds", func(context.Context) (float64, error) { return n.holds, nil })
	replies, err := n.peers.Gather(ctx, n, "holds")
	if err != nil {
		return err
	}
	most := n.holds
	for _, reply := range replies {
		held, err := container.As[float64](reply.Value, reply.Err)
		if err != nil {
			return err
		}
		most = max(most, held)
	}
	fmt.Printf("%s asked %d, the most is %g\n", n.Name(), len(replies), most)
	return nil
}

// Villager passes on what it hears for the first time.
type Villager struct {
	container.Agent
	village *topology.Topology
	heard   string
}

func (v *Villager) Start(ctx context.Context) error {
	v.Expose("hear", v.hear)
	if v.Name() == "villager-0" {
		return v.hear(ctx, "the mill is on fire")
	}
	return nil
}

func (v *Villager) hear(_ context.Context, news string) error {
	if v.heard != "" {
		return nil
	}
	v.heard = news
	fmt.Printf("%s has heard that %s\n", v.Name(), news)
	return v.village.Broadcast(v, "hear", news)
}

// News goes around a ring in both directions.
func ExampleTopology_Broadcast() {
	ring, err := topology.Ring(topology.Numbered("villager", 5))
	if err != nil {
		fmt.Println(err)
		return
	}
	loop := scheduler.NewLoop(scheduler.Config{})
	c := container.New(loop, "example")
	defer c.Close()
	for _, name := range ring.Names() {
		if err := c.Add(name, &Villager{village: ring}); err != nil {
			fmt.Println(err)
		}
	}
	if err := scheduler.RunUntil(context.Background(), loop, scheduler.Second); err != nil {
		fmt.Println(err)
	}
	// Output:
	// villager-0 has heard that the mill is on fire
	// villager-1 has heard that the mill is on fire
	// villager-4 has heard that the mill is on fire
	// villager-2 has heard that the mill is on fire
	// villager-3 has heard that the mill is on fire
}

func ExampleTopology_Gather() {
	star, err := topology.Star([]string{"hub", "east", "west"})
	if err != nil {
		fmt.Println(err)
		return
	}
	loop := scheduler.NewLoop(scheduler.Config{})
	c := container.New(loop, "example")
	defer c.Close()
	for i, name := range star.Names() {
		if err := c.Add(name, &Node{peers: star, holds: float64(i)}); err != nil {
			fmt.Println(err)
		}
	}
	if err := scheduler.RunUntil(context.Background(), loop, scheduler.Second); err != nil {
		fmt.Println(err)
	}
	// Output:
	// east asked 1, the most is 1
	// hub asked 2, the most is 2
	// west asked 1, the most is 2
}
