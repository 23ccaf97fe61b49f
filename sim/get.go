package sim

import (
	"context"
	"fmt"
	"slices"
)

// Get returns the present values of outputs, in the order of refs. Foreign
// simulators are asked, each once. It must not be called while the world runs.
func (w *World) Get(ctx context.Context, refs ...Ref) ([]Value, error) {
	values := make([]Value, len(refs))
	var asked []*Instance
	for i, ref := range refs {
		e := ref.Entity
		if a := e.model.Attr(ref.Attr); a == nil || !a.Output {
			return nil, noOutput(e, ref.Attr)
		}
		if _, ok := e.lp.sim.(Getter); ok {
			if !slices.Contains(asked, e.lp) {
				asked = append(asked, e.lp)
			}
		} else if s := e.slots[ref.Attr]; s != nil {
			values[i] = s.value
		}
	}
	for _, in := range asked {
		var of []Ref
		var at []int
		for i, ref := range refs {
			if ref.Entity.lp == in {
				of, at = append(of, ref), append(at, i)
			}
		}
		got, err := in.sim.(Getter).GetData(ctx, of)
		if err == nil && len(got) != len(of) {
			err = fmt.Errorf("gave %d values for %d attributes", len(got), len(of))
		}
		if err != nil {
			return nil, &SimulatorError{Sim: in.name, Op: "get_data", Err: err}
		}
		for k, i := range at {
			values[i] = got[k]
		}
	}
	return values, nil
}

func noOutput(e *Entity, attr string) error {
	return fmt.Errorf("%s has no output %q; %s", e.full, attr,
		didYouMean(attr, attrNames(e.model, func(a *Attr) bool { return a.Output })))
}
