package models_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/floats"
	"pgregory.net/rapid"

	"github.com/simrun/simrun/container"
	"github.com/simrun/simrun/models"
	"github.com/simrun/simrun/scheduler"
	"github.com/simrun/simrun/sim"
)

func areaAbove(profile []float64, level float64) float64 {
	sum := 0.0
	for _, p := range profile {
		sum += max(0, p-level)
	}
	return sum
}

// What lies above the level is the amount, unless the level is 0; a lower
// level would cut off more than the amount.
func TestWaterLevelProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		profile := rapid.SliceOfN(rapid.Float64Range(-50, 50), 1, 30).Draw(t, "profile")
		amount := rapid.Float64Range(0, 500).Draw(t, "amount")
		before := slices.Clone(profile)
		level := models.WaterLevel(profile, amount)
		require.Equal(t, before, profile, "it must not sort the caller's slice")
		require.GreaterOrEqual(t, level, 0.0)
		require.LessOrEqual(t, level, max(0, slices.Max(profile)))
		if level > 0 {
			require.InDelta(t, amount, areaAbove(profile, level), 1e-9)
		} else {
			require.LessOrEqual(t, areaAbove(profile, 0), amount+1e-9)
		}
	})
}

func TestWaterLevelByHand(t *testing.T) {
	for _, c := range []struct {
		profile      []float64
		amount, want float64
	}{
		{[]float64{1, 5, 3}, 0, 5},
		{[]float64{1, 5, 3}, 1, 4},
		{[]float64{1, 5, 3}, 2, 3},
		{[]float64{1, 5, 3}, 4, 2},
		{[]float64{1, 5, 3}, 100, 0},
		{[]float64{-2, 6, -1}, 2, 4},
		{[]float64{-2, -1}, 2, 0},
		{[]float64{4, 4, 4}, 6, 2},
	} {
		require.InDelta(t, c.want, models.WaterLevel(c.profile, c.amount), 1e-12, "%v less %v", c.profile, c.amount)
	}
}

// Awards add up to what is asked for, or to all there is; nobody gets more
// than it offers; nobody gets anything before those ahead of it have all.
func TestAwardProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		offers := rapid.SliceOfN(rapid.Float64Range(0, 10), 0, 8).Draw(t, "offers")
		ranks := rapid.SliceOfN(rapid.Float64Range(0, 1), len(offers), len(offers)).Draw(t, "ranks")
		power := rapid.Float64Range(0, 60).Draw(t, "power")
		got := models.Award(offers, ranks, power)
		require.InDelta(t, min(power, floats.Sum(offers)), floats.Sum(got), 1e-9)
		for i := range got {
			require.GreaterOrEqual(t, got[i], 0.0)
			require.LessOrEqual(t, got[i], offers[i])
			for j := range got {
				if ranks[j] < ranks[i] && got[i] > 0 {
					require.Equal(t, offers[j], got[j])
				}
			}
		}
	})
}

func TestAwardAmongEqualsByName(t *testing.T) {
	require.Equal(t, []float64{3, 1, 0}, models.Award([]float64{3, 3, 3}, []float64{1, 1, 1}, 4))
}

// village is a number of houses with the same load curve, batteries, their
// agents and a meter.
type village struct{ *bench }

// newVillage makes houses and batteries whose load follows f.
func newVillage(t *testing.T, houses, batteries int, f func(sim.Time) float64) *village {
	t.Helper()
	v := &village{newBench(t, monday, nil)}
	ctx := context.Background()
	agents := v.add("agents", sim.NewAgents(models.Agents()...), nil)
	store := v.add("store", models.NewBattery(), nil)
	meter := v.make(v.add("meter", models.NewMeter(), nil), nil)
	load := v.signal("load", 15*time.Minute, f)
	create := func(in *sim.Instance, model string, params sim.Params) *sim.Entity {
		es, err := in.Create(ctx, model, 1, params)
		require.NoError(t, err)
		for _, a := range es[0].Model().Attrs {
			if a.Output {
				v.refs = append(v.refs, sim.Ref{Entity: es[0], Attr: a.Name})
			}
		}
		return es[0]
	}
	// The households come first, so that they look for a coordinator that is not there yet.
	for i := range houses {
		house := create(agents, "Household", sim.Params{"name": fmt.Sprintf("h%d", i), "coordinator": "boss"})
		v.connect(load, "x", house, "load")
		v.connect(load, "x", meter, "consumption")
	}
	create(agents, "Coordinator", sim.Params{"name": "boss"})
	for i := range batteries {
		s := create(store, "Battery", nil)
		agent := create(agents, "Storage", sim.Params{"name": fmt.Sprintf("s%d", i), "coordinator": "boss"})
		v.connect(agent, "charge", s, "setpoint")
		v.connect(s, "power", meter, "consumption")
		require.NoError(t, v.world.Connect(s, "soc", agent, "soc",
			sim.ConnectOptions{Shift: 15 * time.Minute, Initial: sim.Float(0.5), HasInitial: true}))
	}
	return v
}

func (v *village) values(entity, attr string) []float64 {
	_, values := v.results.Floats(entity, attr)
	return values
}

