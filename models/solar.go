package models

import (
	"math"
	"time"
)

const degree = math.Pi / 180

// sunPosition is where the sun stands, seen from a place on Earth.
type sunPosition struct {
	zenith  float64 // angle from the vertical in rad; above pi/2 the sun is down
	azimuth float64 // rad clockwise from north
}

// j2000 is the epoch that almanacs count days from: noon of 1 January 2000.
var j2000 = time.Date(2000, time.January, 1, 12, 0, 0, 0, time.UTC)

// sunAt returns the position of the sun's centre at a time and a place (in
// degrees, north and east positive), without atmospheric refraction.
//
// The algorithm is the Astronomical Almanac's approximation as given by J. J.
// Michalsky, "The Astronomical Almanac's algorithm for approximate solar
// position (1950-2050)", Solar Energy 40(3), 1988, pp. 227-235: good to 0.01
// degrees in these hundred years. Its symbols are kept.
func sunAt(t time.Time, latitude, longitude float64) sunPosition {
	t = t.UTC()
	n := t.Sub(j2000).Hours() / 24 // days
	hour := float64(t.Hour()) + float64(t.Minute())/60 + (float64(t.Second())+float64(t.Nanosecond())/1e9)/3600

	meanLongitude := 280.460 + 0.9856474*n
	g := (357.528 + 0.9856003*n) * degree                                   // mean anomaly
	l := (meanLongitude + 1.915*math.Sin(g) + 0.020*math.Sin(2*g)) * degree // ecliptic longitude
	ep := (23.439 - 0.0000004*n) * degree                                   // obliquity of the ecliptic
	ra := math.Atan2(math.Cos(ep)*math.Sin(l), math.Cos(l))                 // right ascension
	dec := math.Asin(math.Sin(ep) * math.Sin(l))                            // declination
	gmst := math.Mod(6.697375+0.0657098242*n+hour, 24)                      // Greenwich mean sidereal time, h
	ha := (gmst*15+longitude)*degree - ra                                   // hour angle
	lat := latitude * degree
	east := -math.Cos(dec) * math.Sin(ha)
	north := math.Sin(dec)*math.Cos(lat) - math.Cos(dec)*math.Sin(lat)*math.Cos(ha)
	up := math.Sin(dec)*math.Sin(lat) + math.Cos(dec)*math.Cos(lat)*math.Cos(ha)
	return sunPosition{
		zenith:  math.Acos(min(max(up, -1), 1)),
		azimuth: math.Mod(math.Atan2(east, north)+2*math.Pi, 2*math.Pi),
	}
}

// extraterrestrial returns the irradiance in W/m2 on a plane that faces the
// sun above the atmosphere: a solar constant of 1366.1 W/m2, and the distance
// of the sun by the series of J. W. Spencer, "Fourier series representation of
// the position of the sun", Search 2(5), 1971, p. 172.
func extraterrestrial(t time.Time) float64 {
	b := 2 * math.Pi * float64(t.UTC().YearDay()-1) / 365
	return 1366.1 * (1.00011 + 0.034221*math.Cos(b) + 0.00128*math.Sin(b) +
		0.000719*math.Cos(2*b) + 0.000077*math.Sin(2*b))
}
