package models

import "github.com/simrun/simrun/sim"

// Entry is a kind of simulator that scenario files name.
type Entry struct {
	Name string
	Doc  string // one line
	New  func() sim.Simulator
}

// Agents returns the types of agents of this package, sorted by name.
func Agents() []sim.AgentType {
	return []sim.AgentType{
		sim.AgentOf[Coordinator]("Coordinator", "lets batteries cut the peaks of a district"),
		sim.AgentOf[Household]("Household", "a house that tells a coordinator what it expects to take"),
		sim.AgentOf[Storage]("Storage", "a battery that bids for the coordinator's work, and does what it is awarded"),
	}
}

// Builtin returns the simulators of this package, sorted by name.
func Builtin() []Entry {
	return []Entry{
		{"battery", "Electricity stores with limits, efficiencies and self-discharge", NewBattery},
		{"collector", "Sum, mean, least and largest of anything connected", NewCollector},
		{"constant", "Values that never change", NewConstant},
		{"controller", "PI controllers with limits and anti-windup", NewController},
		{"load", "Stochastic electricity demand of households", NewLoad},
		{"meter", "Net power and energy at connections to the grid", NewMeter},
		{"pv", "Photovoltaic plants: irradiance, temperature and wind to power", NewPV},
		{"timeseries", "A CSV file, replayed", NewTimeSeries},
	}
}
