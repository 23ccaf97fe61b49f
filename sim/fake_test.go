package sim_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/simrun/simrun/sim"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const second = sim.Time(1e9)

// fake is a simulator with one model, M, whose entities have the inputs in
// (event-based and hybrid: it triggers) and quiet (does not), and the outputs
// out (persistent) and event. What it does is up to the test.
type fake struct {
	typ    sim.Type
	step   func(ctx context.Context, f *fake, s *sim.Step) (sim.Time, error)
	env    *sim.Env
	in     []*sim.Input
	quiet  []*sim.Input
	out    []*sim.Output
	event  []*sim.Output
	log    []string
	closed int
}

func (f *fake) Init(_ context.Context, env *sim.Env) (sim.Meta, error) {
	f.env = env
	return sim.Meta{Type: f.typ, Models: []sim.Model{{Name: "M", Attrs: []sim.Attr{
		{Name: "in", Input: true, Trigger: f.typ != sim.TimeBased},
		{Name: "quiet", Input: true},
		{Name: "out", Output: true},
		{Name: "event", Output: true, Event: true},
	}}}}, nil
}

func (f *fake) Create(_ context.Context, num int, model string, _ sim.Params) ([]sim.NewEntity, error) {
	var made []sim.NewEntity
	for range num {
		in, quiet, out, event := new(sim.Input), new(sim.Input), new(sim.Output), new(sim.Output)
		f.in, f.quiet, f.out, f.event = append(f.in, in), append(f.quiet, quiet), append(f.out, out), append(f.event, event)
		made = append(made, sim.NewEntity{ID: fmt.Sprintf("m%d", len(f.in)-1), Model: model,
			Inputs:  map[string]*sim.Input{"in": in, "quiet": quiet},
			Outputs: map[string]*sim.Output{"out": out, "event": event}})
	}
	return made, nil
}

func (f *fake) Step(ctx context.Context, s *sim.Step) (sim.Time, error) {
	line := fmt.Sprintf("%v:", s.Time())
	for src, v := range f.in[0].Sources() {
		line += fmt.Sprintf(" in %s=%v", src, v)
	}
	for src, v := range f.quiet[0].Sources() {
		line += fmt.Sprintf(" quiet %s=%v", src, v)
	}
	f.log = append(f.log, line)
	return f.step(ctx, f, s)
}

func (f *fake) Close() error { f.closed++; return nil }

// every makes steps that far apart, doing do at each.
func every(d sim.Time, do func(f *fake, s *sim.Step)) func(context.Context, *fake, *sim.Step) (sim.Time, error) {
	return func(_ context.Context, f *fake, s *sim.Step) (sim.Time, error) {
		if do != nil {
			do(f, s)
		}
		return s.Time() + d, nil
	}
}

// onTrigger makes no steps of its own.
func onTrigger(do func(f *fake, s *sim.Step)) func(context.Context, *fake, *sim.Step) (sim.Time, error) {
	return func(_ context.Context, f *fake, s *sim.Step) (sim.Time, error) {
		if do != nil {
			do(f, s)
		}
		return sim.Never, nil
	}
}

func seconds(s *sim.Step) float64 { return s.Time().Seconds() }

// world adds the fakes under their names, with one entity each.
type world struct {
	*sim.World
	t  *testing.T
	es map[string]*sim.Entity
}

func newWorld(t *testing.T) *world {
	w := &world{sim.NewWorld(sim.Config{}), t, map[string]*sim.Entity{}}
	t.Cleanup(func() { _ = w.Close() }) // tests that care close it themselves
	return w
}

func (w *world) add(name string, f *fake) *fake {
	w.t.Helper()
	w.es[name] = create(w.t, w.World, name, f, "M", nil)
	return f
}

func (w *world) connect(src, srcAttr, dst, dstAttr string, opts sim.ConnectOptions) {
	w.t.Helper()
	require.NoError(w.t, w.Connect(w.es[src], srcAttr, w.es[dst], dstAttr, opts))
}

func (w *world) run(until sim.Time) error {
	_, err := w.Run(context.Background(), sim.RunOptions{Until: until})
	return err
}
