package models

import (
	"math"
	"time"

	"github.com/simrun/simrun/sim"
)

// Battery is an electricity store with limits of power and energy, losses on
// the way in and out, and self-discharge.
//
// Model: a stock of energy E in kWh, dE/dt = c - k*E, where k is the rate of
// self-discharge and c the power into the cells: charge_efficiency times the
// power at the terminals when charging, the power at the terminals over
// discharge_efficiency when discharging: the energy reservoir of planning
// tools. The equation is solved exactly over a step, for any step size.
//
// At each step the battery takes the setpoint (positive charges, negative
// discharges), reduced to what power limits allow and to what brings E just to
// the limits of the state of charge at the end of the step; that power then
// holds until the next step. Self-discharge may carry E below soc_min, and
// only charging brings it back.
//
// Left out: voltage, temperature, ageing, efficiency that depends on power.
type Battery struct {
	Capacity            float64 `param:"capacity" unit:"kWh" default:"10" doc:"energy between empty and full"`
	MaxCharge           float64 `param:"max_charge" unit:"kW" default:"5" doc:"power at the terminals at most"`
	MaxDischarge        float64 `param:"max_discharge" unit:"kW" default:"5" doc:"power at the terminals at most"`
	ChargeEfficiency    float64 `param:"charge_efficiency" unit:"1" default:"0.95" doc:"terminals to cells"`
	DischargeEfficiency float64 `param:"discharge_efficiency" unit:"1" default:"0.95" doc:"cells to terminals"`
	SelfDischarge       float64 `param:"self_discharge" unit:"1/d" default:"0" doc:"rate k at which the energy decays"`
	SocMin              float64 `param:"soc_min" unit:"1" default:"0" doc:"state of charge below which it does not discharge"`
	SocMax              float64 `param:"soc_max" unit:"1" default:"1" doc:"state of charge above which it does not charge"`
	SocInitial          float64 `param:"soc_initial" unit:"1" default:"0.5" doc:"state of charge at the start"`

	Setpoint sim.Input `attr:"setpoint" unit:"kW" doc:"power to take, negative to give; the sum of all sources"`

	Power  sim.Output `attr:"power" unit:"kW" doc:"power taken at the terminals, negative when giving, until the next step"`
	Soc    sim.Output `attr:"soc" unit:"1" doc:"state of charge now, 0 empty, 1 full"`
	Energy sim.Output `attr:"energy" unit:"kWh" doc:"energy in the cells now"`

	energy  float64 // kWh, as of the last step
	cells   float64 // kW into the cells since the last step
	started bool
	step    decay
}

// NewBattery returns a time-based simulator of [Battery] entities, with steps
// of 15 min.
func NewBattery() sim.Simulator {
	return sim.NewModel[Battery](sim.ModelConfig{Name: "Battery", Step: defaultStep,
		Doc: "electricity store with limits, efficiencies and self-discharge"})
}

// Init checks the parameters.
func (b *Battery) Init(env *sim.Env, _ string) error {
	var c bounds
	c.above("capacity", b.Capacity, 0, "kWh")
	c.atLeast("max_charge", b.MaxCharge, 0, "kW")
	c.atLeast("max_discharge", b.MaxDischarge, 0, "kW")
	c.within("charge_efficiency", b.ChargeEfficiency, 0.01, 1, "")
	c.within("discharge_efficiency", b.DischargeEfficiency, 0.01, 1, "")
	c.atLeast("self_discharge", b.SelfDischarge, 0, "1/d")
	c.within("soc_min", b.SocMin, 0, 1, "")
	c.within("soc_max", b.SocMax, b.SocMin, 1, "")
	c.within("soc_initial", b.SocInitial, b.SocMin, b.SocMax, "")
	b.energy = b.SocInitial * b.Capacity
	b.step = newDecay(b.SelfDischarge, stepOf(env, defaultStep))
	return c.err()
}

// Step brings the energy up to date and sets the power until the next step.
func (b *Battery) Step(*sim.Step) error {
	d := b.step
	if b.started {
		b.energy = b.energy*d.keep + b.cells*d.hours
	}
	b.started = true

	power := min(max(b.Setpoint.Float(), -b.MaxDischarge), b.MaxCharge)
	if power > 0 {
		room := max(0, b.SocMax*b.Capacity-b.energy*d.keep)
		b.cells = power * b.ChargeEfficiency
		if most := room / d.hours; b.cells > most {
			b.cells, power = most, most/b.ChargeEfficiency
		}
	} else {
		stock := max(0, b.energy*d.keep-b.SocMin*b.Capacity)
		b.cells = power / b.DischargeEfficiency
		if least := -stock / d.hours; b.cells < least {
			b.cells, power = least, least*b.DischargeEfficiency
		}
	}
	b.Power.Set(power + 0) // no negative zero
	b.Energy.Set(b.energy)
	b.Soc.Set(b.energy / b.Capacity)
	return nil
}

// decay is the solution of dE/dt = c - k*E over a step:
// E(end) = E(start)*keep + c*hours.
type decay struct{ keep, hours float64 }

// newDecay returns the solution for k in 1/d.
func newDecay(k float64, step time.Duration) decay {
	x := k / 24 * step.Hours()
	if x == 0 {
		return decay{keep: 1, hours: step.Hours()}
	}
	// (1-exp(-x))/x, without loss of digits for small x.
	return decay{keep: math.Exp(-x), hours: step.Hours() * -math.Expm1(-x) / x}
}
