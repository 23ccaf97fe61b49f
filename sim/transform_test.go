package sim_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/rpc"
	"github.com/simrun/simrun/sim"
)

// marked writes what it is given into a text.
func marked(v sim.Value) (sim.Value, error) { return sim.Text(fmt.Sprintf("<%v>", v)), nil }

// TestTransform: all values are transformed, on connections of every kind, initial values are not,
// and who has no transform sees what the source put out.
func TestTransform(t *testing.T) {
	w := newWorld(t)
	g := w.NewGroup("loop")
	w.addIn(g, "src", &fake{typ: sim.Hybrid, step: every(2*second, func(f *fake, s *sim.Step) {
		if f.out[0].SetValue(sim.ValueOf([]any{seconds(s), "x"})); s.Time() == 2*second {
			f.out[0].Omit()
			f.event[0].Set(2)
		}
	})})
	reads := func() *fake { return &fake{typ: sim.Hybrid, step: every(second, nil)} }
	calls := 0
	now, plain, later, weak := w.addIn(g, "now", reads()), w.addIn(g, "plain", reads()), w.addIn(g, "later", reads()), w.addIn(g, "weak", reads())
	opts := sim.ConnectOptions{Transform: func(v sim.Value) (sim.Value, error) { calls++; return marked(v) }}
	w.connect("src", "out", "now", "quiet", opts)
	opts.Transform = marked
	w.connect("src", "event", "now", "in", opts)
	w.connect("src", "out", "plain", "quiet", sim.ConnectOptions{})
	opts.HasInitial, opts.Initial, opts.Shift = true, sim.Int(-1), time.Second
	w.connect("src", "out", "later", "quiet", opts)
	w.connect("src", "event", "later", "in", opts)
	opts.Shift, opts.Weak = 0, true
	w.connect("src", "event", "weak", "in", opts)
	var m sim.Memory
	require.NoError(t, w.Record(&m, 0, sim.Ref{Entity: w.es["src"], Attr: "out"}))
	require.NoError(t, w.run(5*second))
	require.Equal(t, []string{
		`0s: quiet src.m0="<[0.0, \"x\"]>"`, `1s: quiet src.m0="<[0.0, \"x\"]>"`,
		`2s: in src.m0="<2.0>" quiet src.m0="<null>"`, `3s: quiet src.m0="<null>"`, `4s: quiet src.m0="<[4.0, \"x\"]>"`}, now.log)
	require.Equal(t, 3, calls, "once for each output")
	require.Equal(t, `0s: quiet src.m0=[0.0, "x"]`, plain.log[0])
	require.Equal(t, []string{
		`0s: in src.m0=-1 quiet src.m0=-1`, `1s: in src.m0=-1 quiet src.m0="<[0.0, \"x\"]>"`, `2s: in src.m0=-1 quiet src.m0="<[0.0, \"x\"]>"`,
		`3s: in src.m0="<2.0>" quiet src.m0="<null>"`, `4s: in src.m0="<2.0>" quiet src.m0="<null>"`}, later.log)
	require.Equal(t, []string{`0s: in src.m0=-1`, `1s: in src.m0=-1`, `2s: in src.m0=-1`, `2s: in src.m0="<2.0>"`, `3s: in src.m0="<2.0>"`, `4s: in src.m0="<2.0>"`}, weak.log)
	require.Equal(t, []string{`0s out [0.0, "x"]`, `2s out null`, `4s out [4.0, "x"]`}, rowsOf(&m))
}

