// Package data_test checks the shipped data against facts known from elsewhere.
package data_test

import (
	"encoding/csv"
	"math"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// hour is one row of greensboro-tmy3.csv.
type hour struct {
	start              time.Time // UTC
	ghi, dni, dhi      float64   // W/m2, means over the hour
	tempAir, windSpeed float64   // degC, m/s
}

var (
	columns = []string{"time", "ghi [W/m2]", "dni [W/m2]", "dhi [W/m2]", "temp_air [degC]", "wind_speed [m/s]"}
	local   = time.FixedZone("EST", -5*60*60)
)

const latitude, longitude = 36.1, -79.95 // degrees

func readWeather(t *testing.T) []hour {
	t.Helper()
	file, err := os.Open("greensboro-tmy3.csv")
	require.NoError(t, err)
	defer file.Close()
	reader := csv.NewReader(file)
	// The comment lines at the top hold commas; encoding/csv skips them.
	reader.Comment = '#'
	records, err := reader.ReadAll()
	require.NoError(t, err)
	require.Equal(t, columns, records[0])
	var year []hour
	for _, record := range records[1:] {
		start, err := time.Parse(time.RFC3339, record[0])
		require.NoError(t, err)
		var values [5]float64
		for i, text := range record[1:] {
			values[i], err = strconv.ParseFloat(text, 64)
			require.NoError(t, err, "at %s", record[0])
		}
		year = append(year, hour{start, values[0], values[1], values[2], values[3], values[4]})
	}
	return year
}

func TestWeatherIsOneWholeLocalYear(t *testing.T) {
	year := readWeather(t)
	require.Len(t, year, 365*24)
	first := time.Date(2025, time.January, 1, 0, 0, 0, 0, local)
	for i, h := range year {
		want := first.Add(time.Duration(i) * time.Hour)
		require.True(t, h.start.Equal(want), "row %d: got %s, want %s", i, h.start, want)
		require.Equal(t, time.UTC, h.start.Location())
	}
}

func TestWeatherHasTheClimateOfGreensboro(t *testing.T) {
	var ghi, dni, dhi, temperature, wind float64
	var byLocalHour [24]float64
	for _, h := range readWeather(t) {
		ghi += h.ghi
		dni += h.dni
		dhi += h.dhi
		temperature += h.tempAir / 8760
		wind += h.windSpeed / 8760
		byLocalHour[h.start.In(local).Hour()] += h.ghi
	}
	require.InDelta(t, 1566.2, ghi/1000, 0.1, "annual GHI in kWh/m2")
	require.InDelta(t, 1476.5, dni/1000, 0.1, "annual DNI in kWh/m2")
	require.InDelta(t, 682.2, dhi/1000, 0.1, "annual DHI in kWh/m2")
	require.InDelta(t, 14.42, temperature, 0.01, "mean air temperature in degC")
	require.InDelta(t, 3.05, wind, 0.01, "mean wind speed in m/s")
	for localHour, sum := range byLocalHour {
		require.LessOrEqual(t, sum, byLocalHour[12], "hour %d is brighter than noon", localHour)
	}
}

// TestWeatherFollowsTheSun fails when the stamps are off by as little as half
// an hour: global irradiance is diffuse plus direct times the cosine of the
// sun's zenith angle, and that angle depends on the time.
func TestWeatherFollowsTheSun(t *testing.T) {
	var squares float64
	var bright int
	for _, h := range readWeather(t) {
		middle := cosZenith(h.start.Add(30 * time.Minute))
		if middle < -0.2 {
			require.Zero(t, h.ghi+h.dni+h.dhi, "sun at night, %s", h.start)
		}
		if middle > 0.2 && h.dni > 300 {
			residual := h.ghi - h.dhi - h.dni*middle
			squares += residual * residual
			bright++
		}
	}
	require.Greater(t, bright, 2000)
	require.Less(t, math.Sqrt(squares/float64(bright)), 1.5, "W/m2")
}

// cosZenith is the cosine of the sun's zenith angle at the site, after J. W.
// Spencer, "Fourier series representation of the position of the sun", Search
// 2(5), 1971: good to about 0.01.
func cosZenith(at time.Time) float64 {
	hours := float64(at.Hour()) + float64(at.Minute())/60
	day := 2 * math.Pi * (float64(at.YearDay()-1) + hours/24) / 365
	declination := 0.006918 - 0.399912*math.Cos(day) + 0.070257*math.Sin(day) -
		0.006758*math.Cos(2*day) + 0.000907*math.Sin(2*day)
	equationOfTime := 229.18 * (0.000075 + 0.001868*math.Cos(day) - 0.032077*math.Sin(day) -
		0.014615*math.Cos(2*day) - 0.040849*math.Sin(2*day)) // minutes
	solarMinutes := hours*60 + equationOfTime + 4*longitude
	hourAngle := (solarMinutes/4 - 180) * math.Pi / 180
	phi := latitude * math.Pi / 180
	return math.Sin(phi)*math.Sin(declination) + math.Cos(phi)*math.Cos(declination)*math.Cos(hourAngle)
}
