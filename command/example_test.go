package command_test

import (
	"context"
	"time"

	"github.com/simrun/simrun/command"
	"github.com/simrun/simrun/container"
	"github.com/simrun/simrun/models"
	"github.com/simrun/simrun/scenarios"
	"github.com/simrun/simrun/sim"
)

// Tank is a model: a step an hour, parameters and attributes by their tags.
type Tank struct {
	Level   float64    `param:"level" unit:"m3" default:"0" doc:"at the start"`
	Rate    sim.Input  `attr:"rate,required" unit:"m3/h" doc:"what flows in"`
	Content sim.Output `attr:"content" unit:"m3" doc:"what is in it"`
}

func (t *Tank) Step(*sim.Step) error {
	t.Content.Set(t.Level)
	t.Level += t.Rate.Float() // m3/h for an hour
	return nil
}

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
	registry.Models = append(registry.Models, models.Entry{Name: "tank", Doc: "Water tanks", New: func() sim.Simulator {
		return sim.NewModel[Tank](sim.ModelConfig{Name: "Tank", Step: time.Hour})
	}})
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
