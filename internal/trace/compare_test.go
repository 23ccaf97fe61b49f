package trace_test

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/container"
	"github.com/simrun/simrun/internal/trace"
	"github.com/simrun/simrun/scheduler"
	"github.com/simrun/simrun/sim"
)

// stage adds something to what it sees: from a time on something else.
type stage struct {
	Add  float64       `param:"add" default:"1" doc:"is added"`
	Late time.Duration `param:"late" default:"1h" doc:"when more is added"`
	More float64       `param:"more" default:"0" doc:"is added then"`

	In  sim.Input  `attr:"in" doc:"number"`
	Out sim.Output `attr:"out" doc:"number"`
}

func (s *stage) Step(step *sim.Step) error {
	v := s.In.Float() + s.Add
	if time.Duration(step.Time()) >= s.Late {
		v += s.More
	}
	s.Out.Set(v)
	return nil
}

// chainRun runs a chain of stages a, b and c, and a fourth, d, that nobody reads, with
// parameters by stage.
func chainRun(t *testing.T, seed uint64, params map[string]sim.Params) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "trace.zst")
	w, err := trace.Create(path, trace.About{Scenario: "chain", Version: "test"})
	require.NoError(t, err)
	world := sim.NewWorld(sim.Config{Seed: seed, Trace: w})
	ctx := context.Background()
	var last *sim.Entity
	for _, name := range []string{"a", "b", "c", "d"} {
		in, err := world.Add(ctx, name, sim.NewModel[stage](sim.ModelConfig{Name: "Stage", Step: time.Second}), sim.AddOptions{})
		require.NoError(t, err)
		es, err := in.Create(ctx, "Stage", 1, params[name])
		require.NoError(t, err)
		if last != nil && name != "d" {
			require.NoError(t, world.Connect(last, "out", es[0], "in", sim.ConnectOptions{}))
		}
		last = es[0]
	}
	sum, err := world.Run(ctx, sim.RunOptions{Until: 10 * scheduler.Second})
	require.NoError(t, err)
	require.NoError(t, world.Close())
	require.NoError(t, w.Close(trace.End{Complete: sum.Complete, Reached: sum.Reached}))
	return path
}

func compare(t *testing.T, a, b string) string {
	t.Helper()
	d, ended, err := trace.Compare(a, b)
	require.NoError(t, err)
	var text strings.Builder
	switch {
	case d != nil:
		require.NoError(t, d.Report(&text, [2]string{"A", "B"}))
	case ended != nil:
		require.NoError(t, ended.Report(&text, [2]string{"A", "B"}))
	}
	return text.String()
}

func TestEqualRuns(t *testing.T) {
	require.Empty(t, compare(t, chainRun(t, 1, nil), chainRun(t, 1, nil)))
}

// Of two runs of which one has another parameter, that of b, which tells from 5 s on, b
// is the origin, not c, which reads it, and not d, which comes to its 5 s as well.
func TestDiffNamesTheOrigin(t *testing.T) {
	a := chainRun(t, 1, nil)
	b := chainRun(t, 1, map[string]sim.Params{"b": {"late": "5s", "more": 0.5}})
	require.Equal(t, `A and B differ from t=5s on; before, they are equal: 20 steps.
Nothing is known to differ in how the runs were made.

First difference: b step 6 at 5s, made because its step 5 asked for it
  b.Stage-0.out: 2.0 in A, 2.5 in B
Up to then b has seen the same in both runs: the difference comes from b itself, from
its parameters, its random numbers, its program, or what it reads from elsewhere.

What led to it, in both runs, the last first:
    saw from a step 6: a.Stage-0.out = 1.0
  a step 6 at 5s, made because its step 5 asked for it
      a.Stage-0.out = 1.0
  b step 5 at 4s, made because its step 4 asked for it
      b.Stage-0.out = 2.0
    saw from a step 5: a.Stage-0.out = 1.0
  a step 5 at 4s, made because its step 4 asked for it
      a.Stage-0.out = 1.0
  a step 4 at 3s, made because its step 3 asked for it
      a.Stage-0.out = 1.0
`, compare(t, a, b))
}

// What differs at the same time without having seen a difference is told as well.
func TestDiffNamesAllOrigins(t *testing.T) {
	text := compare(t, chainRun(t, 1, nil), chainRun(t, 2, map[string]sim.Params{"b": {"add": 2}, "d": {"add": 3}}))
	require.Contains(t, text, "  seed: 1 in A, 2 in B\n")
	require.Contains(t, text, "First difference: b step 1 at 0s, made because it is its first\n  b.Stage-0.out: 2.0 in A, 3.0 in B\n")
	require.Contains(t, text, "At the same time, for reasons of their own:\n  d step 1: d.Stage-0.out: 1.0 in A, 3.0 in B\n")
	require.NotContains(t, text, "c.Stage-0")
}

