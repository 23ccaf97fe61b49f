package models_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/stat"

	"github.com/simrun/simrun/models"
	"github.com/simrun/simrun/sim"
)

// runLoads returns the powers of a number of households, by household.
func runLoads(t *testing.T, start time.Time, n int, step string, until time.Duration, params sim.Params) [][]float64 {
	t.Helper()
	b := newBench(t, start, nil)
	in := b.add("load", models.NewLoad(), sim.Params{"step": step})
	for range n {
		b.make(in, params)
	}
	b.run(until)
	all := make([][]float64, n)
	for i, row := range b.results.Rows {
		power, err := row.Value.Float64()
		require.NoError(t, err)
		require.Equal(t, i%n, row.Series)
		all[row.Series] = append(all[row.Series], power)
	}
	return all
}

// The mean over a year of many households is the annual energy. A household
// uses its appliances a few thousand times a year, which leaves a standard
// deviation of about 1.5 percent; 15 of them leave 0.4 percent.
func TestLoadAnnualEnergy(t *testing.T) {
	const households = 15
	sum := 0.0
	for _, powers := range runLoads(t, monday, households, "1h", 364*24*time.Hour, sim.Params{"annual_energy": "4200 kWh"}) {
		energy := stat.Mean(powers, nil) * 365 * 24
		require.InEpsilon(t, 4200, energy, 0.07)
		sum += energy
	}
	require.InEpsilon(t, 4200, sum/households, 0.015)
}

// A household does the same with any step size.
func TestLoadEnergyIsIndependentOfTheStep(t *testing.T) {
	hourly := runLoads(t, monday, 3, "1h", 48*time.Hour, nil)
	minutely := runLoads(t, monday, 3, "1m", 48*time.Hour, nil)
	for i := range hourly {
		for hour, power := range hourly[i] {
			require.InDelta(t, power, stat.Mean(minutely[i][hour*60:(hour+1)*60], nil), 1e-9)
		}
	}
}

func TestLoadFollowsTheDay(t *testing.T) {
	var byHour [168]float64
	for _, powers := range runLoads(t, monday, 20, "1h", 20*7*24*time.Hour, nil) {
		for i, p := range powers {
			byHour[i%168] += p / 400
		}
	}
	night := stat.Mean(byHour[2:5], nil)
	morning, evening := stat.Mean(byHour[7:9], nil), stat.Mean(byHour[18:21], nil)
	require.Greater(t, night, 0.1, "the base")
	require.Less(t, 1.5*night, morning)
	require.Less(t, 1.5*morning, evening)
	weekday, sunday := byHour[10], byHour[6*24+10]
	require.Less(t, 1.15*weekday, sunday, "people are at home on Sunday morning")
}

// The local time is what counts: 5 hours later in UTC, with an offset of -5 h,
// is the same.
func TestLoadLivesInLocalTime(t *testing.T) {
	utc := runLoads(t, monday, 2, "1h", 72*time.Hour, nil)
	local := runLoads(t, monday.Add(5*time.Hour), 2, "1h", 72*time.Hour, sim.Params{"utc_offset": -5})
	require.Equal(t, utc, local)
	undated := runLoads(t, time.Time{}, 2, "1h", 72*time.Hour, nil)
	require.Equal(t, utc, undated, "without dates a run begins on a Monday")
	require.NotEqual(t, utc, runLoads(t, monday.Add(5*time.Hour), 2, "1h", 72*time.Hour, nil))
}

func TestLoadHouseholdsAreIndependent(t *testing.T) {
	two := runLoads(t, monday, 2, "15m", 72*time.Hour, nil)
	five := runLoads(t, monday, 5, "15m", 72*time.Hour, nil)
	require.Equal(t, two, five[:2])
	require.NotEqual(t, two[0], two[1])
}

// With everything in the base a household's power is its own factor. Its mean
// over households is 1, its standard deviation the spread.
func TestLoadSpread(t *testing.T) {
	var factors []float64
	for _, powers := range runLoads(t, monday, 4000, "1h", time.Hour, sim.Params{"annual_energy": 8760, "base_share": 1, "spread": 0.4}) {
		factors = append(factors, powers[0])
	}
	mean, deviation := stat.MeanStdDev(factors, nil)
	require.InDelta(t, 1, mean, 4*0.4/63)
	require.InDelta(t, 0.4, deviation, 0.03)
}

func ExampleNewLoad() {
	ctx := context.Background()
	world := sim.NewWorld(sim.Config{Start: time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC), Seed: 42})
	defer world.Close()
	loads, _ := world.Add(ctx, "load", models.NewLoad(), sim.AddOptions{Params: sim.Params{"step": "6h"}})
	homes, _ := loads.Create(ctx, "Load", 1, sim.Params{"annual_energy": "3000 kWh"})
	var results sim.Memory
	world.Record(&results, 0, sim.Ref{Entity: homes[0], Attr: "power"})
	if _, err := world.Run(ctx, sim.RunOptions{Until: sim.Time(24 * time.Hour)}); err != nil {
		fmt.Println(err)
	}
	times, power := results.Floats("load.Load-0", "power")
	for i := range times {
		fmt.Printf("%v %.2f kW\n", world.Date(times[i]).Format("15:04"), power[i])
	}
	// Output:
	// 00:00 0.31 kW
	// 06:00 0.35 kW
	// 12:00 0.46 kW
	// 18:00 0.81 kW
}
