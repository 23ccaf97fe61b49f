package sim_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/simrun/simrun/container"
	"github.com/simrun/simrun/scheduler"
	"github.com/simrun/simrun/sim"
)

// house wants power, and is told how much of it it gets.
type house struct {
	container.Agent
	Want  sim.Input  `attr:"want" unit:"W" doc:"power wanted"`
	Gets  sim.Output `attr:"gets" unit:"kW" doc:"power given"`
	Asked sim.Output `attr:"asked,event" doc:"how often it was asked"`
	asked int
}

func (h *house) Start(ctx context.Context) error {
	h.Expose("want", func(context.Context) (float64, error) {
		h.asked++
		h.Asked.SetValue(sim.Int(int64(h.asked)))
		return h.Want.Float(), nil
	})
	h.Expose("get", func(_ context.Context, share float64) error {
		h.Gets.Set(share * h.Want.Float() / 1000)
		return nil
	})
	return nil
}

// OnInput has the grid share its power anew.
func (h *house) OnInput(ctx context.Context) error {
	_, err := h.Call(ctx, "grid", "share")
	return err
}

// grid shares its power among the houses in equal proportion.
type grid struct {
	container.Agent
	Limit  float64    `param:"limit" unit:"W" default:"3 kW" doc:"power there is"`
	Houses []string   `param:"houses" doc:"who shares it"`
	Total  sim.Output `attr:"total" unit:"W" doc:"power wanted by all"`
	last   scheduler.Time
}

func (g *grid) Start(ctx context.Context) error {
	g.last = -1
	g.Expose("share", func(ctx context.Context) error {
		if g.last == g.Now() { // every house that has news asks
			return nil
		}
		g.last = g.Now()
		return g.share(ctx)
	})
	return nil
}

func (g *grid) share(ctx context.Context) error {
	calls := make([]container.Call, len(g.Houses))
	for i, h := range g.Houses {
		calls[i] = container.Call{Agent: h, Method: "want"}
	}
	replies, err := g.Gather(ctx, calls...)
	if err != nil {
		return err
	}
	total := 0.0
	for _, r := range replies {
		want, err := container.As[float64](r.Value, r.Err)
		if err != nil {
			return err
		}
		total += want
	}
	g.Total.Set(total)
	for _, h := range g.Houses {
		if _, err := g.Call(ctx, h, "get", min(1, g.Limit/total)); err != nil {
			return err
		}
	}
	return nil
}

func agents() sim.Simulator {
	return sim.NewAgents(sim.AgentOf[house]("House", "takes power"), sim.AgentOf[grid]("Grid", "shares power"))
}

// district is a world in which two ramps tell two houses what to want.
func district(t *testing.T, houses ...string) (*sim.World, *sim.Memory) {
	t.Helper()
	ctx := context.Background()
	w := sim.NewWorld(sim.Config{})
	t.Cleanup(func() { require.NoError(t, w.Close()) })
	in, err := w.Add(ctx, "agents", agents(), sim.AddOptions{})
	require.NoError(t, err)
	g, err := in.Create(ctx, "Grid", 1, sim.Params{"name": "grid", "houses": []string{"a", "b"}})
	require.NoError(t, err)
	byName := make(map[string]*sim.Entity)
	for _, name := range houses {
		es, err := in.Create(ctx, "House", 1, sim.Params{"name": name})
		require.NoError(t, err)
		byName[name] = es[0]
	}
	fast := create(t, w, "fast", ramp(time.Second), "Ramp", sim.Params{"from": 1.0})
	slow := create(t, w, "slow", ramp(2*time.Second), "Ramp", sim.Params{"from": 1.0})
	require.NoError(t, w.Connect(fast, "out", byName["a"], "want", sim.ConnectOptions{}))
	require.NoError(t, w.Connect(slow, "out", byName["b"], "want", sim.ConnectOptions{}))
	var m sim.Memory
	require.NoError(t, w.Record(&m, 0,
		sim.Ref{Entity: g[0], Attr: "total"},
		sim.Ref{Entity: byName["a"], Attr: "gets"},
		sim.Ref{Entity: byName["b"], Attr: "gets"},
		sim.Ref{Entity: byName["b"], Attr: "asked"}))
	return w, &m
}

