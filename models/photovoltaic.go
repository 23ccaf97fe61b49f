package models

import "math"

const (
	referenceIrradiance  = 1000 // W/m2, at which a module's peak power is rated
	referenceTemperature = 25   // degC, of the cells then
)

// cellTemperature returns the temperature of the cells in degC from the
// irradiance on the plane (W/m2), the air temperature (degC) and the wind speed
// (m/s), after D. Faiman, "Assessing the outdoor operating temperature of
// photovoltaic modules", Progress in Photovoltaics 16(4), 2008, pp. 307-315,
// eq. 1, with his mean coefficients over seven types of module,
// u0 = 25.0 W/(m2 K) and u1 = 6.84 W s/(m3 K).
func cellTemperature(poa, tempAir, windSpeed float64) float64 {
	const u0, u1 = 25.0, 6.84
	return tempAir + poa/(u0+u1*windSpeed)
}

// modulePower returns the direct-current power of modules, in the unit of
// their peak power: linear in irradiance and in the cells' temperature, with
// gamma in 1/K (A. P. Dobos, "PVWatts Version 5 Manual", NREL/TP-6A20-62641,
// 2014, module model).
func modulePower(peak, poa, cell, gamma float64) float64 {
	return max(0, peak*poa/referenceIrradiance*(1+gamma*(cell-referenceTemperature)))
}

// inverterPower returns the alternating-current power of an inverter that is
// given dc and can give rated, both in one unit. Its efficiency depends on the
// load as in the PVWatts manual's inverter model; nominal is the efficiency
// that its data sheet states.
func inverterPower(dc, rated, nominal float64) float64 {
	if dc <= 0 || rated <= 0 {
		return 0
	}
	const reference = 0.9637
	load := dc / (rated / nominal) // zeta in the manual
	efficiency := nominal / reference * (-0.0162*load - 0.0059/load + 0.9858)
	return math.Min(max(0, efficiency*dc), rated)
}
