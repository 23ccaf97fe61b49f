package sim_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/sim"
)

// Plant has a parameter of every kind.
type Plant struct {
	Power  float64       `param:"power" unit:"kW" doc:"rated power"`
	Count  int           `param:"count" default:"3"`
	On     bool          `param:"on" default:"true"`
	Label  string        `param:"label" default:"none"`
	Delay  time.Duration `param:"delay" default:"15m"`
	Levels []float64     `param:"levels" unit:"m" default:"1, 2"`
	Out    sim.Output    `attr:"out" unit:"kW"`

	id string
}

var created []*Plant

func (p *Plant) Init(_ *sim.Env, id string) error {
	p.id = id
	created = append(created, p)
	return nil
}
func (p *Plant) Step(*sim.Step) error { return nil }

func TestParametersAreConvertedAndChecked(t *testing.T) {
	ctx := context.Background()
	w := sim.NewWorld(sim.Config{})
	defer w.Close()
	in, err := w.Add(ctx, "p", sim.NewModel[Plant](sim.ModelConfig{Name: "Plant", Step: time.Hour}), sim.AddOptions{Params: sim.Params{"step": "30m"}})
	require.NoError(t, err)
	created = nil
	_, err = in.Create(ctx, "Plant", 1, sim.Params{"power": "2500 W"})
	require.NoError(t, err)
	_, err = in.Create(ctx, "Plant", 1, sim.Params{"power": 1, "count": 4.0, "on": false, "label": "x", "delay": "1d", "levels": []any{"30 cm", 2}})
	require.NoError(t, err)
	_, err = in.Create(ctx, "Plant", 1, sim.Params{"power": float32(0.5), "count": uint8(7), "levels": []int32{1}})
	require.NoError(t, err)
	require.Equal(t, Plant{Power: 0.5, Count: 7, On: true, Label: "none", Delay: 15 * time.Minute, Levels: []float64{1}, Out: created[2].Out, id: "Plant-2"}, *created[2])
	require.Equal(t, Plant{Power: 2.5, Count: 3, On: true, Label: "none", Delay: 15 * time.Minute, Levels: []float64{1, 2}, Out: created[0].Out, id: "Plant-0"}, *created[0])
	require.Equal(t, Plant{Power: 1, Count: 4, Label: "x", Delay: 24 * time.Hour, Levels: []float64{0.3, 2}, Out: created[1].Out, id: "Plant-1"}, *created[1])

	for _, c := range []struct {
		params sim.Params
		want   string
	}{
		{nil, `parameter "power" is missing; give a number in kW, rated power`},
		{sim.Params{"power": "3 kWh"}, `parameter "power" (a number in kW, rated power): cannot convert kWh to kW`},
		{sim.Params{"power": "much"}, `parameter "power"`},
		{sim.Params{"power": true}, `true is not a number`},
		{sim.Params{"power": nil}, `null is not a number`},
		{sim.Params{"power": time.Hour}, `1h0m0s is a length of time, not a number`},
		{sim.Params{"power": "NaN"}, `not a finite number`},
		{sim.Params{"power": 1, "count": 1.5}, `1.5 is not a whole number`},
		{sim.Params{"power": 1, "count": "3 kW"}, `has a unit, the parameter has none`},
		{sim.Params{"power": 1, "on": "maybe"}, `neither true nor false`},
		{sim.Params{"power": 1, "label": 7}, `7 is not text; put it in quotes`},
		{sim.Params{"power": 1, "delay": 7}, `7 has no unit of time; write 7s for seconds`},
		{sim.Params{"power": 1, "levels": 7}, `7 is not a list`},
		{sim.Params{"power": 1, "levels": []any{1, "x"}}, `item 2:`},
		{sim.Params{"powr": 1}, `no parameter "powr"; did you mean "power"?`},
	} {
		_, err := in.Create(ctx, "Plant", 1, c.params)
		require.ErrorContains(t, err, c.want, "%v", c.params)
	}
	for _, step := range []any{"0s", "-1s", 5, "soon"} {
		_, err := w.Add(ctx, "q", sim.NewModel[Plant](sim.ModelConfig{Name: "Plant", Step: time.Hour}), sim.AddOptions{Params: sim.Params{"step": step}})
		require.ErrorContains(t, err, "step", "%v", step)
	}
}

func TestParseDuration(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"7d": 7 * 24 * time.Hour, "1d12h": 36 * time.Hour, "90m": 90 * time.Minute, "500ms": 500 * time.Millisecond, "0s": 0, " 1h ": time.Hour,
	} {
		got, err := sim.ParseDuration(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got, text)
	}
	for _, text := range []string{"", "7", "-1s", "d", "1d-1h", "1.5d", "1h1d", "-3000000h", "-99999999999999999999d", "9xd"} {
		_, err := sim.ParseDuration(text)
		require.ErrorContains(t, err, "is not a duration; write it like", text)
	}
	for _, text := range []string{"200000d", "106751d24h", "99999999999999999999d", "3000000h", "1d3000000h", "2562047.9h", "9223372036854775808ns"} {
		_, err := sim.ParseDuration(text)
		require.ErrorContains(t, err, "is more than 292 years", text)
	}
}

