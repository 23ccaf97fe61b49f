package mosaik_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/internal/peertest"
	"github.com/simrun/simrun/sim"
)

// inMosaik runs something of testdata/serve.py, which prints JSON. said is what
// mosaik has to say beside.
func inMosaik(t *testing.T, args ...string) (out, said string, err error) {
	t.Helper()
	cmd := exec.Command(peertest.Python(t), append([]string{"testdata/serve.py"}, args...)...)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	printed, err := cmd.Output()
	if err != nil {
		err = fmt.Errorf("%w: %s", err, errs.String())
	}
	return string(printed), errs.String(), err
}

// mosaik starts the program of the example, with a time resolution of 1 min.
func TestServeExample(t *testing.T) {
	self, err := os.Executable()
	require.NoError(t, err)
	out, _, err := inMosaik(t, "heat", self)
	require.NoError(t, err)
	require.JSONEq(t, `{"error": "RemoteException: ('Error', 'simulator \"Heat-0\": create Heater: parameter \"rated\" (a number in kW): cannot convert m to kW: length is not power; give what measures the same, or correct one of the units', 'Heat-0')",
		"heat": {"0": {"heat": {"Heat-0.Heater-0": 0.0, "Heat-0.Heater-1": 0.0}},
			"30": {"heat": {"Heat-0.Heater-0": 0.0, "Heat-0.Heater-1": 0.0}}, "60": {"heat": {"Heat-0.Heater-0": 1.5, "Heat-0.Heater-1": 0.0}},
			"90": {"heat": {"Heat-0.Heater-0": 1.5, "Heat-0.Heater-1": 0.0}}, "120": {"heat": {"Heat-0.Heater-0": 3.0, "Heat-0.Heater-1": 0.0}}}}`, out)
}

// counter is a simulator with all that mosaik can make use of: children,
// relations, extra information, extra methods, and inputs that others set.
type counter struct {
	start any
	in    sim.Input
	out   sim.Output
	seen  []string
}

func (c *counter) Init(context.Context, *sim.Env) (sim.Meta, error) {
	return sim.Meta{ExtraMethods: []string{"echo", "fail"}, Models: []sim.Model{
		{Name: "Counter", Params: []sim.Param{{Name: "start"}}, Attrs: []sim.Attr{{Name: "in", Input: true}, {Name: "out", Output: true}}},
		{Name: "Digit", Hidden: true},
	}}, nil
}

func (c *counter) Create(_ context.Context, num int, _ string, params sim.Params) ([]sim.NewEntity, error) {
	if num != 1 {
		return nil, errors.New("there is one")
	}
	c.start = params["start"]
	return []sim.NewEntity{{ID: "c", Model: "Counter", Extra: map[string]any{"start": c.start}, Related: []string{"d1"},
		Children: []sim.NewEntity{{ID: "d0", Model: "Digit", Extra: "low"}, {ID: "d1", Model: "Digit"}},
		Inputs:   map[string]*sim.Input{"in": &c.in}, Outputs: map[string]*sim.Output{"out": &c.out}}}, nil
}

func (c *counter) Call(_ context.Context, method string, args []any, kwargs sim.Params) (sim.Value, error) {
	if method == "fail" {
		return sim.Null, fmt.Errorf("it failed: %v", args[0])
	}
	return sim.ValueOf([]any{args, map[string]any(kwargs)}), nil
}

func (c *counter) Step(_ context.Context, s *sim.Step) (sim.Time, error) {
	text := fmt.Sprint(s.Time())
	for src, v := range c.in.Sources() {
		text += fmt.Sprintf(" %s=%v", src, v)
	}
	c.seen = append(c.seen, text)
	c.out.SetValue(sim.Int(int64(len(c.seen))))
	return s.Time() + seconds(1), nil
}

// asker asks in the middle of its steps.
type asker struct {
	env  *sim.Env
	in   sim.Input
	seen []string
	read []string // with get_data
}

func (a *asker) Init(_ context.Context, env *sim.Env) (sim.Meta, error) {
	a.env = env
	return sim.Meta{Models: []sim.Model{{Name: "Agent", Attrs: []sim.Attr{{Name: "in", Input: true}}}}}, nil
}

func (a *asker) Create(context.Context, int, string, sim.Params) ([]sim.NewEntity, error) {
	return []sim.NewEntity{{ID: "a", Model: "Agent", Inputs: map[string]*sim.Input{"in": &a.in}}}, nil
}

func (a *asker) SetupDone(ctx context.Context) error {
	g, err := a.env.Requests.Related(ctx)
	a.seen = append(a.seen, fmt.Sprint(len(g.Nodes), " entities"))
	return err
}

func (a *asker) Step(ctx context.Context, s *sim.Step) (sim.Time, error) {
	r := a.env.Requests
	progress, err := r.Progress(ctx)
	if err != nil || progress < 0 || progress > 100 {
		return 0, fmt.Errorf("progress: %v, %w", progress, err)
	}
	g, err := r.Related(ctx, "Agent.a")
	if err != nil {
		return 0, err
	}
	v, err := r.GetData(ctx, "Counter.c", "out")
	if err != nil {
		return 0, err
	}
	if err := r.SetData(ctx, "Agent.a", "Counter.c", "in", sim.ValueOf([]any{int64(s.Time() / seconds(1)), 0.5})); err != nil {
		return 0, err
	}
	_, refused := r.GetData(ctx, "Agent.a", "in")
	_, unknown := r.Related(ctx, "Agent.b")
	slices.SortFunc(g.Nodes, func(a, b sim.EntityNode) int { return strings.Compare(a.ID, b.ID) })
	a.seen = append(a.seen, fmt.Sprint(s.Time(), " ", a.in.Value(), " ", *g, refused != nil, unknown != nil))
	a.read = append(a.read, v.String())
	return s.Time() + seconds(2), nil
}

