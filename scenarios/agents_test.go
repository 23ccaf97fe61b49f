package scenarios_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/container"
	"github.com/simrun/simrun/scenarios"
	"github.com/simrun/simrun/sim"
)

// Clerk tells a price: its own, plus what it is given.
type Clerk struct {
	container.Agent
	Own   float64    `param:"own" doc:"price to begin with"`
	Added sim.Input  `attr:"added"`
	Price sim.Output `attr:"price"`
}

func (c *Clerk) OnInput(context.Context) error {
	c.Price.Set(c.Own + c.Added.Float())
	return nil
}

// TestAgents: agents are called after their group, and are connected like
// entities.
func TestAgents(t *testing.T) {
	s, err := scenarios.Read(write(t, `simrun: 1
name: agents
until: 30m
simulators: {sun: {model: sun, params: {level: 10}}}
agents:
  chief: {type: Clerk, params: {own: 1}}
  clerk: {type: Clerk, count: 2, params: {own: "${100 * (i + 1)}"}}
  twin: {type: Clerk, count: 2, params: {own: 5}}
connect:
  - sun.ghi -> chief.added
  - sun.ghi -> clerk[*].added
  - sun.ghi -> twin[1].added
record: {values: [chief.price, "clerk[*].price", "twin[1].price"]}
`), scenarios.ReadOptions{Registry: testRegistry()})
	require.NoError(t, err)
	problems, warnings := s.Check(t.Context(), scenarios.CheckOptions{})
	require.Empty(t, problems)
	require.Equal(t, []string{`twin: nothing is connected to the input "added" of 1 of its 2 entities`}, texts(t, warnings))
	_, sinks := runScenario(t, s)
	for entity, want := range map[string]float64{"chief": 11, "clerk[0]": 110, "clerk[1]": 210, "twin[1]": 15} {
		_, got := sinks[0].Floats(entity, "price")
		require.NotEmpty(t, got, entity)
		require.Equal(t, want, got[0], entity)
	}
}

func TestAgentsRefused(t *testing.T) {
	_, err := scenarios.Read(write(t, `simrun: 1
name: agents
until: 30m
agents:
  a: {type: Clrk, params: {own: 1}}
  b: {type: Clerk, params: {name: bert, own: 2}}
  c: {type: Clerk, params: {won: 2}}
  d: {type: Clerk}
`), scenarios.ReadOptions{Registry: testRegistry()})
	require.Equal(t, []string{
		`agents.a: no agent type "Clrk"; did you mean "Clerk"?`,
		`agents.b.params: agents are called after their group; leave it out`,
		`c: Clerk has no parameter "won"; did you mean "own"?`,
		`agents: d: parameter "own" is missing; give a number, price to begin with`,
	}, texts(t, err))
}