func TestMistakesInTagsPanic(t *testing.T) {
	cfg := sim.ModelConfig{Name: "M", Step: 1}
	type noStep struct{}
	require.PanicsWithValue(t, "sim: *sim_test.noStep has no method Step(*sim.Step) error", func() { sim.NewModel[noStep](cfg) })
	type notAHandle struct {
		Plant
		X float64 `attr:"x"`
	}
	type wrongOption struct {
		Plant
		X sim.Input `attr:"x,event"`
	}
	type wrongDefault struct {
		Plant
		X int `param:"x" default:"many"`
	}
	type wrongTag struct {
		Plant
		X sim.Output `atr:"x"`
	}
	type unexported struct {
		Plant
		x sim.Output `attr:"x"`
	}
	type twoParams struct {
		Plant
		X, Y float64 `param:"x"`
	}
	type twoAttrs struct {
		Plant
		X sim.Input  `attr:"x"`
		Y sim.Output `attr:"x"`
	}
	type nameless struct {
		Plant
		X sim.Input `attr:",trigger"`
	}
	type namelessParam struct {
		Plant
		X int `param:""`
	}
	type wrongUnit struct {
		Plant
		X float64 `param:"x" unit:"kW/"`
	}
	type wrongKind struct {
		Plant
		X float32 `param:"x"`
	}
	_ = unexported{}.x
	for why, newModel := range map[string]func(sim.ModelConfig) sim.Simulator{
		"X of entity type sim_test.notAHandle: an attribute must be a sim.Input or a sim.Output":                                                                sim.NewModel[notAHandle],
		`X of entity type sim_test.wrongOption: unknown option "event" of sim.Input`:                                                                            sim.NewModel[wrongOption],
		`X of entity type sim_test.wrongDefault: default: quantity "many": does not start with a number; write it like "30 m2"`:                                 sim.NewModel[wrongDefault],
		"X of entity type sim_test.wrongTag: a sim.Output needs a tag with its name, like `attr:\"power\"`":                                                     sim.NewModel[wrongTag],
		"x of entity type sim_test.unexported: only fields that begin with a capital letter can be parameters and attributes":                                   sim.NewModel[unexported],
		`Y of entity type sim_test.twoParams: there is a parameter "x" already`:                                                                                 sim.NewModel[twoParams],
		`Y of entity type sim_test.twoAttrs: there is an attribute "x" already`:                                                                                 sim.NewModel[twoAttrs],
		"X of entity type sim_test.nameless: the attribute has no name":                                                                                         sim.NewModel[nameless],
		"X of entity type sim_test.namelessParam: the parameter has no name":                                                                                    sim.NewModel[namelessParam],
		`X of entity type sim_test.wrongUnit: unit "kW/": ends where a unit should follow`:                                                                      sim.NewModel[wrongUnit],
		"X of entity type sim_test.wrongKind: no parameter can be a float32; it must be a float64, int, bool, string, time.Duration or a slice of one of these": sim.NewModel[wrongKind],
	} {
		require.PanicsWithValue(t, "sim: field "+why, func() { newModel(cfg) })
	}
}

// Doorbell is event-based: it steps when something arrives.
type Doorbell struct {
	Button sim.Input  `attr:"button"`
	Rings  sim.Output `attr:"rings,event"`
	rings  int64
}

func (d *Doorbell) Step(*sim.Step) error {
	d.rings++
	d.Rings.SetValue(sim.Int(d.rings))
	return nil
}

func TestEventBasedModelStepsOnlyWhoGotSomething(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t)
	w.add("src", &fake{step: every(2*second, func(f *fake, s *sim.Step) { f.event[0].Set(1) })})
	in, err := w.Add(ctx, "bell", sim.NewModel[Doorbell](sim.ModelConfig{Name: "Doorbell", Type: sim.EventBased}), sim.AddOptions{})
	require.NoError(t, err)
	bells, err := in.Create(ctx, "Doorbell", 2, nil)
	require.NoError(t, err)
	w.es["front"], w.es["back"] = bells[0], bells[1]
	w.connect("src", "event", "front", "button", sim.ConnectOptions{})
	var m sim.Memory
	require.NoError(t, w.Record(&m, 0, sim.Ref{Entity: bells[0], Attr: "rings"}, sim.Ref{Entity: bells[1], Attr: "rings"}))
	require.NoError(t, w.run(5*second))
	require.Equal(t, []string{"0s rings 1", "2s rings 2", "4s rings 3"}, rowsOf(&m))
}
