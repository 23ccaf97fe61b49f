package sim

import (
	"context"
	"fmt"
)

// Get returns the present value of an output of an entity. Foreign simulators
// are asked. It must not be called while the world runs.
func (w *World) Get(ctx context.Context, e *Entity, attr string) (Value, error) {
	a := e.model.Attr(attr)
	if a == nil || !a.Output {
		return Null, noOutput(e, attr)
	}
	if g, ok := e.lp.sim.(Getter); ok {
		values, err := g.GetData(ctx, e.id, []string{attr})
		if err != nil {
			return Null, &SimulatorError{Sim: e.lp.name, Op: "get_data", Err: err}
		}
		if len(values) != 1 {
			return Null, &SimulatorError{Sim: e.lp.name, Op: "get_data", Err: fmt.Errorf("gave %d values for one attribute", len(values))}
		}
		return values[0], nil
	}
	if s := e.slots[attr]; s != nil {
		return s.value, nil
	}
	return Null, nil
}

func noOutput(e *Entity, attr string) error {
	return fmt.Errorf("%s has no output %q; %s", e.full, attr,
		didYouMean(attr, attrNames(e.model, func(a *Attr) bool { return a.Output })))
}
