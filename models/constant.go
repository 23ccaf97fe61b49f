package models

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/simrun/simrun/sim"
)

// Constant is a simulator whose entities each put out one value, their
// parameter, at the start; it stays valid for the whole run. The value may be
// a number, text, true or false, or a list or object for a simulator that
// takes such. It carries no unit, so it goes as it is into an input that has
// one.
type Constant struct {
	entities []*constant
	started  bool
}

type constant struct {
	value sim.Value
	out   sim.Output
}

// NewConstant returns a [Constant] simulator.
func NewConstant() sim.Simulator { return &Constant{} }

// Init implements [sim.Simulator].
func (c *Constant) Init(_ context.Context, env *sim.Env) (sim.Meta, error) {
	if err := unknownParams(env.Params, nil); err != nil {
		return sim.Meta{}, err
	}
	// Hybrid, since a time-based simulator would have to step again.
	return sim.Meta{Type: sim.Hybrid, Models: []sim.Model{{
		Name: "Constant", Doc: "a value that never changes",
		Params: []sim.Param{{Name: "value", Doc: "number, text, true or false, list or object"}},
		Attrs:  []sim.Attr{{Name: "value", Doc: "the parameter", Output: true}},
	}}}, nil
}

// Create implements [sim.Simulator].
func (c *Constant) Create(_ context.Context, num int, model string, params sim.Params) ([]sim.NewEntity, error) {
	value, ok := params["value"]
	if !ok || value == nil {
		return nil, errors.New("parameter value is missing; give a number, text, true or false, list or object")
	}
	if f, ok := value.(float64); ok && (math.IsNaN(f) || math.IsInf(f, 0)) {
		return nil, fmt.Errorf("parameter value = %v is out of range; give a finite number", f)
	}
	made := make([]sim.NewEntity, num)
	for i := range made {
		e := &constant{value: sim.ValueOf(value)}
		made[i] = sim.NewEntity{ID: fmt.Sprintf("%s-%d", model, len(c.entities)), Model: model,
			Outputs: map[string]*sim.Output{"value": &e.out}}
		c.entities = append(c.entities, e)
	}
	return made, nil
}

// Step implements [sim.Simulator].
func (c *Constant) Step(context.Context, *sim.Step) (sim.Time, error) {
	if !c.started {
		c.started = true
		for _, e := range c.entities {
			e.out.SetValue(e.value)
		}
	}
	return sim.Never, nil
}
