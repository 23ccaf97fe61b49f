package models

import (
	"context"
	"fmt"

	"github.com/simrun/simrun/sim"
)

// Collector is a simulator whose entities gather numbers from many sources
// into a few: the total of all roofs, the lowest state of charge of all
// batteries. Any attribute name is an input; all sources of all inputs count
// alike.
//
// It steps whenever one of its inputs gets a value, and puts out the sum, the
// mean, the least and the largest of the values valid then, and how many there
// are. Sources that have given nothing yet are left out; while there are none,
// only sum and count are put out. Units are not looked at: connect what
// measures the same.
type Collector struct {
	entities map[string]*collector
	list     []*collector
}

type collector struct {
	inputs                     []sim.Input
	sum, mean, min, max, count sim.Output
}

// NewCollector returns a [Collector] simulator.
func NewCollector() sim.Simulator { return &Collector{entities: map[string]*collector{}} }

// Init implements [sim.Simulator].
func (c *Collector) Init(_ context.Context, env *sim.Env) (sim.Meta, error) {
	if err := unknownParams(env.Params, nil); err != nil {
		return sim.Meta{}, err
	}
	return sim.Meta{Type: sim.Hybrid, Models: []sim.Model{{
		Name: "Collector", Doc: "sum, mean, least and largest of anything connected to it",
		AnyInputs: true, AnyInputsTrigger: true,
		Attrs: []sim.Attr{
			{Name: "sum", Doc: "of all values", Output: true},
			{Name: "mean", Doc: "of all values", Output: true},
			{Name: "min", Doc: "the least value", Output: true},
			{Name: "max", Doc: "the largest value", Output: true},
			{Name: "count", Doc: "how many sources have a value", Output: true},
		},
	}}}, nil
}

// Create implements [sim.Simulator].
func (c *Collector) Create(_ context.Context, num int, model string, _ sim.Params) ([]sim.NewEntity, error) {
	made := make([]sim.NewEntity, num)
	for i := range made {
		e, id := &collector{}, fmt.Sprintf("%s-%d", model, len(c.list))
		c.entities[id] = e
		c.list = append(c.list, e)
		made[i] = sim.NewEntity{ID: id, Model: model, Outputs: map[string]*sim.Output{
			"sum": &e.sum, "mean": &e.mean, "min": &e.min, "max": &e.max, "count": &e.count}}
	}
	return made, nil
}

// Wire implements [sim.Wirer].
func (c *Collector) Wire(w sim.Wiring) {
	for _, e := range c.list {
		e.inputs = nil // those of an earlier call are among w
	}
	for _, in := range w.Inputs {
		e := c.entities[in.Entity]
		e.inputs = append(e.inputs, in.Input)
	}
}

// Step implements [sim.Simulator].
func (c *Collector) Step(context.Context, *sim.Step) (sim.Time, error) {
	for _, e := range c.list {
		if err := e.step(); err != nil {
			return 0, err
		}
	}
	return sim.Never, nil
}

func (e *collector) step() error {
	var sum, least, largest float64
	n := 0
	for _, in := range e.inputs {
		for src, v := range in.All() {
			f, err := v.Float64()
			if err != nil || f != f {
				return fmt.Errorf("the value %s from %s is not a number; connect numbers only", v, src)
			}
			if n == 0 {
				least, largest = f, f
			}
			sum, least, largest = sum+f, min(least, f), max(largest, f)
			n++
		}
	}
	e.sum.Set(sum)
	e.count.Set(float64(n))
	if n > 0 {
		e.mean.Set(sum / float64(n))
		e.min.Set(least)
		e.max.Set(largest)
	}
	return nil
}
