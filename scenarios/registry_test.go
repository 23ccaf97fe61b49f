package scenarios_test

import (
	"context"
	"time"

	"github.com/simrun/simrun/models"
	"github.com/simrun/simrun/scenarios"
	"github.com/simrun/simrun/sim"
)

// The models of the tests: small, and unlike the built-in ones they never change.

// Roof puts out what it is given times its area.
type Roof struct {
	Area       float64    `param:"area" unit:"m2" doc:"area of the modules"`
	Tilt       float64    `param:"tilt" unit:"deg" default:"30" doc:"angle from the horizontal"`
	Irradiance sim.Input  `attr:"irradiance,single" unit:"W/m2" doc:"of the sun"`
	Power      sim.Output `attr:"power" unit:"W" doc:"electricity"`
}

func (r *Roof) Step(*sim.Step) error {
	r.Power.Set(r.Area * r.Irradiance.Float())
	return nil
}

// Panel cannot do without sun.
type Panel struct {
	Sun   sim.Input  `attr:"sun,required" unit:"W/m2" doc:"irradiance"`
	Wind  sim.Input  `attr:"wind,single" unit:"m/s" doc:"at the panel"`
	Power sim.Output `attr:"power" unit:"W" doc:"electricity"`
}

func (p *Panel) Step(*sim.Step) error {
	p.Power.Set(p.Sun.Float())
	return nil
}

// Store is a battery without a bottom.
type Store struct {
	Capacity float64    `param:"capacity" unit:"kWh" default:"10" doc:"energy when full"`
	Setpoint sim.Input  `attr:"setpoint" unit:"kW" doc:"power to take"`
	Soc      sim.Output `attr:"soc" unit:"1" doc:"state of charge"`
	energy   float64
}

func (s *Store) Step(*sim.Step) error {
	s.energy += s.Setpoint.Float()
	s.Soc.Set(s.energy / s.Capacity)
	return nil
}

// Sun shines on everything alike.
type Sun struct {
	Power sim.Output `attr:"ghi" unit:"W/m2" doc:"irradiance"`
	Level float64    `param:"level" default:"1000" doc:"irradiance"`
}

func (s *Sun) Step(*sim.Step) error {
	s.Power.Set(s.Level)
	return nil
}

// Trader turns a state of charge into a setpoint.
type Trader struct {
	Load   sim.Input  `attr:"load" unit:"kW" doc:"of the home"`
	Soc    sim.Input  `attr:"soc" unit:"1" doc:"of the store"`
	Charge sim.Output `attr:"charge" unit:"kW" doc:"what to store"`
}

func (tr *Trader) Step(*sim.Step) error {
	tr.Charge.Set(1 - tr.Soc.Float())
	return nil
}

// Bell rings when it is told to.
type Bell struct {
	Pull sim.Input  `attr:"pull"`
	Ring sim.Output `attr:"ring,event"`
}

func (b *Bell) Step(*sim.Step) error {
	b.Ring.Set(1)
	return nil
}

// Zoo is a simulator with several models.
type Zoo struct{ sim.Simulator }

func (z Zoo) Init(ctx context.Context, env *sim.Env) (sim.Meta, error) {
	return sim.Meta{Models: []sim.Model{{Name: "Lion"}, {Name: "Tiger"}, {Name: "Cage", Hidden: true}}}, nil
}

func (z Zoo) Create(_ context.Context, num int, model string, _ sim.Params) ([]sim.NewEntity, error) {
	return []sim.NewEntity{{ID: model, Model: model}}, nil
}

func entry[T any](name, model string) models.Entry {
	return models.Entry{Name: name, Doc: name, New: func() sim.Simulator {
		return sim.NewModel[T](sim.ModelConfig{Name: model, Step: 15 * time.Minute})
	}}
}

func testRegistry() *scenarios.Registry {
	return &scenarios.Registry{Models: []models.Entry{
		entry[Store]("battery", "Battery"),
		{Name: "bell", New: func() sim.Simulator {
			return sim.NewModel[Bell](sim.ModelConfig{Name: "Bell", Type: sim.EventBased})
		}},
		entry[Panel]("panel", "Panel"),
		entry[Roof]("pv", "PV"),
		entry[Sun]("sun", "Sun"),
		entry[Trader]("trader", "Trader"),
		{Name: "zoo", New: func() sim.Simulator { return Zoo{} }},
	}, Agents: []sim.AgentType{sim.AgentOf[Clerk]("Clerk", "tells a price")}}
}
