package command_test

import (
	"context"

	"github.com/simrun/simrun/command"
	"github.com/simrun/simrun/container"
	"github.com/simrun/simrun/scenarios"
	"github.com/simrun/simrun/sim"
)

// Guard is an agent that is called when an input of it gets a value.
type Guard struct {
	container.Agent
	Limit   float64    `param:"limit" unit:"m3" doc:"content that is too much"`
	Content sim.Input  `attr:"content" unit:"m3" doc:"what it watches"`
	Alarm   sim.Output `attr:"alarm" doc:"true: too much"`
}

func (g *Guard) OnInput(context.Context) error {
	g.Alarm.SetValue(sim.Bool(g.Content.Float() > g.Limit))
	return nil
}

func Example() {
	registry := scenarios.DefaultRegistry()
	registry.Agents = append(registry.Agents, sim.AgentOf[Guard]("Guard", "warns of too much"))
	command.Main([]string{"list", "Guard"}, registry)
	// Output:
	// Guard: warns of too much (hybrid)
	//   parameters
	//     name   -      name of the agent; of several: what their names begin with
	//     limit  -  m3  content that is too much
	//   inputs
	//     content  m3  what it watches
	//   outputs
	//     alarm    true: too much
}
