package sim_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/container"
	"github.com/simrun/simrun/scheduler"
	"github.com/simrun/simrun/sim"
)

// echo is an agent that asks another of its kind, and puts out when it has the answer.
type echo struct {
	container.Agent
	Peer string     `param:"peer" default:"" doc:"whom it asks"`
	Took sim.Output `attr:"took" doc:"how long the answer took, in seconds"`
}

func (e *echo) Start(ctx context.Context) error {
	e.Expose("ask", container.Instant0(func() (bool, error) { return true, nil }))
	if e.Peer == "" {
		return nil
	}
	_, err := e.Call(e.Within(ctx, time.Minute), e.Peer, "ask")
	if err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	e.Took.Set(e.Now().Seconds())
	return nil
}

// echoes runs two agents and returns how long a call took.
func echoes(t *testing.T, params sim.Params) (float64, error) {
	ctx := context.Background()
	w := sim.NewWorld(sim.Config{Seed: 4})
	defer func() { require.NoError(t, w.Close()) }()
	in, err := w.Add(ctx, "agents", sim.NewAgents(sim.AgentOf[echo]("Echo", "asks")), sim.AddOptions{Params: params})
	if err != nil {
		return 0, err
	}
	_, err = in.Create(ctx, "Echo", 1, sim.Params{"name": "a"})
	require.NoError(t, err)
	b, err := in.Create(ctx, "Echo", 1, sim.Params{"name": "b", "peer": "a"})
	require.NoError(t, err)
	var m sim.Memory
	require.NoError(t, w.Record(&m, 0, sim.Ref{Entity: b[0], Attr: "took"}))
	_, err = w.Run(ctx, sim.RunOptions{Until: scheduler.Hour})
	require.NoError(t, err)
	_, took := m.Floats("agents.b", "took")
	require.NotEmpty(t, took)
	return took[len(took)-1], nil
}

// Messages between agents take the time that the simulator's parameters say, or do not
// arrive.
func TestAgentMessagesTakeTime(t *testing.T) {
	for _, test := range []struct {
		params      sim.Params
		least, most float64
	}{
		{nil, 0, 0},
		{sim.Params{"delay": "2s"}, 4, 4},
		{sim.Params{"delay": 2 * time.Second, "jitter": "1s"}, 4.001, 5.999},
		{sim.Params{"jitter": "10s", "loss": 0}, 0.001, 19.999},
		{sim.Params{"loss": "100%"}, 60, 60},
	} {
		took, err := echoes(t, test.params)
		require.NoError(t, err)
		require.GreaterOrEqual(t, took, test.least, test.params)
		require.LessOrEqual(t, took, test.most, test.params)
	}
	for _, test := range []struct {
		params sim.Params
		want   string
	}{
		{sim.Params{"delay": 1}, "parameter delay: 1 has no unit of time"},
		{sim.Params{"delay": -time.Second}, "parameter delay: -1s is negative"},
		{sim.Params{"jitter": -time.Second}, "parameter jitter: -1s is negative"},
		{sim.Params{"loss": "101%"}, "parameter loss: 1.01 is no probability; give a number from 0 to 1"},
		{sim.Params{"loss": -0.5}, "parameter loss: -0.5 is no probability"},
		{sim.Params{"round_timeout": "1s"}, "round_timeout"},
	} {
		_, err := echoes(t, test.params)
		require.ErrorContains(t, err, test.want)
	}
}
