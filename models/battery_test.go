package models_test

import (
	"context"
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/simrun/simrun/models"
	"github.com/simrun/simrun/scheduler"
	"github.com/simrun/simrun/sim"
)

// Whatever the setpoint and the parameters, energy is conserved, limits hold,
// and what a step cannot do is exactly what would break a limit.
func TestBatteryConservesEnergy(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		number := func(name string, low, high float64) float64 { return rapid.Float64Range(low, high).Draw(rt, name) }
		capacity, maxCharge, maxDischarge := number("capacity", 0.1, 100), number("max_charge", 0, 50), number("max_discharge", 0, 50)
		in, out := number("charge_efficiency", 0.5, 1), number("discharge_efficiency", 0.5, 1)
		decay := rapid.SampledFrom([]float64{0, 1e-9, 0.01, 3}).Draw(rt, "self_discharge")
		socMin := number("soc_min", 0, 0.5)
		socMax := number("soc_max", socMin, 1)
		initial := number("soc_initial", socMin, socMax)
		step := rapid.SampledFrom([]time.Duration{time.Second, 15 * time.Minute, 7 * time.Hour}).Draw(rt, "step")
		setpoints := rapid.SliceOfN(rapid.Float64Range(-60, 60), 1, 20).Draw(rt, "setpoints")

		b := newBench(t, time.Time{}, nil)
		battery := b.make(b.add("battery", models.NewBattery(), sim.Params{"step": step.String()}), sim.Params{
			"capacity": capacity, "max_charge": maxCharge, "max_discharge": maxDischarge,
			"charge_efficiency": in, "discharge_efficiency": out, "self_discharge": decay,
			"soc_min": socMin, "soc_max": socMax, "soc_initial": initial})
		at := func(t sim.Time) float64 { return setpoints[int(t/sim.Time(step))%len(setpoints)] }
		b.connect(b.signal("s", step, at), "x", battery, "setpoint")
		b.run(time.Duration(len(setpoints)+1) * step)
		times, power := b.results.Floats("battery.Battery-0", "power")
		_, energy := b.results.Floats("battery.Battery-0", "energy")
		_, soc := b.results.Floats("battery.Battery-0", "soc")
		require.Len(rt, power, len(setpoints)+1)

		tolerance := 1e-9 * capacity
		require.InDelta(rt, initial*capacity, energy[0], tolerance)
		for i := range setpoints {
			want, got := at(times[i]), power[i]
			// The balance, integrated in small pieces by the midpoint rule: an
			// arithmetic of its own.
			cells := got * in
			if got < 0 {
				cells = got / out
			}
			e, pieces := energy[i], 20_000
			h := step.Hours() / float64(pieces)
			if decay == 0 {
				pieces, h = 1, step.Hours()
			}
			for range pieces {
				k := decay / 24
				half := e + h/2*(cells-k*e)
				e += h * (cells - k*half)
			}
			require.InDelta(rt, e, energy[i+1], tolerance+1e-7*math.Abs(cells)*step.Hours(), "balance of step %d", i)

			require.InDelta(rt, energy[i+1]/capacity, soc[i+1], 1e-12)
			require.LessOrEqual(rt, energy[i+1], socMax*capacity+tolerance)
			if decay == 0 {
				require.GreaterOrEqual(rt, energy[i+1], socMin*capacity-tolerance)
			}
			require.LessOrEqual(rt, got, maxCharge)
			require.GreaterOrEqual(rt, got, -maxDischarge)
			require.GreaterOrEqual(rt, got*want, 0.0, "it must not do the opposite")
			require.LessOrEqual(rt, math.Abs(got), math.Abs(want))
			switch wanted := min(max(want, -maxDischarge), maxCharge); {
			case got == wanted:
			case got > 0:
				require.InDelta(rt, socMax*capacity, energy[i+1], tolerance, "it charges less than asked, and is not full")
			case wanted > 0:
				require.GreaterOrEqual(rt, energy[i+1], socMax*capacity-tolerance)
			default:
				require.LessOrEqual(rt, energy[i+1], socMin*capacity+tolerance, "it gives less than asked, and is not empty")
			}
		}
	})
}

// By hand: 1 h at 4 kW with 90 % puts 3.6 kWh into the cells, 1 h at 3.2 kW out
// with 80 % takes 4 kWh.
func TestBatteryByHand(t *testing.T) {
	b := newBench(t, time.Time{}, nil)
	battery := b.make(b.add("battery", models.NewBattery(), sim.Params{"step": "1h"}), sim.Params{
		"capacity": "20 kWh", "charge_efficiency": "90 %", "discharge_efficiency": 0.8, "soc_initial": 0.5})
	setpoint := []float64{4, -3.2, 0, 0}
	b.connect(b.signal("s", time.Hour, func(t sim.Time) float64 { return setpoint[t/scheduler.Hour] }), "x", battery, "setpoint")
	b.run(4 * time.Hour)
	_, energy := b.results.Floats("battery.Battery-0", "energy")
	require.InDeltaSlice(t, []float64{10, 13.6, 9.6, 9.6}, energy, 1e-12)
}

// Self-discharge by half a day's worth: exp(-k t).
func TestBatterySelfDischarge(t *testing.T) {
	b := newBench(t, time.Time{}, nil)
	b.make(b.add("battery", models.NewBattery(), nil), sim.Params{"self_discharge": "10 %/d", "soc_initial": 1})
	b.run(10*24*time.Hour + time.Minute)
	_, soc := b.results.Floats("battery.Battery-0", "soc")
	require.InDelta(t, math.Exp(-1), soc[len(soc)-1], 1e-12)
}

func ExampleNewBattery() {
	ctx := context.Background()
	world := sim.NewWorld(sim.Config{})
	defer world.Close()
	batteries, _ := world.Add(ctx, "battery", models.NewBattery(), sim.AddOptions{Params: sim.Params{"step": "1h"}})
	stores, _ := batteries.Create(ctx, "Battery", 1, sim.Params{"capacity": "8 kWh", "soc_initial": 0.25})
	constants, _ := world.Add(ctx, "constant", models.NewConstant(), sim.AddOptions{})
	setpoints, _ := constants.Create(ctx, "Constant", 1, sim.Params{"value": 3.0})
	world.Connect(setpoints[0], "value", stores[0], "setpoint", sim.ConnectOptions{})

	var results sim.Memory
	world.Record(&results, 0, sim.Ref{Entity: stores[0], Attr: "power"}, sim.Ref{Entity: stores[0], Attr: "energy"})
	if _, err := world.Run(ctx, sim.RunOptions{Until: 4 * scheduler.Hour}); err != nil {
		fmt.Println(err)
	}
	times, power := results.Floats("battery.Battery-0", "power")
	_, energy := results.Floats("battery.Battery-0", "energy")
	for i := range times {
		fmt.Printf("%v: %.2f kW, %.2f kWh\n", times[i], power[i], energy[i])
	}
	// Output:
	// 0s: 3.00 kW, 2.00 kWh
	// 3600s: 3.00 kW, 4.85 kWh
	// 7200s: 0.32 kW, 7.70 kWh
	// 10800s: 0.00 kW, 8.00 kWh
}
