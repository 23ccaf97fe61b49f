package command_test

import (
	"context"
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/simrun/simrun/command"
	"github.com/simrun/simrun/container"
	"github.com/simrun/simrun/models"
	"github.com/simrun/simrun/scenarios"
	"github.com/simrun/simrun/sim"
)

// Tank is a model of its own.
type Tank struct {
	Level   float64    `param:"level" unit:"m3" default:"0" doc:"at the start"`
	Content sim.Output `attr:"content" unit:"m3" doc:"what is in it"`
}

func (t *Tank) Step(*sim.Step) error {
	t.Content.Set(t.Level)
	t.Level++
	return nil
}

// Guard is an agent of its own.
type Guard struct {
	container.Agent
	Content sim.Input  `attr:"content" unit:"m3" doc:"what it watches"`
	Alarm   sim.Output `attr:"alarm" doc:"true: too much"`
}

func (g *Guard) OnInput(context.Context) error {
	g.Alarm.SetValue(sim.Bool(g.Content.Float() > 1))
	return nil
}

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"mysimrun": func() {
		registry := scenarios.DefaultRegistry()
		registry.Models = append(registry.Models, models.Entry{Name: "tank", Doc: "Water tanks", New: func() sim.Simulator {
			return sim.NewModel[Tank](sim.ModelConfig{Name: "Tank", Step: 3600e9})
		}})
		registry.Agents = append(registry.Agents, sim.AgentOf[Guard]("Guard", "warns of too much"))
		os.Exit(command.Main(os.Args[1:], registry))
	}})
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "testdata", RequireExplicitExec: true})
}