// A trace of which the end is missing is equal to the other as far as it goes.
func TestDiffOfARunThatWasKilled(t *testing.T) {
	whole := chainRun(t, 1, nil)
	text, err := os.ReadFile(whole)
	require.NoError(t, err)
	cut := filepath.Join(t.TempDir(), "cut.zst")
	require.NoError(t, os.WriteFile(cut, text[:len(text)-20], 0o644))
	require.Contains(t, compare(t, cut, whole), "A and B are equal as far as both go, ")
	require.Contains(t, compare(t, whole, cut), "B has ended in the middle: the run was killed, or is under way.\nA goes on at ")
}

// buyer asks sellers for prices every second; a seller may raise its price.
type buyer struct {
	container.Agent
	Paid sim.Output `attr:"paid" doc:"to the cheapest"`
}

func (b *buyer) Start(ctx context.Context) error {
	for {
		best := math.Inf(1)
		for _, seller := range []string{"s1", "s2"} {
			p, err := container.As[float64](b.Call(ctx, seller, "price"))
			if err != nil {
				return err
			}
			best = min(best, p)
		}
		b.Paid.Set(best)
		if err := b.Sleep(ctx, time.Second); err != nil {
			return err
		}
	}
}

type seller struct {
	container.Agent
	Price float64       `param:"price" doc:"is asked for"`
	Late  time.Duration `param:"late" default:"1h" doc:"when it is more"`
}

func (s *seller) Init(*sim.Env, string) error {
	s.Expose("price", func(context.Context) (float64, error) {
		if time.Duration(s.Now()) >= s.Late {
			return s.Price + 1, nil
		}
		return s.Price, nil
	})
	return nil
}

func market(t *testing.T, late string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "trace.zst")
	w, err := trace.Create(path, trace.About{Scenario: "market"})
	require.NoError(t, err)
	world := sim.NewWorld(sim.Config{Trace: w})
	ctx := context.Background()
	in, err := world.Add(ctx, "agents", sim.NewAgents(sim.AgentOf[buyer]("Buyer", "buys"), sim.AgentOf[seller]("Seller", "sells")), sim.AddOptions{})
	require.NoError(t, err)
	for _, a := range []struct {
		model  string
		params sim.Params
	}{{"Buyer", sim.Params{"name": "b"}}, {"Seller", sim.Params{"name": "s1", "price": 3}}, {"Seller", sim.Params{"name": "s2", "price": 5, "late": late}}} {
		_, err := in.Create(ctx, a.model, 1, a.params)
		require.NoError(t, err)
	}
	sum, err := world.Run(ctx, sim.RunOptions{Until: 10 * scheduler.Second})
	require.NoError(t, err)
	require.NoError(t, world.Close())
	require.NoError(t, w.Close(trace.End{Complete: true, Reached: sum.Reached}))
	return path
}

// The price of s2 is never paid, so that no output tells the difference: its message
// does.
func TestDiffOfAgents(t *testing.T) {
	text := compare(t, market(t, "1h"), market(t, "4s"))
	require.Contains(t, text, `A and B differ from t=4s on; before, they are equal: 4 steps.`)
	require.Contains(t, text, `First difference: agents step 5 at 4s, made because its step 4 asked for it
  agents, in A: 4s round 4: answer s2 -> b: 5.0
  agents, in B: 4s round 4: answer s2 -> b: 6.0
    after 4s round 3: agent s2: price begins or goes on
    after 4s round 3: call b -> s2: price()
    after 4s round 2: agent b: Start begins or goes on
    after 4s round 2: answer s1 -> b: 3.0
Up to then agents has seen the same in both runs: the difference comes from its agent s2 itself, from
`)
}

func TestReportTellsWhatOnlyOneHas(t *testing.T) {
	a := chainRun(t, 1, nil)
	text := compare(t, a, market(t, "1h"))
	for _, want := range []string{"scenario: chain in A, market in B", "only A has: simulator a (time-based)", "First difference: only A has a step 1 at 0s", "only A has: first step of a at 0s\n"} {
		require.Contains(t, text, want)
	}
}

func TestNoTrace(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x")
	require.NoError(t, os.WriteFile(path, fmt.Append(nil, "time,value\n"), 0o644))
	_, err := trace.Open(path)
	require.EqualError(t, err, path+" is no trace; simrun run --trace writes one")
}