// TestTransformInPlaceOfUnits: nothing is converted where there is a transform, and units that do
// not fit may meet.
func TestTransformInPlaceOfUnits(t *testing.T) {
	for name, test := range map[string]struct {
		transform func(sim.Value) (sim.Value, error)
		want      []float64
	}{
		"conversion": {nil, []float64{0, 2000, 4000}},
		"transform":  {func(v sim.Value) (sim.Value, error) { f, err := v.Float64(); return sim.Float(f + 1), err }, []float64{2, 4, 6}},
	} {
		t.Run(name, func(t *testing.T) {
			w := sim.NewWorld(sim.Config{})
			defer w.Close()
			a := create(t, w, "a", ramp(time.Second), "Ramp", nil)
			b := create(t, w, "b", gain(time.Second), "Gain", nil)
			require.NoError(t, w.Connect(a, "out", b, "in", sim.ConnectOptions{Transform: test.transform}))
			var m sim.Memory
			require.NoError(t, w.Record(&m, 0, sim.Ref{Entity: b, Attr: "out"}))
			_, err := w.Run(t.Context(), sim.RunOptions{Until: 3 * second})
			require.NoError(t, err)
			_, got := m.Floats("b.Gain-0", "out")
			require.Equal(t, test.want, got)
		})
	}
	type Meter struct {
		Gain
		Energy sim.Input `attr:"energy" unit:"kWh"`
	}
	w := sim.NewWorld(sim.Config{})
	defer w.Close()
	a := create(t, w, "a", ramp(time.Second), "Ramp", nil)
	m := create(t, w, "m", sim.NewModel[Meter](sim.ModelConfig{Name: "Meter", Step: time.Second}), "Meter", nil)
	require.NoError(t, w.Connect(a, "out", m, "energy", sim.ConnectOptions{Transform: marked}))
}

// TestTransformThatFails ends the run, and says where.
func TestTransformThatFails(t *testing.T) {
	for want, transform := range map[string]func(sim.Value) (sim.Value, error){
		"too much; correct the transform, or what src.m0 puts out": func(v sim.Value) (sim.Value, error) {
			if f, err := v.Float64(); err != nil || f < 3 {
				return v, err
			}
			return v, errors.New("too much")
		},
		"panic: at 3\n": func(v sim.Value) (sim.Value, error) {
			if f, _ := v.Float64(); f == 3 {
				panic("at 3")
			}
			return v, nil
		},
	} {
		w := newWorld(t)
		w.add("src", &fake{step: every(second, func(f *fake, s *sim.Step) { f.out[0].Set(seconds(s)) })})
		dst := w.add("dst", &fake{step: every(second, nil)})
		w.connect("src", "out", "dst", "quiet", sim.ConnectOptions{Transform: transform})
		err := w.run(9 * second)
		require.ErrorContains(t, err, `t=3s: simulator "src": step: connection from out of src.m0 to quiet of dst.m0: its transform cannot take the value 3.0: `+want)
		require.Equal(t, "2s: quiet src.m0=2.0", dst.log[len(dst.log)-1])
	}
}

// TestTransformToAgents: agents see what is transformed, wherever they live.
func TestTransformToAgents(t *testing.T) {
	for _, home := range []string{"", "c0"} {
		t.Run(home, func(t *testing.T) {
			w := sim.NewWorld(sim.Config{})
			defer w.Close()
			a := create(t, w, "a", ramp(time.Second), "Ramp", nil)
			conns := hosts(t, 1, inMemory, rpc.Config{}, dealers()...)
			params := sim.Params{"name": "g"}
			if home != "" {
				params["container"] = home
			}
			g := create(t, w, "agents", sim.NewFederatedAgents(conns, dealers()...), "Guard", params)
			require.NoError(t, w.Connect(a, "out", g, "level", sim.ConnectOptions{Transform: marked}))
			var m sim.Memory
			require.NoError(t, w.Record(&m, 0, sim.Ref{Entity: g, Attr: "alarm"}))
			_, err := w.Run(t.Context(), sim.RunOptions{Until: 2 * second})
			require.NoError(t, err)
			require.Equal(t, []string{`0s alarm "\"<0.0>\" 0s"`, `1s alarm "\"<1.0>\" 1s"`}, rowsOf(&m))
		})
	}
}
