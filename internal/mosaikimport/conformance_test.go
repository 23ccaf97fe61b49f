package mosaikimport_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/internal/peertest"
)

// What the recorder works out by itself is what the real mosaik makes of it:
// which kinds of inputs and outputs models have, and what random connections are drawn
// with a seed.
func TestLikeMosaik(t *testing.T) {
	python := peertest.Python(t)
	for _, script := range []string{"draws.py", "attrs.py"} {
		t.Run(script, func(t *testing.T) {
			lines := func(path string) []string {
				cmd := exec.Command(python, "-B", filepath.Join("testdata", "conformance", script))
				cmd.Env = append(os.Environ(), "PYTHONPATH="+path)
				cmd.Stderr = os.Stderr
				out, err := cmd.Output()
				require.NoError(t, err)
				return strings.Split(string(out), "\n")
			}
			want, got := lines(""), lines("recorder")
			require.Greater(t, len(want), 200)
			require.Len(t, got, len(want))
			compared := 0
			for i := range want {
				if want[i] != "refused" {
					compared++
					assert.Equal(t, want[i], got[i])
				}
			}
			assert.Greater(t, compared, 200)
		})
	}
}