// Every day the same: a surplus at noon, a peak in the evening. From the
// second day on the agents know, and what is left of the peak is what a perfect
// plan leaves: 12 kW over 3 hours, less what two batteries hold, evenly; with
// 19 kWh that is 5.67 kW, still above the 4 kW of the other hours.
func TestAgentsCutThePeak(t *testing.T) {
	v := newVillage(t, 4, 2, func(t sim.Time) float64 {
		switch hour := t % (24 * scheduler.Hour) / scheduler.Hour; {
		case hour >= 10 && hour < 14:
			return -2
		case hour >= 18 && hour < 21:
			return 3
		}
		return 1
	})
	v.run(3 * 24 * time.Hour)
	net, power := v.values("agents.boss", "net"), v.values("meter.Meter-0", "power")
	require.Equal(t, 12.0, slices.Max(net))
	// On the third day, what the batteries hold at the start of the evening peak
	// goes into it evenly.
	evening := 2*96 + 18*4
	held := 0.0
	for _, s := range []string{"store.Battery-0", "store.Battery-1"} {
		held += v.values(s, "energy")[evening] * 0.95
	}
	require.Greater(t, held, 17.0, "they are nearly full")
	for i := range 12 {
		require.InDelta(t, 12-held/3, power[evening+i], 0.01)
	}
	// They were filled at noon, by the district's own surplus only.
	for i, p := range v.values("agents.boss", "awarded") {
		if p > 0 {
			require.Negative(t, net[i])
			require.LessOrEqual(t, power[i], 1e-9)
		}
	}
}

// The batteries do exactly what they are told: what an agent believes about
// its own is so.
func TestStoragesKnowTheirBatteries(t *testing.T) {
	v := newVillage(t, 5, 5, func(t sim.Time) float64 {
		hours := float64(t) / float64(scheduler.Hour)
		return 1.5 - 4*max(0, 1-abs(hours-12)/4) + float64(int(hours*4)*7%5)/4
	})
	v.run(24 * time.Hour)
	for i := range 5 {
		charge, power := v.values(fmt.Sprintf("agents.s%d", i), "charge"), v.values(fmt.Sprintf("store.Battery-%d", i), "power")
		require.Len(t, charge, 96)
		require.InDeltaSlice(t, charge, power, 1e-9, "battery %d", i)
	}
	awarded := v.values("agents.boss", "awarded")
	net, total := v.values("agents.boss", "net"), v.values("meter.Meter-0", "power")
	for i := range awarded {
		require.InDelta(t, net[i]+awarded[i], total[i], 1e-9)
	}
}

func abs(x float64) float64 { return max(x, -x) }

func TestAgentsRefuseBadParameters(t *testing.T) {
	for _, c := range []struct {
		model  string
		params sim.Params
		want   string
	}{
		{"Coordinator", sim.Params{"interval": "7m"}, "parameter interval = 7m0s is out of range; a day must be a multiple"},
		{"Coordinator", sim.Params{"horizon": "1m"}, "parameter horizon = 1m0s is out of range"},
		{"Storage", sim.Params{"capacity": -3}, "parameter capacity = -3 is out of range; give more than 0 kWh"},
	} {
		in := newBench(t, monday, nil).add("agents", sim.NewAgents(models.Agents()...), nil)
		_, err := in.Create(context.Background(), c.model, 1, c.params)
		require.ErrorContains(t, err, c.want)
	}
}

func TestHouseholdWithoutCoordinator(t *testing.T) {
	b := newBench(t, monday, nil)
	b.make(b.add("agents", sim.NewAgents(models.Agents()[1]), nil), sim.Params{"name": "alone", "coordinator": "nobody"})
	require.ErrorContains(t, b.runFails(), `"nobody"`)
}

// stranger joins in a role of its choice, and answers with what it was given.
type stranger struct {
	container.Agent
	Role   string `param:"role"`
	Answer string `param:"answer"`
}

func (s *stranger) Start(ctx context.Context) error {
	s.Expose("forecast", func(context.Context, float64, int) (any, error) {
		switch s.Answer {
		case "short":
			return []float64{1, 2}, nil
		case "failure":
			return nil, errors.New("I would rather not")
		}
		return s.Answer, nil
	})
	_, err := s.Call(ctx, "boss", "join", s.Role, s.Name())
	return err
}

// Agents that do not keep to the protocol end the run, with their name.
func TestCoordinatorAndStrangers(t *testing.T) {
	for _, c := range []struct{ role, answer, want string }{
		{"guest", "", `no role "guest"; join as "household" or "storage"`},
		{"household", "words", `agent "odd": the result: found the string "words" instead of the Go type []float64`},
		{"household", "short", `agent "odd": its forecast has 2 values, not 48`},
		{"household", "failure", `agent "odd": forecast: I would rather not`},
		{"storage", "", `exposes no method "bid"`},
	} {
		b := newBench(t, monday, nil)
		agents := b.add("agents", sim.NewAgents(append(models.Agents(), sim.AgentOf[stranger]("Stranger", "odd"))...), nil)
		for _, a := range []struct {
			model  string
			params sim.Params
		}{{"Coordinator", sim.Params{"name": "boss"}}, {"Stranger", sim.Params{"name": "odd", "role": c.role, "answer": c.answer}}} {
			_, err := agents.Create(context.Background(), a.model, 1, a.params)
			require.NoError(t, err)
		}
		require.ErrorContains(t, b.runFails(), c.want)
	}
}
