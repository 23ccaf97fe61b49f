package models

// What the tests compare with references stage by stage.
var (
	SunAt            = sunAt
	Extraterrestrial = extraterrestrial
	CellTemperature  = cellTemperature
	ModulePower      = modulePower
	InverterPower    = inverterPower
)

// PlaneOfArray is planeOfArray with angles in degrees.
func PlaneOfArray(tilt, azimuth, albedo, ghi, dni, dhi, extra, zenith, sunAzimuth float64) float64 {
	return plane{tilt * degree, azimuth * degree, albedo}.planeOfArray(
		sky{ghi, dni, dhi, extra}, sunPosition{zenith * degree, sunAzimuth * degree})
}

// Degrees gives the sun's position in degrees.
func (p sunPosition) Degrees() (zenith, azimuth float64) {
	return p.zenith / degree, p.azimuth / degree
}

// WaterLevel is waterLevel.
var WaterLevel = waterLevel

// Award is award, with bidders named a, b, c, ...
func Award(offers, ranks []float64, power float64) []float64 {
	bids := make([]bid, len(offers))
	for i := range bids {
		bids[i] = bid{string(rune('a' + i)), offers[i], ranks[i]}
	}
	return award(bids, power)
}
