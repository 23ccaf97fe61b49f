package command_test

import (
	"os"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/command"
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
