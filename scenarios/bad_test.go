package scenarios_test

import (
	"context"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/internal/diag"
	"github.com/simrun/simrun/scenarios"
)

var update = flag.Bool("update", false, "rewrite the expected messages in testdata/bad")

// TestBad reads and checks every file in testdata/bad, and compares all that is
// said about it with the text file beside it.
func TestBad(t *testing.T) {
	files, err := filepath.Glob("testdata/bad/*.yaml")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			got := complaints(t, file)
			golden := strings.TrimSuffix(file, ".yaml") + ".txt"
			if *update {
				require.NoError(t, os.WriteFile(golden, []byte(got), 0o666))
			}
			want, err := os.ReadFile(golden)
			require.NoError(t, err)
			require.Equal(t, string(want), got, "run with -update if the new text is better")
		})
	}
}

func complaints(t *testing.T, file string, set ...string) string {
	t.Helper()
	var problems, warnings diag.List
	s, err := scenarios.Read(file, scenarios.ReadOptions{Set: set, Registry: testRegistry()})
	if err != nil {
		require.True(t, errors.As(err, &problems), "%T", err)
	} else {
		problems, warnings = s.Check(context.Background(), scenarios.CheckOptions{})
	}
	var b strings.Builder
	if len(problems) > 0 {
		require.NoError(t, problems.Render(&b))
	}
	if len(warnings) > 0 {
		b.WriteString("warnings:\n")
		require.NoError(t, warnings.RenderEach(&b))
	}
	return strings.ReplaceAll(b.String(), filepath.ToSlash(file), filepath.Base(file))
}
