package models

import "math"

// sky is the sunlight at a place, in W/m2.
type sky struct {
	ghi              float64 // global, on a horizontal plane
	dni              float64 // direct, on a plane that faces the sun
	dhi              float64 // diffuse, on a horizontal plane
	extraterrestrial float64 // as dni, above the atmosphere
}

// plane is a flat surface and the ground before it.
type plane struct {
	tilt    float64 // rad from the horizontal
	azimuth float64 // rad clockwise from north, the direction it faces
	albedo  float64 // share of sunlight that the ground reflects
}

// planeOfArray returns the irradiance on the plane in W/m2: direct light by the
// cosine of its angle of incidence, diffuse light from the sky by J. E. Hay
// and J. A. Davies, "Calculation of the solar radiation incident on an inclined
// surface" (First Canadian Solar Radiation Data Workshop, 1980), and what the
// ground reflects, taken as isotropic (B. Y. H. Liu and R. C. Jordan, "The
// long-term average performance of flat-plate solar-energy collectors", Solar
// Energy 7(2), 1963, pp. 53-74).
//
// Hay and Davies let the share a = dni/extraterrestrial of the diffuse light
// come from the sun's direction and the rest from the whole sky alike. Under an
// overcast sky a is 0, and the model is that of Liu and Jordan.
func (p plane) planeOfArray(s sky, sun sunPosition) float64 {
	cosZenith := math.Cos(sun.zenith)
	cosIncidence := max(0, cosZenith*math.Cos(p.tilt)+
		math.Sin(sun.zenith)*math.Sin(p.tilt)*math.Cos(sun.azimuth-p.azimuth))
	// The bound, a zenith angle of 89 degrees, keeps the ratio finite at sunrise.
	ratio := cosIncidence / max(cosZenith, 0.01745)
	a := s.dni / s.extraterrestrial
	fromSky := s.dhi * (a*ratio + (1-a)*(1+math.Cos(p.tilt))/2)
	fromGround := s.ghi * p.albedo * (1 - math.Cos(p.tilt)) / 2
	return s.dni*cosIncidence + fromSky + fromGround
}
