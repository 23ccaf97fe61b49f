package models_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/models"
	"github.com/simrun/simrun/scheduler"
	"github.com/simrun/simrun/sim"
)

// runController lets a controller aim at setpoint(t) while it measures
// measured(t), and returns its commands, one a minute.
func runController(t *testing.T, params sim.Params, minutes int, setpoint, measured func(minute float64) float64) []float64 {
	t.Helper()
	b := newBench(t, time.Time{}, nil)
	c := b.make(b.add("c", models.NewController(), nil), params)
	in := func(f func(float64) float64) func(sim.Time) float64 {
		return func(t sim.Time) float64 { return f(float64(t / scheduler.Minute)) }
	}
	b.connect(b.signal("setpoint", time.Minute, in(setpoint)), "x", c, "setpoint")
	b.connect(b.signal("measured", time.Minute, in(measured)), "x", c, "measured")
	b.run(time.Duration(minutes) * time.Minute)
	_, command := b.results.Floats("c.Controller-0", "command")
	require.Len(t, command, minutes)
	return command
}

func level(x float64) func(float64) float64 { return func(float64) float64 { return x } }

// A constant error of 2: the proportional part at once, and the same again
// after each integral time.
func TestControllerIntegralTime(t *testing.T) {
	command := runController(t, sim.Params{"gain": 0.5, "integral_time": "10m", "high": 100}, 31, level(5), level(3))
	require.InDelta(t, 1, command[0], 1e-12)
	require.InDelta(t, 2, command[10], 1e-12)
	require.InDelta(t, 4, command[30], 1e-12)
}

func TestControllerWithoutIntegral(t *testing.T) {
	command := runController(t, sim.Params{"gain": -2, "integral_time": "0s", "bias": 10, "low": -50, "high": 50}, 5,
		level(3), func(m float64) float64 { return m })
	require.Equal(t, []float64{4, 6, 8, 10, 12}, command)
}

// After an hour at its limit the command leaves it within minutes of the error
// changing sign. Without anti-windup the integral would have grown to 60 and
// taken another hour to come down.
func TestControllerAntiWindup(t *testing.T) {
	measured := func(minute float64) float64 {
		if minute < 60 {
			return -1 // an error of +1
		}
		return 1
	}
	params := func(tracking string) sim.Params {
		return sim.Params{"gain": 1.0, "integral_time": "1m", "tracking_time": tracking, "low": 0, "high": 1.5}
	}
	command := runController(t, params("2m"), 70, level(0), measured)
	require.Equal(t, 1.5, command[59])
	require.Less(t, command[61], 1.5)
	slow := runController(t, params("100000h"), 70, level(0), measured)
	require.Equal(t, 1.5, slow[61], "the anti-windup makes the difference")
}

// In a loop around a first-order process dy/dt = (u-y)/T the integral removes
// the error.
func TestControllerClosesALoop(t *testing.T) {
	b := newBench(t, time.Time{}, nil)
	c := b.make(b.add("c", models.NewController(), nil), sim.Params{"gain": 2, "integral_time": "5m", "high": 10})
	battery := b.make(b.add("store", models.NewBattery(), sim.Params{"step": "1m"}),
		sim.Params{"capacity": 10, "self_discharge": 12.0, "max_charge": 10, "soc_initial": 0})
	b.connect(b.signal("aim", time.Hour, func(sim.Time) float64 { return 4 }), "x", c, "setpoint")
	b.connect(c, "command", battery, "setpoint")
	require.NoError(t, b.world.Connect(battery, "energy", c, "measured",
		sim.ConnectOptions{Shift: time.Minute, Initial: sim.Float(0), HasInitial: true}))
	b.run(24 * time.Hour)
	_, energy := b.results.Floats("store.Battery-0", "energy")
	require.InDelta(t, 4, energy[len(energy)-1], 1e-6)
}

// With nothing connected there is no error, and the command is the bias.
func TestControllerUnconnected(t *testing.T) {
	b := newBench(t, time.Time{}, nil)
	b.make(b.add("c", models.NewController(), nil), sim.Params{"bias": 0.25})
	b.run(10 * time.Minute)
	_, command := b.results.Floats("c.Controller-0", "command")
	require.Equal(t, 0.25, command[9])
}
