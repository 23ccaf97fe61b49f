package models

import (
	"context"
	"time"

	"github.com/simrun/simrun/container"
	"github.com/simrun/simrun/sim"
)

// Storage is the agent of a battery. It tells a [Coordinator] what the battery
// can do, and has it do what it is awarded. Its parameters are those of the
// [Battery] it speaks for.
//
// The state of charge comes over a time-shifted connection (the battery
// depends on the agent at the same time), so it is one interval old: the agent
// adds what it has told the battery to do since.
type Storage struct {
	container.Agent
	Coordinator         string  `param:"coordinator" default:"coordinator" doc:"name of the agent to answer to"`
	Capacity            float64 `param:"capacity" unit:"kWh" default:"10" doc:"of the battery"`
	MaxCharge           float64 `param:"max_charge" unit:"kW" default:"5" doc:"of the battery"`
	MaxDischarge        float64 `param:"max_discharge" unit:"kW" default:"5" doc:"of the battery"`
	ChargeEfficiency    float64 `param:"charge_efficiency" unit:"1" default:"0.95" doc:"of the battery"`
	DischargeEfficiency float64 `param:"discharge_efficiency" unit:"1" default:"0.95" doc:"of the battery"`

	Soc sim.Input `attr:"soc,quiet,single,required" unit:"1" doc:"state of charge of the battery one interval ago"`

	Charge sim.Output `attr:"charge" unit:"kW" doc:"what the battery is to take, negative to give"`

	awarded float64 // kW at the battery's terminals, since the last round
}

// Init checks the parameters.
func (s *Storage) Init(*sim.Env, string) error {
	var b bounds
	b.above("capacity", s.Capacity, 0, "kWh")
	b.atLeast("max_charge", s.MaxCharge, 0, "kW")
	b.atLeast("max_discharge", s.MaxDischarge, 0, "kW")
	b.within("charge_efficiency", s.ChargeEfficiency, 0.01, 1, "")
	b.within("discharge_efficiency", s.DischargeEfficiency, 0.01, 1, "")
	return b.err()
}

// Start makes the storage known to the coordinator.
func (s *Storage) Start(ctx context.Context) error {
	s.Expose("bid", s.bid)
	s.Expose("award", s.award)
	_, err := s.Call(ctx, s.Coordinator, "join", joinAsStorage, s.Name())
	return err
}

// bid returns what the battery can do from now on: energy that it can take and
// give (kWh at its terminals), its power in an interval of so many seconds (kW),
// and its state of charge.
func (s *Storage) bid(_ context.Context, seconds float64) (map[string]float64, error) {
	hours := (time.Duration(seconds * float64(time.Second))).Hours()
	cells := s.awarded * s.ChargeEfficiency
	if s.awarded < 0 {
		cells = s.awarded / s.DischargeEfficiency
	}
	energy := s.Soc.Float()*s.Capacity + cells*hours
	energy = min(max(energy, 0), s.Capacity)
	take := (s.Capacity - energy) / s.ChargeEfficiency
	give := energy * s.DischargeEfficiency
	return map[string]float64{
		"take": take, "take_power": min(s.MaxCharge, take/hours),
		"give": give, "give_power": min(s.MaxDischarge, give/hours),
		"soc": energy / s.Capacity,
	}, nil
}

// award makes the battery take so many kW from now on, or give them if
// negative.
func (s *Storage) award(_ context.Context, power float64) error {
	s.awarded = power
	s.Charge.Set(power)
	return nil
}
