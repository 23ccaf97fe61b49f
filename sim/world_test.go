package sim_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/sim"
)

// Ramp puts out the number of its step.
type Ramp struct {
	From float64    `param:"from" default:"0" doc:"first value"`
	Out  sim.Output `attr:"out" unit:"kW" doc:"the value"`
	next float64
}

func (r *Ramp) Init(*sim.Env, string) error { r.next = r.From; return nil }

func (r *Ramp) Step(*sim.Step) error {
	r.Out.Set(r.next)
	r.next++
	return nil
}

// Gain multiplies.
type Gain struct {
	Factor float64    `param:"factor" default:"2" doc:"what to multiply by"`
	In     sim.Input  `attr:"in" unit:"W" doc:"what to multiply"`
	Out    sim.Output `attr:"out" unit:"W" doc:"the product"`
}

func (g *Gain) Step(*sim.Step) error { g.Out.Set(g.Factor * g.In.Float()); return nil }

func ramp(step time.Duration) sim.Simulator {
	return sim.NewModel[Ramp](sim.ModelConfig{Name: "Ramp", Step: step})
}

func gain(step time.Duration) sim.Simulator {
	return sim.NewModel[Gain](sim.ModelConfig{Name: "Gain", Step: step})
}

func create(t testing.TB, w *sim.World, name string, s sim.Simulator, model string, p sim.Params) *sim.Entity {
	t.Helper()
	in, err := w.Add(context.Background(), name, s, sim.AddOptions{})
	require.NoError(t, err)
	es, err := in.Create(context.Background(), model, 1, p)
	require.NoError(t, err)
	return es[0]
}

func TestRunReadsSourceOfSameTime(t *testing.T) {
	w := sim.NewWorld(sim.Config{})
	defer w.Close()
	b := create(t, w, "b", gain(time.Second), "Gain", nil)
	a := create(t, w, "a", ramp(2*time.Second), "Ramp", nil)
	require.NoError(t, w.Connect(a, "out", b, "in", sim.ConnectOptions{}))
	var m sim.Memory
	require.NoError(t, w.Record(&m, 0, sim.Ref{Entity: b, Attr: "out"}))
	sum, err := w.Run(context.Background(), sim.RunOptions{Until: 5 * sim.Time(time.Second)})
	require.NoError(t, err)
	require.True(t, sum.Complete)
	times, values := m.Floats("b.Gain-0", "out")
	require.Equal(t, []float64{0, 0, 2000, 2000, 4000}, values) // kW into W
	require.Len(t, times, 5)
}

func TestRunShiftDelivers(t *testing.T) {
	w := sim.NewWorld(sim.Config{})
	defer w.Close()
	a := create(t, w, "a", ramp(time.Second), "Ramp", nil)
	b := create(t, w, "b", gain(time.Second), "Gain", sim.Params{"factor": 1})
	require.NoError(t, w.Connect(a, "out", b, "in", sim.ConnectOptions{Shift: 2 * time.Second, Initial: sim.Float(-1), HasInitial: true}))
	var m sim.Memory
	require.NoError(t, w.Record(&m, 0, sim.Ref{Entity: b, Attr: "out"}))
	_, err := w.Run(context.Background(), sim.RunOptions{Until: 5 * sim.Time(time.Second)})
	require.NoError(t, err)
	_, values := m.Floats("b.Gain-0", "out")
	require.Equal(t, []float64{-1, -1, 0, 1000, 2000}, values)
}

func TestRunRejectsCycle(t *testing.T) {
	w := sim.NewWorld(sim.Config{})
	defer w.Close()
	a := create(t, w, "a", gain(time.Second), "Gain", nil)
	b := create(t, w, "b", gain(time.Second), "Gain", nil)
	require.NoError(t, w.Connect(a, "out", b, "in", sim.ConnectOptions{}))
	require.NoError(t, w.Connect(b, "out", a, "in", sim.ConnectOptions{}))
	_, err := w.Run(context.Background(), sim.RunOptions{Until: 1})
	var cycle *sim.CycleError
	require.ErrorAs(t, err, &cycle)
	require.Equal(t, []string{"a", "b", "a"}, cycle.Path)
}