// Agents negotiate at the time of their inputs, and their outputs are as of then.
func TestAgentsShareWithinOneStep(t *testing.T) {
	w, m := district(t, "a", "b")
	sum, err := w.Run(context.Background(), sim.RunOptions{Until: 4 * scheduler.Second})
	require.NoError(t, err)
	require.True(t, sum.Complete)

	times, total := m.Floats("agents.grid", "total")
	require.Equal(t, []sim.Time{0, scheduler.Second, 2 * scheduler.Second, 3 * scheduler.Second}, times)
	require.Equal(t, []float64{2000, 3000, 5000, 6000}, total, "the inputs are converted from kW")
	_, a := m.Floats("agents.a", "gets")
	require.Equal(t, []float64{1, 2, 3 * 0.6, 4 * 0.5}, a)
	_, b := m.Floats("agents.b", "gets")
	require.Equal(t, []float64{1, 1, 2 * 0.6, 2 * 0.5}, b)
	_, asked := m.Floats("agents.b", "asked")
	require.Equal(t, []float64{1, 2, 3, 4}, asked)
}

func TestAgentsDoNotDependOnTheOrderOfCreation(t *testing.T) {
	digest := func(houses ...string) *sim.Memory {
		w, m := district(t, houses...)
		_, err := w.Run(context.Background(), sim.RunOptions{Until: 100 * scheduler.Second})
		require.NoError(t, err)
		return m
	}
	require.Equal(t, digest("a", "b"), digest("b", "a"))
}

// clock is an agent without inputs that puts out its time.
type clock struct {
	container.Agent
	Period time.Duration `param:"every" default:"90s" doc:"how often"`
	Fail   string        `param:"fail" default:"" doc:"what to do at 3 minutes"`
	Zone   sim.Input     `attr:"zone,quiet" doc:"hours to add to the time"`
	Out    sim.Output    `attr:"out" unit:"h" doc:"the time"`
	id     string
}

func (c *clock) Init(_ *sim.Env, id string) error {
	if id == "unwanted" {
		return errors.New("not this one")
	}
	c.id = id
	return nil
}

func (c *clock) Start(ctx context.Context) error {
	if c.id != c.Name() {
		return fmt.Errorf("called %q, is %q", c.Name(), c.id)
	}
	return c.Every(ctx, c.Period, func(ctx context.Context) error {
		c.Out.Set(c.Zone.Float() + c.Now().Seconds()/3600)
		if c.Now() == 3*scheduler.Minute {
			switch c.Fail {
			case "error":
				return errors.New("the spring broke")
			case "panic":
				panic("the spring broke")
			case "endless":
				for {
					if err := c.Sleep(ctx, 0); err != nil {
						return err
					}
				}
			}
		}
		return nil
	})
}

// OnInput must not be called: the only input is quiet.
func (c *clock) OnInput(context.Context) error { return errors.New("unexpected input") }

func newClocks(t *testing.T, num int, p sim.Params) (*sim.World, []*sim.Entity, error) {
	t.Helper()
	w := sim.NewWorld(sim.Config{})
	t.Cleanup(func() { require.NoError(t, w.Close()) })
	in, err := w.Add(context.Background(), "clocks", sim.NewAgents(sim.AgentOf[clock]("Clock", "tells the time")), sim.AddOptions{})
	require.NoError(t, err)
	es, err := in.Create(context.Background(), "Clock", num, p)
	return w, es, err
}

func TestAgentsLeaveNoGoroutine(t *testing.T) {
	t.Cleanup(func() { goleak.VerifyNone(t) }) // after the world is closed
	w, _, err := newClocks(t, 100, nil)
	require.NoError(t, err)
	_, err = w.Run(context.Background(), sim.RunOptions{Until: 5 * scheduler.Minute})
	require.NoError(t, err)
}

