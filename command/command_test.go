package command_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/command"
	"github.com/simrun/simrun/models"
	"github.com/simrun/simrun/scenarios"
	"github.com/simrun/simrun/sim"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"mysimrun": func() {
		registry := scenarios.DefaultRegistry()
		registry.Models = append(registry.Models, models.Entry{Name: "tank", Doc: "Water tanks", New: func() sim.Simulator {
			return sim.NewModel[Tank](sim.ModelConfig{Name: "Tank", Step: time.Hour})
		}}, models.Entry{Name: "bomb", Doc: "panics", New: func() sim.Simulator { return bomb{sim.NewModel[Tank](sim.ModelConfig{Name: "Bomb", Step: time.Hour})} }})
		registry.Agents = append(registry.Agents, sim.AgentOf[Guard]("Guard", "warns of too much"), sim.AgentOf[Depot]("Depot", "sends trucks"))
		os.Exit(command.Main(os.Args[1:], registry))
	}})
}

// bomb is a model with a mistake, which shows when all others have been started.
type bomb struct{ sim.Simulator }

func (bomb) Wire(sim.Wiring) { panic("no index") }

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "testdata", RequireExplicitExec: true, Setup: func(env *testscript.Env) error {
		scenario, err := os.ReadFile("../scenarios/testdata/tank.yaml") // that of docs/extend.md
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(env.WorkDir, "docs.yaml"), scenario, 0o644)
	}})
}

// TestDocs: the program in docs/extend.md is the example of this package, but that
// it takes its arguments from the command line.
func TestDocs(t *testing.T) {
	text, err := os.ReadFile("../docs/extend.md")
	require.NoError(t, err)
	parts := strings.Split(string(text), "\n```go\n")
	shown, _, _ := strings.Cut(parts[len(parts)-1], "```")
	source, err := os.ReadFile("example_test.go")
	require.NoError(t, err)
	program, _, found := strings.Cut(string(source), "\t// Output:\n")
	require.True(t, found)
	program = strings.NewReplacer("package command_test", "package main", "func Example()", "func main()", "\t\"context\"\n", "\t\"context\"\n\t\"os\"\n",
		`command.Main([]string{"list", "Guard"}, registry)`, `os.Exit(command.Main(os.Args[1:], registry))`).Replace(program) + "}\n"
	assert.Equal(t, program, shown)
}
