package scenarios_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/internal/diag"
	"github.com/simrun/simrun/scenarios"
)

// FuzzRead: no text makes Read or Check panic, hang, or fail without a place.
func FuzzRead(f *testing.F) {
	files, err := filepath.Glob("testdata/bad/*.yaml")
	require.NoError(f, err)
	for _, file := range append(files, "minimal.yaml") {
		text, err := os.ReadFile(file)
		require.NoError(f, err)
		f.Add(text, "houses=3")
	}
	scenarios.SetMaxCount(1000)
	f.Cleanup(func() { scenarios.SetMaxCount(1_000_000) })
	path := filepath.Join(f.TempDir(), "fuzz.yaml")
	f.Fuzz(func(t *testing.T, text []byte, set string) {
		require.NoError(t, os.WriteFile(path, text, 0o666))
		s, err := scenarios.Read(path, scenarios.ReadOptions{Set: []string{set}, Registry: testRegistry()})
		if err != nil {
			var list diag.List
			require.True(t, errors.As(err, &list), "%T", err)
			require.NotEmpty(t, list)
			for _, p := range list {
				require.NotEmpty(t, p.File, "%v", p)
				require.NotEmpty(t, p.What)
			}
			return
		}
		s.Check(t.Context(), scenarios.CheckOptions{})
	})
}
