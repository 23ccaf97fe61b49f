package sim_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/container"
	"github.com/simrun/simrun/scheduler"
	"github.com/simrun/simrun/sim"
)

// guest is an agent that leaves at its third input, and knows the date.
type guest struct {
	container.Agent
	In  sim.Input  `attr:"in" unit:"kW" doc:"what it reacts to"`
	Out sim.Output `attr:"out" doc:"the day of the month at which it got an input"`
}

func (g *guest) OnInput(context.Context) error {
	g.Out.Set(float64(g.UTC().Day()))
	if g.Now() == 2*scheduler.Second {
		return g.Leave()
	}
	return nil
}

// An agent that has left has no more inputs, and the run goes on. Agents know the
// date if the world has one.
func TestAgentThatLeavesARun(t *testing.T) {
	ctx := context.Background()
	w := sim.NewWorld(sim.Config{Start: time.Date(2024, 2, 28, 23, 59, 59, 0, time.UTC)})
	defer func() { require.NoError(t, w.Close()) }()
	in, err := w.Add(ctx, "agents", sim.NewAgents(sim.AgentOf[guest]("Guest", "leaves")), sim.AddOptions{})
	require.NoError(t, err)
	g, err := in.Create(ctx, "Guest", 1, sim.Params{"name": "g"})
	require.NoError(t, err)
	source := create(t, w, "source", ramp(time.Second), "Ramp", sim.Params{"from": 1.0})
	require.NoError(t, w.Connect(source, "out", g[0], "in", sim.ConnectOptions{}))
	var m sim.Memory
	require.NoError(t, w.Record(&m, 0, sim.Ref{Entity: g[0], Attr: "out"}))
	sum, err := w.Run(ctx, sim.RunOptions{Until: 6 * scheduler.Second})
	require.NoError(t, err)
	require.True(t, sum.Complete)
	_, days := m.Floats("agents.g", "out")
	require.Equal(t, []float64{28, 29, 29}, days)
}
