package scenarios_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/codec"
	"github.com/simrun/simrun/models"
	"github.com/simrun/simrun/scenarios"
	"github.com/simrun/simrun/sim"
)

// TestTransform: readers see what the expression makes of a value, with the parameters of the
// file, in their own unit; initial values are theirs already.
func TestTransform(t *testing.T) {
	s := read(t, `simrun: 1
name: transform
until: 30m
parameters: {share: {roof: 0.5}, value: 7}
simulators: {sun: {model: sun, params: {level: 200}}, pv: {model: pv}}
entities: {roof: {of: pv.PV, count: 4, params: {area: 2}}}
agents: {clerk: {type: Clerk, params: {own: 1}}}
connect:
  - sun.ghi -> roof[0..1].irradiance: {transform: value * share.roof + 1}
  - sun.ghi -> roof[2].irradiance: {transform: "value > 100 ? max(value, 300) : 0", shift: 15m, initial: 0.1 kW/m2}
  - sun.ghi -> roof[3].irradiance
  - sun.ghi -> clerk.added: {transform: -value}
record: {values: ["roof[*].power", clerk.price, sun.ghi]}
`)
	_, warnings := s.Check(t.Context(), scenarios.CheckOptions{})
	require.Empty(t, warnings)
	for range 2 { // worlds of one scenario do not know each other
		_, sinks := runScenario(t, s)
		for entity, want := range map[string][]float64{"roof[0]": {202, 202}, "roof[1]": {202, 202}, "roof[2]": {200, 600}, "roof[3]": {400, 400}} {
			_, power := sinks[0].Floats(entity, "power")
			require.Equal(t, want, power, entity)
		}
		_, price := sinks[0].Floats("clerk", "price")
		require.Equal(t, -199.0, price[0])
		_, ghi := sinks[0].Floats("sun", "ghi")
		require.Equal(t, []float64{200, 200}, ghi, "the source is recorded as it is")
	}
}

// TestTransformOfValues: kinds of values that programs send, and what becomes of them.
func TestTransformOfValues(t *testing.T) {
	raw := func(text string) sim.Value { return sim.RawValue(codec.Raw(text)) }
	for _, test := range []struct {
		expression string
		value      sim.Value
		want       string // JSON, or the error
	}{
		{"value * 2", raw("21"), "42"},
		{"value * 2", raw("21.0"), "42.0"},
		{"value / 2", raw("4"), "2.0"},
		{"value + 'b'", raw(`"a"`), `"ab"`},
		{"value ?? 5", raw("null"), "5"},
		{"value ?? 5", sim.Null, "5"},
		{"value.p[1] * 1000", raw(`{"q": 1, "p": [1, 2.5]}`), "2500.0"},
		{`{"p": value, "on": value > 0}`, sim.Float(1.5), `{"on": true, "p": 1.5}`},
		{"[value, nil]", sim.Int(3), "[3, null]"},
		{"[value, 1]", raw("100000000000000000000"), "[100000000000000000000, 1]"},
		{"value.p", raw(`{"p": [-100000000000000000000]}`), "[-100000000000000000000]"},
		{"not value", sim.Bool(true), "false"},
		{"1 / value", sim.Float(0), "its transform cannot take the value 0.0: the result is +Inf, not a finite number; correct the transform, or what src.wire puts out"},
		{"value * 2", raw("NaN"), "NaN"},
		{"value * 2", raw(`"a"`), `its transform cannot take the value "a": invalid operation: string * int`},
		{"value * 2", sim.Null, "its transform cannot take the value null: invalid operation: <nil> * int"},
		{"value.p", sim.Int(1), "its transform cannot take the value 1: cannot fetch p from int"},
	} {
		t.Run(fmt.Sprint(test.expression, " of ", test.value), func(t *testing.T) {
			heard := &wire{in: new(sim.Input)}
			registry := &scenarios.Registry{Models: []models.Entry{
				{Name: "src", New: func() sim.Simulator { return &wire{out: new(sim.Output), value: test.value} }},
				{Name: "dst", New: func() sim.Simulator { return heard }},
			}}
			s, err := scenarios.Read(write(t, `simrun: 1
name: values
until: 1s
simulators: {src: {model: src}, dst: {model: dst}}
connect:
  - src.end -> dst.end: {transform: `+fmt.Sprintf("%q", test.expression)+`}
`), scenarios.ReadOptions{Registry: registry})
			require.NoError(t, err)
			w, err := s.Build(t.Context(), scenarios.BuildOptions{})
			require.NoError(t, err)
			defer w.Close()
			if _, err = w.Run(t.Context(), sim.RunOptions{Until: s.Until}); err != nil {
				require.ErrorContains(t, err, `t=0s: simulator "src": step: connection from end of src.wire to end of dst.wire: `+test.want)
				return
			}
			text, err := heard.value.Append(nil)
			require.NoError(t, err)
			require.Equal(t, test.want, string(text))
		})
	}
}

// wire has one end: it puts a value out, or keeps the one that it gets.
type wire struct {
	in    *sim.Input
	out   *sim.Output
	value sim.Value
}

func (w *wire) Init(context.Context, *sim.Env) (sim.Meta, error) {
	return sim.Meta{Models: []sim.Model{{Name: "wire", Attrs: []sim.Attr{{Name: "end", Input: w.in != nil, Output: w.out != nil}}}}}, nil
}

func (w *wire) Create(context.Context, int, string, sim.Params) ([]sim.NewEntity, error) {
	e := sim.NewEntity{ID: "wire", Model: "wire"}
	if w.in != nil {
		e.Inputs = map[string]*sim.Input{"end": w.in}
	} else {
		e.Outputs = map[string]*sim.Output{"end": w.out}
	}
	return []sim.NewEntity{e}, nil
}

func (w *wire) Step(_ context.Context, s *sim.Step) (sim.Time, error) {
	if w.in != nil {
		w.value = w.in.Value()
	} else {
		w.out.SetValue(w.value)
	}
	return s.Time() + 1e9, nil
}
