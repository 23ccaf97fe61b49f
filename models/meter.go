package models

import "github.com/simrun/simrun/sim"

// Meter is the meter at a connection to the grid: it adds up what lies behind
// it, and counts energy in both directions.
//
// Model: power = sum of consumption - sum of generation, at every time at which
// one of them changes; import and export are the integrals of its positive
// and of its negative part from the start until now, peak and valley its
// largest and smallest value so far. Inputs are taken to hold until they
// change, so the integrals are exact for sources that mean it so.
type Meter struct {
	Consumption sim.Input `attr:"consumption,trigger" unit:"kW" doc:"power taken behind the meter; the sum of all sources"`
	Generation  sim.Input `attr:"generation,trigger" unit:"kW" doc:"power generated behind the meter; the sum of all sources"`

	Power  sim.Output `attr:"power" unit:"kW" doc:"power from the grid, negative into it"`
	Peak   sim.Output `attr:"peak" unit:"kW" doc:"largest power so far"`
	Valley sim.Output `attr:"valley" unit:"kW" doc:"smallest power so far"`
	Import sim.Output `attr:"import" unit:"kWh" doc:"energy taken from the grid so far"`
	Export sim.Output `attr:"export" unit:"kWh" doc:"energy fed into the grid so far"`

	started            bool
	last               sim.Time
	power              float64 // since last
	peak, valley       float64
	imported, exported float64
}

// NewMeter returns a hybrid simulator of [Meter] entities. They follow their
// inputs, and bring the counters up to date at least every 15 min.
func NewMeter() sim.Simulator {
	return sim.NewModel[Meter](sim.ModelConfig{Name: "Meter", Type: sim.Hybrid, Step: defaultStep,
		Doc: "net power and energy at a connection to the grid"})
}

// Step adds up.
func (m *Meter) Step(s *sim.Step) error {
	energy := m.power * s.Time().Sub(m.last).Hours()
	m.imported += max(0, energy)
	m.exported += max(0, -energy)
	m.last = s.Time()
	m.power = m.Consumption.Float() - m.Generation.Float()
	if !m.started {
		m.started, m.peak, m.valley = true, m.power, m.power
	}
	m.peak = max(m.peak, m.power)
	m.valley = min(m.valley, m.power)
	m.Power.Set(m.power)
	m.Peak.Set(m.peak)
	m.Valley.Set(m.valley)
	m.Import.Set(m.imported)
	m.Export.Set(m.exported)
	return nil
}
