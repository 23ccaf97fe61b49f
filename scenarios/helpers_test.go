package scenarios_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/simrun/simrun/internal/diag"
	"github.com/simrun/simrun/scenarios"
)

func TestMain(m *testing.M) {
	if kind := os.Getenv("TEST_PEER"); kind != "" {
		peer(kind, os.Args[1:])
		return
	}
	goleak.VerifyTestMain(m)
}

// write writes a scenario file and returns its path. Other files may stand beside
// it, each given by its name and its text.
func write(t testing.TB, text string, others ...string) string {
	t.Helper()
	dir := t.TempDir()
	files := append([]string{"test.yaml", text}, others...)
	for i := 0; i < len(files); i += 2 {
		require.NoError(t, os.WriteFile(filepath.Join(dir, files[i]), []byte(files[i+1]), 0o666))
	}
	return filepath.Join(dir, "test.yaml")
}

// read reads a scenario that must be right, but for what Check may find.
func read(t testing.TB, text string, set ...string) *scenarios.Scenario {
	t.Helper()
	s, err := scenarios.Read(write(t, text), scenarios.ReadOptions{Set: set, Registry: testRegistry()})
	require.NoError(t, err)
	return s
}

// problems returns what Read has against a scenario, each without its place.
func problems(t testing.TB, text string, set ...string) []string {
	t.Helper()
	_, err := scenarios.Read(write(t, text), scenarios.ReadOptions{Set: set, Registry: testRegistry()})
	return texts(t, err)
}

func texts(t testing.TB, err error) []string {
	t.Helper()
	var list diag.List
	require.True(t, errors.As(err, &list), "%T: %v", err, err)
	var out []string
	for _, p := range list {
		text := p.What
		if p.Do != "" {
			text += "; " + p.Do
		}
		out = append(out, text)
	}
	return out
}
