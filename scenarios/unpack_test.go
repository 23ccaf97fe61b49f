package scenarios_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/scenarios"
	"github.com/simrun/simrun/scheduler"
	"github.com/simrun/simrun/sim"
)

// TestUnpackedCopyRuns: a copy of a shipped scenario beside its unpacked files
// gives the same results, in whatever folder one is.
func TestUnpackedCopyRuns(t *testing.T) {
	for _, info := range scenarios.Builtin() {
		if info.Name == "street" || info.Name == "village" {
			continue // needs Python; see TestWeekIsTheSameEveryTime
		}
		t.Run(info.Name, func(t *testing.T) {
			s, err := scenarios.Read("builtin:"+info.Name, scenarios.ReadOptions{})
			require.NoError(t, err)
			dir := t.TempDir()
			s, err = s.Unpack(dir)
			require.NoError(t, err)
			s.Until = sim.Time(6 * scheduler.Hour)
			first, _ := runScenario(t, s)

			path := filepath.Join(dir, "scenario.yaml")
			require.NoError(t, os.WriteFile(path, s.Text(), 0o666))
			again, err := scenarios.Read(path, scenarios.ReadOptions{})
			require.NoError(t, err)
			again.Until = s.Until
			second, _ := runScenario(t, again)
			require.Equal(t, first.Digest, second.Digest)
		})
	}
}

// TestUnpackOntoAFile: what cannot be written is said, also for files that only
// models read.
func TestUnpackOntoAFile(t *testing.T) {
	s, err := scenarios.Read("builtin:district", scenarios.ReadOptions{})
	require.NoError(t, err)
	_, err = s.Unpack(write(t, ""))
	require.ErrorContains(t, err, "files of builtin:district: ")
}
