package trace

import (
	"fmt"
	"math"

	"github.com/simrun/simrun/internal/graphdraw"
	"github.com/simrun/simrun/sim"
)

// TooMuchError says that there are more steps than a picture can have.
type TooMuchError struct {
	Steps  int64
	Fits   sim.Time // up to which there are few enough
	Enough bool     // there is such a time
}

func (e *TooMuchError) Error() string {
	text := fmt.Sprintf("there are %d steps, and a picture has %d at most; choose less of them by --from, --to and --sim", e.Steps, graphdraw.MostSteps)
	if e.Enough {
		text += fmt.Sprintf(": up to %v there are few enough", e.Fits)
	}
	return text
}

// Execution reads the wanted steps, and what has led from one of them to another. The
// error is a *TooMuchError if there are too many for a picture.
func (f *Filter) Execution(r *Reader) (*graphdraw.Execution, error) {
	w := words{&r.Header.World}
	e := &graphdraw.Execution{Start: w.Start}
	lanes, places := make(map[int]int), make(map[Ref]int)
	count, fits, at := int64(0), sim.Time(math.MinInt64), sim.Time(math.MinInt64)
	steps := *f
	steps.Kinds, steps.Entities = []Kind{KindStep}, nil
	err := steps.Each(r, func(item *Item) error {
		count++
		if now := item.Step.Stamp.Time; now != at {
			if count-1 <= graphdraw.MostSteps {
				fits = at
			}
			at = now
		}
		if count > graphdraw.MostSteps {
			return nil
		}
		lane, known := lanes[item.Ref.Sim]
		if !known {
			lane = len(e.Lanes)
			lanes[item.Ref.Sim] = lane
			e.Lanes = append(e.Lanes, w.Sims[item.Ref.Sim].Name)
		}
		here := len(e.Steps)
		places[item.Ref] = here
		e.Steps = append(e.Steps, graphdraw.ExecutionStep{Lane: lane, At: item.Step.Stamp.Time, Label: fmt.Sprint(item.Ref.N),
			Title: fmt.Sprintf("%s at %v, %s", w.step(item.Ref), item.Step.Stamp, w.causes(item.Causes))})
		w.arrows(e, item, here, places)
		return nil
	})
	switch {
	case err != nil:
		return nil, err
	case count > graphdraw.MostSteps:
		return nil, &TooMuchError{Steps: count, Fits: fits, Enough: fits >= f.From}
	}
	return e, nil
}

// arrows leads to a step from those that are there already, one from each.
func (w words) arrows(e *graphdraw.Execution, item *Item, here int, places map[Ref]int) {
	from := make(map[Ref]bool)
	add := func(r Ref, kind graphdraw.ArrowKind, title string) {
		place, there := places[r]
		if there && !from[r] {
			from[r] = true
			e.Arrows = append(e.Arrows, graphdraw.Arrow{From: place, To: here, Kind: kind, Title: title})
		}
	}
	for _, c := range item.Causes {
		switch c.Kind {
		case Trigger:
			add(c.Step, graphdraw.TriggerArrow, w.output(w.Connections[c.Connection].Output))
		case Asked:
			add(c.Step, graphdraw.AskedArrow, "next step")
		}
	}
	for _, in := range item.Inputs {
		add(in.Step, graphdraw.SeenArrow, w.input(in))
	}
}
