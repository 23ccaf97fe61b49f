package mosaik_test

import (
	"context"
	"fmt"
	"hash/crc32"
	"slices"
	"strings"
	"time"

	"github.com/simrun/simrun/codec"
	"github.com/simrun/simrun/internal/worldtest"
	"github.com/simrun/simrun/sim"
)

// act is what generic simulators do, in Go and for the rules. See generic.py.
func act(w *worldtest.World, i int, s worldtest.Step) worldtest.Action {
	sim := &w.Sims[i]
	draw := func(what string) int64 {
		return int64(crc32.ChecksumIEEE(fmt.Appendf(nil, "%d %s %d %d %s", w.Seed, sim.Name, s.Time, s.Again, what)))
	}
	a := worldtest.Action{At: s.Time}
	if next := draw("next"); sim.Type == worldtest.TimeBased {
		a.Next = s.Time + 1 + next%4
	} else if next%2 == 0 {
		a.Next = s.Time + 1 + next/2%6
	}
	if time := draw("time"); time%6 == 0 {
		a.At = s.Time + 1 + time/6%5
	}
	for _, l := range w.Asks {
		other := &w.Sims[l.Src]
		if set := draw("set " + other.Name); l.Dst == i && set%3 == 0 {
			a.Sets = append(a.Sets, worldtest.Set{Sim: l.Src, Attr: other.Inputs[int(set/3)%len(other.Inputs)],
				Value: fmt.Sprintf("%q", fmt.Sprintf("%s set %d/%d", sim.Name, s.Time, s.Again))})
		}
	}
	if event := draw("event"); w.Events && event%4 == 0 {
		a.Event = s.Time + 1 + event/4%5
	}
	for e := range sim.Entities {
		for _, attr := range sim.Outputs {
			chance := map[string]int64{"out": 7, "event": 4}[attr]
			switch given := s.Again < 5 && draw(fmt.Sprintf("m%d.%s", e, attr))%8 < chance; {
			case given:
				a.Outputs = append(a.Outputs, worldtest.Output{Entity: e, Attr: attr,
					Value: fmt.Sprintf("%q", fmt.Sprintf("%s.m%d.%s %d/%d", sim.Name, e, attr, s.Time, s.Again))})
			case attr == "out":
				a.Outputs = append(a.Outputs, worldtest.Output{Entity: e, Attr: attr, Value: "null", Omitted: true})
			}
		}
	}
	return a
}

// generic is generic.py in Go.
type generic struct {
	reacts  bool // what it does depends on its inputs, too, but not on their order
	world   *worldtest.World
	index   int
	inputs  []map[string]*sim.Input
	outputs []map[string]*sim.Output
	last    worldtest.Step
	env     *sim.Env
	made    []*jsonStep
}

var simTypes = map[string]sim.Type{worldtest.TimeBased: sim.TimeBased, worldtest.EventBased: sim.EventBased, worldtest.Hybrid: sim.Hybrid}

func (g *generic) Init(_ context.Context, env *sim.Env) (sim.Meta, error) {
	g.env = env
	s, m := g.world.Sims[g.index], sim.Model{Name: "M"}
	for _, attr := range s.Inputs {
		m.Attrs = append(m.Attrs, sim.Attr{Name: attr, Input: true, Trigger: attr == "trigger"})
	}
	for _, attr := range s.Outputs {
		m.Attrs = append(m.Attrs, sim.Attr{Name: attr, Output: true, Event: attr == "event"})
	}
	return sim.Meta{Type: simTypes[s.Type], Models: []sim.Model{m}}, nil
}

func (g *generic) Create(_ context.Context, num int, _ string, _ sim.Params) ([]sim.NewEntity, error) {
	made := make([]sim.NewEntity, num)
	for i := range made {
		in, out := map[string]*sim.Input{}, map[string]*sim.Output{}
		for _, attr := range g.world.Sims[g.index].Inputs {
			in[attr] = new(sim.Input)
		}
		for _, attr := range g.world.Sims[g.index].Outputs {
			out[attr] = new(sim.Output)
		}
		g.inputs, g.outputs = append(g.inputs, in), append(g.outputs, out)
		made[i] = sim.NewEntity{ID: fmt.Sprint("m", i), Model: "M", Inputs: in, Outputs: out}
	}
	return made, nil
}

func (g *generic) Step(ctx context.Context, s *sim.Step) (sim.Time, error) {
	step := worldtest.Step{Time: int64(s.Time() / sim.Time(time.Second))}
	if step.Time == g.last.Time && g.made != nil {
		step.Again = g.last.Again + 1
	}
	g.last = step
	var inputs []input
	for i, attrs := range g.inputs {
		for attr, in := range attrs {
			for src, v := range in.Sources() {
				inputs = append(inputs, input{fmt.Sprintf("m%d.%s", i, attr), src, v.String()})
			}
		}
	}
	made := &jsonStep{time: step.Time, maxAdvance: inSeconds(s.MaxAdvance()), inputs: inputs}
	if err := g.ask(ctx, made); err != nil {
		return 0, err
	}
	g.made = append(g.made, made)
	world := *g.world
	if g.reacts {
		inputs := slices.Clone(made.inputs)
		slices.SortStableFunc(inputs, func(a, b input) int { return strings.Compare(a.source, b.source) })
		world.Seed += uint64(crc32.ChecksumIEEE([]byte(stepText(step.Time, made.maxAdvance, inputs))))
	}
	a := act(&world, g.index, step)
	if err := g.set(ctx, a); err != nil {
		return 0, err
	}
	for _, o := range a.Outputs {
		out := g.outputs[o.Entity][o.Attr]
		if o.Omitted {
			out.Omit()
		} else {
			out.SetValue(sim.RawValue(codec.Raw(o.Value)))
		}
	}
	if a.At != step.Time {
		if err := s.SetOutputTime(seconds(int(a.At))); err != nil {
			return 0, err
		}
	}
	if a.Next == 0 {
		return sim.Never, nil
	}
	return seconds(int(a.Next)), nil
}

// ask gets data of those that it may ask, and notes what else it is told.
func (g *generic) ask(ctx context.Context, made *jsonStep) (err error) {
	if g.world.Asks == nil {
		return nil
	}
	var values []string
	for _, l := range g.world.Asks {
		if l.Dst != g.index {
			continue
		}
		src := &g.world.Sims[l.Src]
		v, err := g.env.Requests.GetData(ctx, src.Name+".m0", src.Outputs[0])
		if err != nil {
			return err
		}
		values = append(values, v.String())
	}
	made.inputs = append(made.inputs, asked(g.world, g.index, values)...)
	if made.told.Progress, err = g.env.Requests.Progress(ctx); err != nil || g.made != nil {
		return err
	}
	var own []string
	for e := range g.inputs {
		own = append(own, fmt.Sprintf("%s.m%d", g.world.Sims[g.index].Name, e))
	}
	all, err := g.env.Requests.Related(ctx)
	if err != nil {
		return err
	}
	each, err := g.env.Requests.Related(ctx, own...)
	made.told.graph(all, each, own)
	return err
}

// set sets what it is to set.
func (g *generic) set(ctx context.Context, a worldtest.Action) error {
	for _, s := range a.Sets {
		err := g.env.Requests.SetData(ctx, g.world.Sims[g.index].Name+".m0", g.world.Sims[s.Sim].Name+".m0", s.Attr, sim.RawValue(codec.Raw(s.Value)))
		if err != nil {
			return err
		}
	}
	if a.Event > 0 {
		return g.env.Requests.SetEvent(ctx, seconds(int(a.Event)))
	}
	return nil
}
