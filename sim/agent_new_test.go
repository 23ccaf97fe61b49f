package sim_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/container"
	"github.com/simrun/simrun/scheduler"
	"github.com/simrun/simrun/sim"
)

// loner is an agent that lives outside of a run, too.
type loner struct {
	container.Agent
	Rated float64    `param:"rated" unit:"kW" doc:"power"`
	Share sim.Input  `attr:"share"`
	Power sim.Output `attr:"power"`
	id    string
	file  error
}

func (l *loner) Init(env *sim.Env, id string) error {
	l.id = id
	_, l.file = env.Open("data.csv")
	return nil
}

func (l *loner) Start(context.Context) error {
	l.Expose("power", func(context.Context) (float64, error) {
		l.Power.Set(l.Rated)
		return l.Rated * l.Share.Float(), nil
	})
	return nil
}

func TestAgentOutsideOfARun(t *testing.T) {
	kind := sim.AgentOf[loner]("Loner", "lives alone")
	agent, err := kind.New("Loner-0", sim.Params{"rated": "2 kW"})
	require.NoError(t, err)
	l := agent.(*loner)
	assert.Equal(t, "Loner-0", l.id)
	assert.EqualError(t, l.file, "open data.csv: an agent outside of a run has no files")

	loop := scheduler.NewLoop(scheduler.Config{})
	c := container.New(loop, "c")
	defer c.Close()
	require.NoError(t, c.Add("1", agent))
	require.NoError(t, c.Notify(0, "1", "test", func(ctx context.Context) error {
		power, err := container.As[float64](l.Call(ctx, "1", "power"))
		assert.Zero(t, power, "nothing is connected to the input")
		return err
	}))
	require.NoError(t, loop.AdvanceTo(t.Context(), 0))

	_, err = kind.New("Loner-1", nil)
	require.EqualError(t, err, `parameter "rated" is missing; give a number in kW, power`)
	_, err = kind.New("Loner-1", sim.Params{"rated": 1, "ratde": 2})
	require.EqualError(t, err, `no parameter "ratde"; did you mean "rated"?`)
}
