package models

import (
	"time"

	"github.com/simrun/simrun/sim"
)

// PV is a photovoltaic plant: modules on one plane, and their inverter.
//
// Model: the position of the sun in the middle of the step (Michalsky 1988),
// irradiance on the plane (Hay and Davies 1980, ground by Liu and Jordan 1963),
// cell temperature (Faiman 2008), module and inverter power (PVWatts 5, Dobos
// 2014). Each is documented, with its formula and source, at the function that
// computes it: [sunAt], [plane.planeOfArray], [cellTemperature],
// [modulePower], [inverterPower].
//
// Power is generation, positive, and stands for the mean over the step: inputs
// are taken to hold that long, the sun to stand where it is in the middle.
// Air temperature and wind speed are 20 degC and 1 m/s while nothing is
// connected; the three irradiances must be connected. Negative irradiance, as
// sensors report at night, counts as 0.
//
// Left out: shading by the horizon or by other rows, reflection at the cover
// (2 to 3 percent over a year), spectrum, snow, ageing. The parameter losses
// stands for all that is proportional.
type PV struct {
	Peak       float64 `param:"peak" unit:"kW" default:"0" doc:"power at 1000 W/m2 and 25 degC; give this or area"`
	Area       float64 `param:"area" unit:"m2" default:"0" doc:"area of the modules; give this or peak"`
	Efficiency float64 `param:"efficiency" unit:"1" default:"0.2" doc:"of the modules at 1000 W/m2 and 25 degC, with area"`
	Latitude   float64 `param:"latitude" unit:"deg" doc:"of the site, north positive"`
	Longitude  float64 `param:"longitude" unit:"deg" doc:"of the site, east positive"`
	Tilt       float64 `param:"tilt" unit:"deg" default:"30" doc:"angle from the horizontal"`
	Azimuth    float64 `param:"azimuth" unit:"deg" default:"180" doc:"direction it faces, clockwise from north"`
	Albedo     float64 `param:"albedo" unit:"1" default:"0.2" doc:"share of sunlight that the ground reflects"`
	Gamma      float64 `param:"gamma" unit:"%/K" default:"-0.35" doc:"change of power with the cells' temperature"`
	Losses     float64 `param:"losses" unit:"1" default:"0.14" doc:"share lost to soiling, wiring, mismatch and the like"`
	Ratio      float64 `param:"dc_ac_ratio" unit:"1" default:"1.1" doc:"peak power over the inverter's rated power"`
	Inverter   float64 `param:"inverter_efficiency" unit:"1" default:"0.96" doc:"nominal"`

	GHI       sim.Input `attr:"ghi,single,required" unit:"W/m2" doc:"global horizontal irradiance"`
	DNI       sim.Input `attr:"dni,single,required" unit:"W/m2" doc:"direct normal irradiance"`
	DHI       sim.Input `attr:"dhi,single,required" unit:"W/m2" doc:"diffuse horizontal irradiance"`
	TempAir   sim.Input `attr:"temp_air,single" unit:"degC" doc:"air temperature; 20 degC if not connected"`
	WindSpeed sim.Input `attr:"wind_speed,single" unit:"m/s" doc:"wind speed at the modules; 1 m/s if not connected"`

	Power sim.Output `attr:"power" unit:"kW" doc:"electricity fed in, positive"`
	POA   sim.Output `attr:"poa" unit:"W/m2" doc:"irradiance on the plane of the modules"`

	step  time.Duration
	plane plane
}

// NewPV returns a time-based simulator of [PV] plants, with steps of 15 min.
func NewPV() sim.Simulator {
	return sim.NewModel[PV](sim.ModelConfig{Name: "PV", Step: defaultStep,
		Doc: "photovoltaic plant: irradiance, temperature and wind to power"})
}

// Init checks the parameters.
func (p *PV) Init(env *sim.Env, _ string) error {
	var b bounds
	b.atLeast("peak", p.Peak, 0, "kW")
	b.atLeast("area", p.Area, 0, "m2")
	b.within("efficiency", p.Efficiency, 0.01, 0.5, "")
	b.within("latitude", p.Latitude, -90, 90, "deg")
	b.within("longitude", p.Longitude, -180, 180, "deg")
	b.within("tilt", p.Tilt, 0, 90, "deg")
	b.within("azimuth", p.Azimuth, -360, 360, "deg")
	b.within("albedo", p.Albedo, 0, 1, "")
	b.within("gamma", p.Gamma, -1, 0, "%/K")
	b.within("losses", p.Losses, 0, 0.99, "")
	b.within("dc_ac_ratio", p.Ratio, 0.1, 10, "")
	b.within("inverter_efficiency", p.Inverter, 0.5, 1, "")
	if (p.Peak > 0) == (p.Area > 0) {
		b.fail("parameters peak = %v kW and area = %v m2: give exactly one of them, above 0", p.Peak, p.Area)
	}
	if env.Start.IsZero() {
		b.fail("the position of the sun needs a date; give the scenario a start")
	}
	if p.Area > 0 {
		p.Peak = p.Area * p.Efficiency * referenceIrradiance / 1000
	}
	p.plane = plane{tilt: p.Tilt * degree, azimuth: p.Azimuth * degree, albedo: p.Albedo}
	p.step = stepOf(env, defaultStep)
	return b.err()
}

// Step computes the mean power from now until the next step.
func (p *PV) Step(s *sim.Step) error {
	tempAir, windSpeed := 20.0, 1.0
	if p.TempAir.Has() {
		tempAir = p.TempAir.Float()
	}
	if p.WindSpeed.Has() {
		windSpeed = max(0, p.WindSpeed.Float())
	}
	middle := s.Date().Add(p.step / 2)
	light := sky{ghi: max(0, p.GHI.Float()), dni: max(0, p.DNI.Float()), dhi: max(0, p.DHI.Float()),
		extraterrestrial: extraterrestrial(middle)}
	poa := p.plane.planeOfArray(light, sunAt(middle, p.Latitude, p.Longitude))
	cell := cellTemperature(poa, tempAir, windSpeed)
	dc := modulePower(p.Peak, poa, cell, p.Gamma/100) * (1 - p.Losses)
	p.POA.Set(poa)
	p.Power.Set(inverterPower(dc, p.Peak/p.Ratio, p.Inverter))
	return nil
}
