package scenarios_test

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	yaml "go.yaml.in/yaml/v4"

	"github.com/simrun/simrun/scenarios"
	"github.com/simrun/simrun/scheduler"
	"github.com/simrun/simrun/sim"
)

// runScenario runs a scenario to its end and returns what it recorded, a Memory
// for each entry of record.
func runScenario(t *testing.T, s *scenarios.Scenario) (*sim.Summary, []*sim.Memory) {
	t.Helper()
	var sinks []*sim.Memory
	w, err := s.Build(context.Background(), scenarios.BuildOptions{Sink: func() sim.Sink {
		sinks = append(sinks, &sim.Memory{})
		return sinks[len(sinks)-1]
	}})
	require.NoError(t, err)
	sum, err := w.Run(context.Background(), sim.RunOptions{Until: s.Until})
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return sum, sinks
}

// TestMinimal runs the scenario that new users get, and looks whether it does
// what its title says.
func TestMinimal(t *testing.T) {
	s, err := scenarios.Read("builtin:minimal", scenarios.ReadOptions{})
	require.NoError(t, err)
	problems, warnings := s.Check(context.Background(), scenarios.CheckOptions{})
	require.Empty(t, problems)
	require.Empty(t, warnings)

	_, sinks := runScenario(t, s)
	_, demand := sinks[0].Floats("demand", "power")
	_, grid := sinks[0].Floats("grid", "power")
	require.Len(t, grid, 2*96)
	t.Logf("demand %.1f kW at most, grid %.1f kW", slices.Max(demand), slices.Max(grid))
	require.Greater(t, slices.Max(demand), 1.5*slices.Max(grid), "the battery cuts the peak")
	require.LessOrEqual(t, slices.Max(grid), 5.001)
}

// TestInitialWithUnit: an initial value is in the unit of the input, or brings its
// own.
func TestInitialWithUnit(t *testing.T) {
	s := read(t, `simrun: 1
name: initial
until: 15m
simulators: {sun: {model: sun}, pv: {model: pv}}
entities: {roof: {of: pv.PV, count: 2, params: {area: 2}}}
connect:
  - sun.ghi -> roof[0].irradiance: {shift: 15m, initial: 0.3 kW/m2}
  - sun.ghi -> roof[1].irradiance: {shift: 15m, initial: 300}
record: {values: ["roof[*].power"]}
`)
	_, sinks := runScenario(t, s)
	for _, name := range []string{"roof[0]", "roof[1]"} {
		_, power := sinks[0].Floats(name, "power")
		require.Equal(t, []float64{600}, power, name)
	}
}

// TestDistrictIsTheSameEveryTime runs two days of it, with its agents, on one processor
// and two, and with simulators and agents declared the other way round: one digest.
func TestDistrictIsTheSameEveryTime(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	s, err := scenarios.Read("builtin:district", scenarios.ReadOptions{})
	require.NoError(t, err)
	dir := t.TempDir()
	_, err = s.Unpack(dir)
	require.NoError(t, err)
	var file yaml.Node
	require.NoError(t, yaml.Load(s.Text(), &file))
	reversed := 0
	for i, section := range file.Content[0].Content {
		if section.Value == "simulators" || section.Value == "agents" {
			pairs := file.Content[0].Content[i+1].Content
			slices.Reverse(pairs)
			for j := 0; j < len(pairs); j += 2 {
				pairs[j], pairs[j+1] = pairs[j+1], pairs[j]
			}
			reversed++
		}
	}
	require.Equal(t, 2, reversed)
	text, err := yaml.Dump(&file)
	require.NoError(t, err)
	path := filepath.Join(dir, "reversed.yaml")
	require.NoError(t, os.WriteFile(path, text, 0o666))
	other, err := scenarios.Read(path, scenarios.ReadOptions{})
	require.NoError(t, err)

	digests := map[string]bool{}
	for _, s := range []*scenarios.Scenario{s, other} {
		s.Until = sim.Time(2 * scheduler.Day)
		for _, processors := range []int{1, 2} {
			runtime.GOMAXPROCS(processors)
			summary, _ := runScenario(t, s)
			digests[summary.Digest] = true
		}
	}
	require.Len(t, digests, 1)
}

// TestDistrictOfAnySize: the numbers of houses, roofs and batteries can be set one
// by one.
func TestDistrictOfAnySize(t *testing.T) {
	for _, set := range [][]string{{"houses=10"}, {"houses=1"}, {"houses=0"}, {"roofs=0"}, {"batteries=0"}, {"houses=30", "roofs=30", "batteries=30"}} {
		s, err := scenarios.Read("builtin:district", scenarios.ReadOptions{Set: set})
		require.NoError(t, err, set)
		problems, _ := s.Check(t.Context(), scenarios.CheckOptions{})
		require.Empty(t, problems, set)
		s.Until = sim.Time(time.Hour)
		summary, _ := runScenario(t, s)
		require.True(t, summary.Complete, set)
	}
	s, err := scenarios.Read("builtin:district", scenarios.ReadOptions{})
	require.NoError(t, err)
	require.EqualValues(t, 24, s.Parameters["houses"])
	require.EqualValues(t, 16, s.Parameters["roofs"])
	require.EqualValues(t, 10, s.Parameters["batteries"])
}
