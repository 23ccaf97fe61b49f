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
	a := world.Generic(g.index, step)
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
