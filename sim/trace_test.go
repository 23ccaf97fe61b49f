package sim_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/container"
	"github.com/simrun/simrun/internal/trace"
	"github.com/simrun/simrun/internal/worldtest"
	"github.com/simrun/simrun/scheduler"
	"github.com/simrun/simrun/sim"
)

// traceMemory is a Tracer that keeps everything.
type traceMemory struct {
	world sim.TraceWorld
	steps []sim.TraceStep
	err   error // of Write
}

func (m *traceMemory) Begin(w sim.TraceWorld) error { m.world = w; return nil }

func (m *traceMemory) Write(steps []sim.TraceStep) error {
	for _, s := range steps {
		s.Values = append([]sim.TraceValue(nil), s.Values...)
		m.steps = append(m.steps, s)
	}
	return m.err
}

// checkOrder checks that steps come in their order, none twice.
func (m *traceMemory) checkOrder(t *testing.T) {
	for i := 1; i < len(m.steps); i++ {
		a, b := &m.steps[i-1], &m.steps[i]
		require.Negative(t, scheduler.CompareSteps(m.world.Sims[a.Sim].Places, a.Stamp, m.world.Sims[b.Sim].Places, b.Stamp), "%v, %v", a, b)
	}
}

// The trace of a random world has the steps and the outputs that the rules say.
func TestTraceHasWhatTheRulesSay(t *testing.T) {
	for seed := range uint64(100) {
		p := newPlan(seed + 1)
		expected, err := p.Interpret(p.act)
		require.NoError(t, err)
		var m traceMemory
		p.trace = &m
		p.run(t)
		m.checkOrder(t)
		got, want := map[string][]string{}, map[string][]string{}
		for i, s := range p.Sims {
			outputs := map[string]int{}
			for _, step := range expected.Steps[i] {
				a := p.act(i, step)
				next := sim.Never
				if a.Next > 0 {
					next = sim.Time(a.Next)
				}
				text := fmt.Sprintf("%d %v next %d as of %d", step.Time, step.Round, next, a.At)
				for _, attr := range []string{"event", "out"} {
					for _, o := range a.Outputs {
						if o.Attr == attr {
							text += fmt.Sprintf(" %s=%s %v", attr, o.Value, o.Omitted)
							outputs[attr]++
						}
					}
				}
				want[s.Name] = append(want[s.Name], text)
			}
		}
		for _, s := range m.steps {
			var round [worldtest.Levels]int
			for level := range round {
				round[level] = s.Stamp.Tier.Level(level)
			}
			text := fmt.Sprintf("%d %v next %d as of %d", s.Stamp.Time, round, s.Next, s.Output)
			for _, v := range s.Values {
				o := m.world.Outputs[v.Output]
				require.Equal(t, s.Sim, o.Sim)
				text += fmt.Sprintf(" %s=%v %v", o.Attr, v.Value, v.Omitted)
			}
			name := m.world.Sims[s.Sim].Name
			got[name] = append(got[name], text)
		}
		require.Equal(t, want, got, "seed %d\n%s", seed+1, p)
	}
}

// caller asks the other for a number every ten seconds, and tells it so.
type caller struct {
	container.Agent
	Other string     `param:"other" default:"b" doc:"name of the other"`
	Sum   sim.Output `attr:"sum" doc:"of the numbers"`
}

func (a *caller) Start(ctx context.Context) error {
	for i := range 3 {
		n, err := container.As[float64](a.Call(ctx, a.Other, "number", i))
		if err != nil {
			return err
		}
		a.Sum.Set(n)
		if err := a.Send(a.Other, "thanks"); err != nil {
			return err
		}
		if err := a.Sleep(ctx, 10*time.Second); err != nil {
			return err
		}
	}
	return nil
}

type answerer struct{ container.Agent }

func (a *answerer) Init(*sim.Env, string) error {
	a.Expose("number", func(_ context.Context, i int) (float64, error) {
		if i == 2 {
			return 0, errors.New("no more")
		}
		return 1.5 * float64(i), nil
	})
	a.Expose("thanks", func(context.Context) error { return nil })
	return nil
}

