package scenarios_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	yaml "go.yaml.in/yaml/v4"

	"github.com/simrun/simrun/internal/peertest"
	"github.com/simrun/simrun/scenarios"
	"github.com/simrun/simrun/sim"
)

// TestDocs runs the whole scenario in docs/scenario.md, and checks every piece
// of one: put in the place of the same sections of the whole.
func TestDocs(t *testing.T) {
	text, err := os.ReadFile("../docs/scenario.md")
	require.NoError(t, err)
	blocks := strings.Split(string(text), "```yaml\n")[1:]
	require.GreaterOrEqual(t, len(blocks), 8)
	schema := compileSchema(t)
	var whole string
	for _, block := range blocks {
		block, _, _ := strings.Cut(block, "```")
		if strings.HasPrefix(block, "simrun:") {
			whole = block
		}
		full := merge(t, whole, block)
		s, err := scenarios.Read(write(t, full), scenarios.ReadOptions{})
		require.NoError(t, err, full)
		problems, _ := s.Check(t.Context(), scenarios.CheckOptions{})
		require.Empty(t, problems, block)
		require.NoError(t, schema.Validate(asJSON(t, []byte(full))), block)
		if block == whole {
			summary, _ := runScenario(t, s)
			require.True(t, summary.Complete)
		}
	}
}

// TestBenchmarkDocs runs the beginning of the scenario in docs/benchmarks.md.
func TestBenchmarkDocs(t *testing.T) {
	text, err := os.ReadFile("../docs/benchmarks.md")
	require.NoError(t, err)
	_, rest, _ := strings.Cut(string(text), "```yaml\n")
	homes, _, found := strings.Cut(rest, "```")
	require.True(t, found)
	s, err := scenarios.Read(write(t, homes), scenarios.ReadOptions{})
	require.NoError(t, err)
	s.Until = sim.Time(3 * time.Minute)
	summary, _ := runScenario(t, s)
	require.EqualValues(t, 3*1000, summary.Rows)
}

// TestDocsShowProblems compares the messages in docs/scenario.md with what is said
// about the whole scenario if two of its lines are changed.
func TestDocsShowProblems(t *testing.T) {
	text, err := os.ReadFile("../docs/scenario.md")
	require.NoError(t, err)
	_, rest, _ := strings.Cut(string(text), "```yaml\n")
	whole, rest, _ := strings.Cut(rest, "```")
	whole = strings.Replace(whole, "wish.value -> store[*].setpoint", "wish.value -> store[*].setpiont", 1)
	whole = strings.Replace(whole, "roof[*].power -> feeder.generation", "roof[*].power -> store[0..3].setpoint", 1)
	t.Chdir(t.TempDir())
	require.NoError(t, os.WriteFile("street.yaml", []byte(whole), 0o666))
	s, err := scenarios.Read("street.yaml", scenarios.ReadOptions{})
	require.NoError(t, err)
	problems, _ := s.Check(t.Context(), scenarios.CheckOptions{})
	var said strings.Builder
	require.NoError(t, problems.Render(&said))

	_, rest, _ = strings.Cut(rest, "\n    street.yaml")
	shown, _, _ := strings.Cut("    street.yaml"+rest, "\n\n")
	require.Equal(t, said.String(), strings.ReplaceAll("\n"+shown, "\n    ", "\n")[1:]+"\n")
}

// TestExtendDocs: the program in docs/extend.md is the example of this package,
// which is run, and its scenario the one that the example reads.
func TestExtendDocs(t *testing.T) {
	text, err := os.ReadFile("../docs/extend.md")
	require.NoError(t, err)
	block := func(mark string) string {
		_, rest, found := strings.Cut(string(text), "\n```"+mark+"\n")
		require.True(t, found)
		code, _, _ := strings.Cut(rest, "```")
		return code
	}
	scenario, err := os.ReadFile("testdata/tank.yaml")
	require.NoError(t, err)
	require.Equal(t, string(scenario), block("yaml"))
	source, err := os.ReadFile("example_test.go")
	require.NoError(t, err)
	program, output, found := strings.Cut(string(source), "\t// Output:\n")
	require.True(t, found)
	program = strings.NewReplacer("package scenarios_test", "package main", "func Example()", "func main()",
		"testdata/tank.yaml", "tank.yaml").Replace(program) + "}\n"
	require.Equal(t, program, block("go"))
	_, shown, _ := strings.Cut(string(text), "It prints:\n\n```\n")
	shown, _, _ = strings.Cut(shown, "```")
	require.Equal(t, strings.ReplaceAll(output, "\t// ", ""), shown+"}\n")
}

// TestExternalDocs runs the scenario in docs/external.md with the simulator in Java.
func TestExternalDocs(t *testing.T) {
	peertest.Java(t)
	text, err := os.ReadFile("../docs/external.md")
	require.NoError(t, err)
	_, rest, found := strings.Cut(string(text), "```yaml\n")
	require.True(t, found)
	scenario, _, _ := strings.Cut(rest, "```")
	tank, err := os.ReadFile("../docs/java/Tank.java")
	require.NoError(t, err)
	s, err := scenarios.Read(write(t, scenario, "Tank.java", string(tank)), scenarios.ReadOptions{})
	require.NoError(t, err)
	_, sinks := runScenario(t, s)
	_, first := sinks[0].Floats("tank[0]", "level")
	_, second := sinks[0].Floats("tank[1]", "level")
	require.Len(t, first, 10)
	require.InDelta(t, 0.01*9*60/2, first[9], 1e-9)
	require.InDelta(t, 0.01*9*60/3, second[9], 1e-9)
}

// merge puts a piece into a scenario: lists and single values in the place of
// what is there, mappings of names beside what is there.
func merge(t *testing.T, whole, piece string) string {
	var into, from yaml.Node
	require.NoError(t, yaml.Load([]byte(whole), &into))
	require.NoError(t, yaml.Load([]byte(piece), &from))
	mergeMapping(into.Content[0], from.Content[0], 2)
	out, err := yaml.Dump(&into)
	require.NoError(t, err)
	return string(out)
}

func mergeMapping(into, from *yaml.Node, levels int) {
	for i := 0; i < len(from.Content); i += 2 {
		key, value := from.Content[i], from.Content[i+1]
		at := -1
		for j := 0; j < len(into.Content); j += 2 {
			if into.Content[j].Value == key.Value {
				at = j + 1
			}
		}
		switch {
		case at < 0:
			into.Content = append(into.Content, key, value)
		case levels > 1 && value.Kind == yaml.MappingNode && into.Content[at].Kind == yaml.MappingNode && key.Value != "record":
			mergeMapping(into.Content[at], value, levels-1)
		default:
			into.Content[at] = value
		}
	}
}