// TestDigestDoesNotDependOnTheOrderOfOutputs: entities that were created in
// another order set them in another order.
func TestDigestDoesNotDependOnTheOrderOfOutputs(t *testing.T) {
	digest := func(order ...int) string {
		w := newWorld(t)
		f := &fake{step: every(second, func(f *fake, s *sim.Step) {
			for _, i := range order {
				f.out[i].Set(float64(i))
			}
		})}
		in, err := w.Add(context.Background(), "a", f, sim.AddOptions{})
		require.NoError(t, err)
		_, err = in.Create(context.Background(), "M", len(order), nil)
		require.NoError(t, err)
		sum, err := w.Run(context.Background(), sim.RunOptions{Until: 3 * second})
		require.NoError(t, err)
		return sum.Digest
	}
	require.Equal(t, digest(0, 1, 2), digest(2, 0, 1))
}

// What a program gets wrong is said, at once and by name.
func TestMistakesOfPrograms(t *testing.T) {
	ctx := context.Background()
	world := func() (*sim.World, *sim.Instance, *sim.Entity) {
		w := sim.NewWorld(sim.Config{})
		t.Cleanup(func() { require.NoError(t, w.Close()) })
		in, err := w.Add(ctx, "ramp", ramp(time.Second), sim.AddOptions{})
		require.NoError(t, err)
		es, err := in.Create(ctx, "Ramp", 1, nil)
		require.NoError(t, err)
		return w, in, es[0]
	}
	w, in, e := world()
	_, _, stranger := world()
	var memory sim.Memory
	var none sim.ConnectOptions
	add := func(name string, s sim.Simulator) error { _, err := w.Add(ctx, name, s, sim.AddOptions{}); return err }
	run := func(until sim.Time) error { _, err := w.Run(ctx, sim.RunOptions{Until: until}); return err }
	require.EqualError(t, add("ramp", ramp(time.Second)), `simulator "ramp": there is one of this name already; choose another name`)
	require.EqualError(t, add("none", nil), `simulator "none": it is nil; give one`)
	require.EqualError(t, w.Connect(e, "out", w.Entity("ramp.Rmp-0"), "in", none), "connect out to in: an entity is nil; World.Entity gives nil for an ID that nobody has")
	require.EqualError(t, w.Connect(nil, "out", e, "in", none), "connect out to in: an entity is nil; World.Entity gives nil for an ID that nobody has")
	require.EqualError(t, w.Connect(e, "out", stranger, "in", none), "connect ramp.Ramp-0.out to ramp.Ramp-0.in: the entities are of different worlds")
	require.EqualError(t, w.Record(&memory, 0, sim.Ref{Attr: "out"}), "record out: the entity is nil; World.Entity gives nil for an ID that nobody has")
	require.EqualError(t, w.Record(&memory, 0, sim.Ref{Entity: stranger, Attr: "out"}), "record: ramp.Ramp-0 is of another world")
	require.EqualError(t, w.Record(nil, 0, sim.Ref{Entity: e, Attr: "out"}), "record: the sink is nil; give one, such as a *sim.Memory")
	require.EqualError(t, run(0), "run: it ends at 0s; set Until to a finite time after 0")
	require.EqualError(t, run(sim.Never), "run: it ends at never; set Until to a finite time after 0")

	require.NoError(t, run(second))
	require.EqualError(t, run(second), "the world has run already; make a new one")
	require.EqualError(t, add("late", ramp(time.Second)), `simulator "late": the world has already run; add simulators before Run`)
	_, err := in.Create(ctx, "Ramp", 1, nil)
	require.EqualError(t, err, `simulator "ramp": create Ramp: the world has already run; create entities before Run`)
	require.EqualError(t, w.Connect(e, "out", e, "in", none), "connect ramp.Ramp-0.out to ramp.Ramp-0.in: the world has already run; connect before Run")
	require.EqualError(t, w.Record(&memory, 0, sim.Ref{Entity: e, Attr: "out"}), "record: the world has already run; record before Run")
}