// The trace has all that agents do, with who caused what.
func TestTraceOfAgents(t *testing.T) {
	var m traceMemory
	w := sim.NewWorld(sim.Config{Trace: &m})
	ctx := context.Background()
	in, err := w.Add(ctx, "agents", sim.NewAgents(sim.AgentOf[caller]("Caller", "asks"), sim.AgentOf[answerer]("Answerer", "knows")), sim.AddOptions{})
	require.NoError(t, err)
	for name, model := range map[string]string{"a": "Caller", "b": "Answerer"} {
		_, err := in.Create(ctx, model, 1, sim.Params{"name": name})
		require.NoError(t, err)
	}
	_, err = w.Run(ctx, sim.RunOptions{Until: sim.Time(time.Minute)})
	require.ErrorContains(t, err, "no more")
	require.NoError(t, w.Close())

	var lines []string
	known := map[scheduler.Key]bool{0: true}
	for _, s := range m.steps {
		for _, e := range s.Agents {
			known[e.Key] = true
			line := fmt.Sprintf("%v round %d %s %s", e.Time, e.Round, e.Agent, e.Behaviour)
			if g := e.Message; g != nil {
				require.True(t, known[g.Sent], "what caused %v has been before", g)
				line += fmt.Sprintf("%v %v %s to %s %s %s%s", g.Fate, g.Kind, g.From, g.To, g.Method, g.Content, g.Err)
			}
			lines = append(lines, line)
		}
	}
	require.Equal(t, []string{
		"0s round 0 a Start", "0s round 1 a arrived call a to b number [0]", "0s round 1 b number", "0s round 2 b arrived answer b to a  0.0", "0s round 2 a Start",
		"0s round 3 a arrived message a to b thanks []", "0s round 3 b thanks",
		"10s round 0 a Start", "10s round 1 a arrived call a to b number [1]", "10s round 1 b number", "10s round 2 b arrived answer b to a  1.5", "10s round 2 a Start",
		"10s round 3 a arrived message a to b thanks []", "10s round 3 b thanks",
		"20s round 0 a Start", "20s round 1 a arrived call a to b number [2]", "20s round 1 b number", "20s round 2 b arrived answer b to a  no more", "20s round 2 a Start",
	}, lines)
	last := m.steps[len(m.steps)-1]
	require.Contains(t, last.Err, "no more")
	require.False(t, last.Unsettled, "all that comes before has happened")
}

// A trace that cannot be written ends the run.
func TestTraceThatFails(t *testing.T) {
	full := errors.New("disk full")
	m := traceMemory{err: full}
	w := sim.NewWorld(sim.Config{Trace: &m})
	defer w.Close()
	createMany(t, w, "one", ramp(time.Second), 1)
	_, err := w.Run(context.Background(), sim.RunOptions{Until: sim.Time(time.Minute)})
	var sink *sim.SinkError
	require.ErrorAs(t, err, &sink)
	require.ErrorIs(t, err, full)
}

// Much that happens does not gather: the trace is written while the run goes on.
func TestTraceIsWrittenOnTheWay(t *testing.T) {
	m := &mostHeld{}
	w := sim.NewWorld(sim.Config{Trace: m})
	defer w.Close()
	createMany(t, w, "one", ramp(time.Second), 100)
	_, err := w.Run(context.Background(), sim.RunOptions{Until: sim.Time(2000 * time.Second)})
	require.NoError(t, err)
	require.Equal(t, 2000, m.steps)
	require.Less(t, m.most, 500)
}

type mostHeld struct{ steps, most int }

func (m *mostHeld) Begin(sim.TraceWorld) error { return nil }
func (m *mostHeld) Write(steps []sim.TraceStep) error {
	m.steps += len(steps)
	m.most = max(m.most, len(steps))
	return nil
}

// BenchmarkTrace is BenchmarkStep with a tracer that forgets everything.
func BenchmarkTrace(b *testing.B) {
	benchmarkRing(b, sim.Config{Trace: &mostHeld{most: math.MinInt}})
}

// What a Replay derives from the trace of a random world is what its steps have
// really seen, and every step has a cause.
func TestReplaySeesWhatStepsSee(t *testing.T) {
	steps, seen, set := 0, 0, 0
	for seed := range uint64(400) {
		p := newPlanOf(seed+1, worldtest.Options{Shift: 6, Asks: seed%2 == 0})
		expected, err := p.Interpret(p.act)
		require.NoError(t, err)
		var m traceMemory
		p.trace = &m
		p.run(t)
		replay := trace.NewReplay(&m.world)
		count := make(map[string]int)
		for i := range m.steps {
			s := &m.steps[i]
			replay.Step(s)
			name := m.world.Sims[s.Sim].Name
			require.NotEmpty(t, replay.Causes(), "seed %d, %s at %v\n%s", seed+1, name, s.Stamp, p)
			for _, c := range replay.Causes() {
				require.True(t, c.Kind == trace.Initial || c.Step.N > 0)
			}
			got := make(map[string][]string) // by attribute and source
			for _, in := range replay.Inputs() {
				if q := in.Request; q != nil {
					key := q.Attr + " " + q.Source
					got[key] = append(got[key], in.Value.String())
					set++
					continue
				}
				c := m.world.Connections[in.Connection]
				key := c.Attr + " " + m.world.Outputs[c.Output].Entity
				got[key] = append(got[key], in.Value.String())
				seen++
			}
			who := slices.IndexFunc(p.Sims, func(s worldtest.Sim) bool { return s.Name == name })
			want := make(map[string][]string)
			for _, in := range expected.Steps[who][count[name]].Inputs {
				// Initial values are negative numbers, or null before there is any.
				key := in.Attr + " " + in.Source
				if in.Value != "null" && in.Value[0] != '-' {
					want[key] = append(want[key], in.Value)
				}
			}
			for key := range got {
				got[key] = slices.DeleteFunc(got[key], func(v string) bool { return v == "null" }) // omitted
				if slices.Sort(got[key]); len(got[key]) == 0 {
					delete(got, key)
				}
			}
			for key := range want {
				slices.Sort(want[key])
			}
			require.Equal(t, want, got, "seed %d, %s at %v\n%s", seed+1, name, s.Stamp, p)
			count[name]++
			steps++
		}
	}
	require.Greater(t, steps, 2000)
	require.Greater(t, seen, steps)
	require.Greater(t, set, 200)
}