// What a simulator asks mosaik is answered as it is here.
func TestServeRequests(t *testing.T) {
	w := newWorld(t)
	c, a := &counter{}, &asker{}
	ci, err := w.Add(t.Context(), "Counter", c, sim.AddOptions{})
	require.NoError(t, err)
	ai, err := w.Add(t.Context(), "Agent", a, sim.AddOptions{})
	require.NoError(t, err)
	source, agent := create(t, ci, "Counter", 1, nil)[0], create(t, ai, "Agent", 1, nil)[0]
	require.NoError(t, w.Connect(source, "out", agent, "in", sim.ConnectOptions{AsyncRequests: true}))
	_, err = w.Run(t.Context(), sim.RunOptions{Until: seconds(4)})
	require.NoError(t, err)
	require.Len(t, a.seen, 3)

	served, asking := &counter{}, &asker{}
	counterAt, counterEnd := serveListening(t, served)
	askerAt, askerEnd := serveListening(t, asking)
	out, _, err := inMosaik(t, "ask", counterAt, askerAt)
	require.NoError(t, err)
	require.NoError(t, counterEnd())
	require.NoError(t, askerEnd())
	require.Equal(t, a.seen, asking.seen)
	require.Equal(t, c.seen, served.seen)
	// mosaik may answer as of the asker's last step (docs/mosaik.md).
	require.Equal(t, []string{"1", "3"}, a.read)
	require.Len(t, asking.read, 2)
	require.Equal(t, "1", asking.read[0])
	require.Contains(t, []string{"1", "3"}, asking.read[1])
	require.Equal(t, strings.TrimSpace(`{"children": [["d0", "Digit", "low"], ["d1", "Digit", null]], "extra": {"start": [1, {"a": 2.0}]}, `+
		`"related": ["Agent.a", "Counter.d1"], "before": {"out": null}, "echo": [[[1, 1.0, 100000000000000000000, Infinity]], {"b": {"k": null}}], `+
		`"error": "RemoteException: ('Error', 'simulator \"Counter\": fail: it failed: no way', 'Counter')"}`), strings.TrimSpace(out))
}

// alarm is event-based and told of an event from outside.
type alarm struct {
	env  *sim.Env
	seen []sim.Time
}

func (a *alarm) Init(_ context.Context, env *sim.Env) (sim.Meta, error) {
	a.env = env
	return sim.Meta{Type: sim.EventBased, Models: []sim.Model{{Name: "Alarm"}}}, nil
}

func (a *alarm) Create(context.Context, int, string, sim.Params) ([]sim.NewEntity, error) {
	return []sim.NewEntity{{ID: "a", Model: "Alarm"}}, nil
}

func (a *alarm) SetupDone(ctx context.Context) error {
	if err := a.env.Requests.SetEvent(ctx, seconds(1)/2); err == nil {
		return errors.New("mosaik has no half seconds")
	}
	// mosaik takes events from outside when it runs, at the latest in a step.
	return a.env.Requests.SetEvent(ctx, seconds(2))
}

func (a *alarm) Step(_ context.Context, s *sim.Step) (sim.Time, error) {
	a.seen = append(a.seen, s.Time())
	return sim.Never, nil
}

func TestServeEvent(t *testing.T) {
	a := &alarm{}
	address, end := serveListening(t, a)
	_, _, err := inMosaik(t, "event", address)
	require.NoError(t, err)
	require.NoError(t, end())
	require.Equal(t, []sim.Time{seconds(2)}, a.seen)
}

// bad fails, in one of several ways.
type bad struct {
	counter
	how string
}

func (b *bad) Init(ctx context.Context, env *sim.Env) (sim.Meta, error) {
	if b.how == "init" {
		return sim.Meta{}, errors.New("no licence")
	}
	m, err := b.counter.Init(ctx, env)
	m.Models[0].Name = "Bad"
	return m, err
}

func (b *bad) Create(ctx context.Context, num int, model string, params sim.Params) ([]sim.NewEntity, error) {
	if b.how == "create" {
		return nil, errors.New("no room")
	}
	made, err := b.counter.Create(ctx, num, model, params)
	made[0].Model = model
	return made, err
}

func (b *bad) Step(_ context.Context, s *sim.Step) (sim.Time, error) {
	switch b.how {
	case "step":
		return 0, errors.New("no convergence")
	case "panic":
		panic("no idea")
	case "half":
		return s.Time() + seconds(1)/2, nil
	}
	return s.Time(), nil
}

func TestServeFailures(t *testing.T) {
	for how, c := range map[string]struct {
		here, there string // what the simulator's program is told, and what mosaik says
		goesOn      bool   // mosaik ends as if nothing had happened
	}{
		"init":   {`simulator "Bad": init: no licence`, "no licence", false},
		"create": {"", "no room", false},
		"step":   {`t=0s: simulator "Bad": step: no convergence`, "no convergence", true},
		"panic":  {`panic: no idea`, "no idea", true},
		"half":   {`t=0s: its next step would be at 0.5s, which is not a multiple of the time resolution, 1s; give the World a time_resolution that divides it`, "0.5s", true},
		"past":   {`it wants to step next at 0s, which is not after the present 0s`, "not after the present", true},
	} {
		t.Run(how, func(t *testing.T) {
			address, end := serveListening(t, &bad{how: how})
			_, said, err := inMosaik(t, "fail", address)
			require.Equal(t, c.goesOn, err == nil, "%v", err)
			require.Contains(t, said, c.there)
			if err := end(); c.here == "" {
				require.NoError(t, err) // mosaik has asked it to stop
			} else {
				require.ErrorContains(t, err, c.here)
			}
		})
	}
}