func TestAgentsLimitOnRounds(t *testing.T) {
	ctx := context.Background()
	for _, test := range []struct {
		rounds any
		want   string
	}{
		{0, "parameter max_rounds: 0 is not positive"},
		{"many", "parameter max_rounds:"},
		{3, "no end after 3 rounds"},
	} {
		t.Run(fmt.Sprint(test.rounds), func(t *testing.T) {
			w := sim.NewWorld(sim.Config{})
			defer w.Close()
			in, err := w.Add(ctx, "clocks", sim.NewAgents(sim.AgentOf[clock]("Clock", "")),
				sim.AddOptions{Params: sim.Params{"max_rounds": test.rounds}})
			if err == nil {
				_, err = in.Create(ctx, "Clock", 1, sim.Params{"fail": "endless"})
				require.NoError(t, err)
				_, err = w.Run(ctx, sim.RunOptions{Until: 5 * scheduler.Minute})
			}
			require.ErrorContains(t, err, test.want)
		})
	}
}

// Agents step when they want to, and only then: a quiet input is there to be
// read, but causes nothing.
func TestAgentsWakeUpByThemselves(t *testing.T) {
	w, es, err := newClocks(t, 2, nil)
	require.NoError(t, err)
	zone := create(t, w, "zone", ramp(100*time.Second), "Ramp", nil)
	require.NoError(t, w.Connect(zone, "out", es[1], "zone", sim.ConnectOptions{}))
	require.Equal(t, "clocks.Clock-0", es[0].FullID())
	require.Equal(t, "clocks.Clock-1", es[1].FullID())
	var m sim.Memory
	require.NoError(t, w.Record(&m, 0, sim.Ref{Entity: es[1], Attr: "out"}))
	sum, err := w.Run(context.Background(), sim.RunOptions{Until: 5 * scheduler.Minute})
	require.NoError(t, err)
	_, out := m.Floats("clocks.Clock-1", "out")
	require.Equal(t, []float64{0, 0 + 0.025, 1 + 0.05, 2 + 0.075}, out)
	require.EqualValues(t, 4, sum.Instances[0].Stats().Steps)
}

func TestAgentFailureNamesAgentAndTime(t *testing.T) {
	for fail, want := range map[string]string{
		"error":   `"big-ben", Start.func1: the spring broke`,
		"panic":   `"big-ben", Start.func1: panic: the spring broke`,
		"endless": `no end after 10000 rounds at one time (MaxRounds), the last were caused by "big-ben"`,
	} {
		t.Run(fail, func(t *testing.T) {
			w, _, err := newClocks(t, 1, sim.Params{"name": "big-ben", "fail": fail})
			require.NoError(t, err)
			sum, err := w.Run(context.Background(), sim.RunOptions{Until: 5 * scheduler.Minute})
			require.ErrorContains(t, err, `t=180s: simulator "clocks": step: `)
			require.ErrorContains(t, err, want)
			require.False(t, sum.Complete)
		})
	}
}

func TestAgentNames(t *testing.T) {
	_, es, err := newClocks(t, 2, sim.Params{"name": "tower"})
	require.NoError(t, err)
	require.Equal(t, "tower-0", es[0].ID())
	require.Equal(t, "tower-1", es[1].ID())

	_, _, err = newClocks(t, 1, sim.Params{"name": 3})
	require.ErrorContains(t, err, `parameter "name": 3 is not a name; give text`)
	_, _, err = newClocks(t, 1, sim.Params{"name": "unwanted"})
	require.ErrorContains(t, err, "unwanted: not this one")
	_, _, err = newClocks(t, 1, sim.Params{"every": "often"})
	require.ErrorContains(t, err, `Clock-0: parameter "every"`)
	_, _, err = newClocks(t, 1, sim.Params{"evry": "1s"})
	require.ErrorContains(t, err, `did you mean "every"?`)
}

func TestAgentTypesThatAreWrong(t *testing.T) {
	type noAgent struct {
		Out sim.Output `attr:"out"`
	}
	type named struct {
		container.Agent
		Name string `param:"name"`
	}
	require.PanicsWithValue(t, "sim: agent type sim_test.noAgent does not embed container.Agent",
		func() { sim.AgentOf[noAgent]("X", "") })
	require.PanicsWithValue(t, `sim: agent type sim_test.named: every agent has a parameter "name" already; call it otherwise`,
		func() { sim.AgentOf[named]("X", "") })
	require.PanicsWithValue(t, `sim: two agent types named "Clock"`,
		func() { sim.NewAgents(sim.AgentOf[clock]("Clock", ""), sim.AgentOf[clock]("Clock", "")) })
}
