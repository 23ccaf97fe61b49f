package scenarios_test

import (
	"context"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/scenarios"
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
	require.LessOrEqual(t, slices.Max(grid), 4.001)
}
