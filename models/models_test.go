package models_test

import (
	"context"
	"io/fs"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/simrun/simrun/models"
	"github.com/simrun/simrun/scheduler"
	"github.com/simrun/simrun/sim"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var monday = time.Date(2026, time.June, 1, 0, 0, 0, 0, time.UTC)

// bench is a world under test, everything in it recorded.
type bench struct {
	*testing.T
	world   *sim.World
	refs    []sim.Ref // what run records
	results sim.Memory
}

// newBench returns a world that begins at start and reads the given files.
func newBench(t *testing.T, start time.Time, files fstest.MapFS) *bench {
	b := &bench{T: t}
	b.world = sim.NewWorld(sim.Config{Start: start, Seed: 1,
		Open: func(name string) (fs.File, error) { return files.Open(name) }})
	t.Cleanup(func() { require.NoError(t, b.world.Close()) })
	return b
}

func (b *bench) add(name string, s sim.Simulator, params sim.Params) *sim.Instance {
	b.Helper()
	in, err := b.world.Add(context.Background(), name, s, sim.AddOptions{Params: params})
	require.NoError(b, err)
	return in
}

// make makes one entity of a simulator's first model and records its outputs.
func (b *bench) make(in *sim.Instance, params sim.Params) *sim.Entity {
	b.Helper()
	es, err := in.Create(context.Background(), in.Meta().Models[0].Name, 1, params)
	require.NoError(b, err)
	for _, a := range es[0].Model().Attrs {
		if a.Output {
			b.refs = append(b.refs, sim.Ref{Entity: es[0], Attr: a.Name})
		}
	}
	return es[0]
}

// signal makes an entity with an output x that follows a function of time, with
// the given step.
func (b *bench) signal(name string, step time.Duration, f func(t sim.Time) float64) *sim.Entity {
	b.Helper()
	in := b.add(name, &signal{step: step, f: f}, nil)
	es, err := in.Create(context.Background(), "Signal", 1, nil)
	require.NoError(b, err)
	return es[0]
}

type signal struct {
	step time.Duration
	f    func(t sim.Time) float64
	x    sim.Output
}

func (s *signal) Init(context.Context, *sim.Env) (sim.Meta, error) {
	return sim.Meta{Models: []sim.Model{{Name: "Signal", Attrs: []sim.Attr{{Name: "x", Output: true}}}}}, nil
}

func (s *signal) Create(context.Context, int, string, sim.Params) ([]sim.NewEntity, error) {
	return []sim.NewEntity{{ID: "it", Model: "Signal", Outputs: map[string]*sim.Output{"x": &s.x}}}, nil
}

func (s *signal) Step(_ context.Context, step *sim.Step) (sim.Time, error) {
	s.x.Set(s.f(step.Time()))
	return step.Time().Add(s.step), nil
}

func (b *bench) connect(src *sim.Entity, out string, dst *sim.Entity, in string) {
	b.Helper()
	require.NoError(b, b.world.Connect(src, out, dst, in, sim.ConnectOptions{}))
}

func (b *bench) run(until time.Duration) {
	b.Helper()
	require.NoError(b, b.world.Record(&b.results, 0, b.refs...))
	_, err := b.world.Run(context.Background(), sim.RunOptions{Until: sim.Time(until)})
	require.NoError(b, err)
}

// runFails runs and returns the error.
func (b *bench) runFails() error {
	b.Helper()
	_, err := b.world.Run(context.Background(), sim.RunOptions{Until: 24 * scheduler.Hour})
	require.Error(b, err)
	return err
}

func TestBuiltinIsSortedAndStarts(t *testing.T) {
	last := ""
	for _, e := range models.Builtin() {
		require.Less(t, last, e.Name)
		last = e.Name
		require.NotEmpty(t, e.Doc)
		b := newBench(t, monday, fstest.MapFS{"a.csv": {Data: []byte("time,x\n0,1\n")}})
		params := sim.Params{}
		if e.Name == "timeseries" {
			params["file"] = "a.csv"
		}
		in := b.add(e.Name, e.New(), params)
		require.Len(t, in.Meta().Models, 1, e.Name)
		require.NotEmpty(t, in.Meta().Models[0].Doc, e.Name)
	}
}

// Parameters out of range are refused, all together, with name and range.
func TestParametersOutOfRange(t *testing.T) {
	site := sim.Params{"latitude": 36.1, "longitude": -79.95, "peak": 5.0}
	with := func(base sim.Params, name string, value any) sim.Params {
		p := sim.Params{name: value}
		for k, v := range base {
			if k != name {
				p[k] = v
			}
		}
		return p
	}
	for _, c := range []struct {
		name   string
		sim    sim.Simulator
		params sim.Params
		want   []string
	}{
		{"battery capacity", models.NewBattery(), sim.Params{"capacity": 0}, []string{"parameter capacity = 0 is out of range; give more than 0 kWh"}},
		{"battery two", models.NewBattery(), sim.Params{"max_charge": -1, "soc_min": 0.9},
			[]string{"parameter max_charge = -1 is out of range; give 0 kW or more", "parameter soc_initial = 0.5 is out of range; give 0.9 to 1"}},
		{"battery efficiency", models.NewBattery(), sim.Params{"charge_efficiency": 1.1}, []string{"parameter charge_efficiency = 1.1 is out of range; give 0.01 to 1"}},
		{"pv latitude", models.NewPV(), with(site, "latitude", 91), []string{"parameter latitude = 91 is out of range; give -90 to 90 deg"}},
		{"pv peak and area", models.NewPV(), with(site, "area", "30 m2"), []string{"give exactly one of them"}},
		{"pv no size", models.NewPV(), with(site, "peak", 0), []string{"give exactly one of them"}},
		{"pv gamma", models.NewPV(), with(site, "gamma", -4), []string{"parameter gamma = -4 is out of range; give -1 to 0 %/K"}},
		{"load", models.NewLoad(), sim.Params{"annual_energy": 1}, []string{"parameter annual_energy = 1 is out of range; give 100 to 100000 kWh"}},
		{"controller gain", models.NewController(), sim.Params{"gain": 0}, []string{"parameter gain = 0"}},
		{"controller limits", models.NewController(), sim.Params{"low": 1, "high": 1}, []string{"low must be below high"}},
		{"constant", models.NewConstant(), nil, []string{"parameter value is missing"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t, monday, nil)
			in := b.add("s", c.sim, nil)
			_, err := in.Create(context.Background(), in.Meta().Models[0].Name, 1, c.params)
			for _, want := range c.want {
				require.ErrorContains(t, err, want)
			}
		})
	}
}

func TestPVNeedsADate(t *testing.T) {
	b := newBench(t, time.Time{}, nil)
	in := b.add("pv", models.NewPV(), nil)
	_, err := in.Create(context.Background(), "PV", 1, sim.Params{"latitude": 0, "longitude": 0, "peak": 1})
	require.ErrorContains(t, err, "give the scenario a start")
}
