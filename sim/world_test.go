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
