package containers

import (
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A socket can be made whatever the folder of temporary files is.
func TestSocketFolder(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("where /tmp is the only other folder")
	}
	long := filepath.Join(t.TempDir(), strings.Repeat("x", 110))
	require.NoError(t, os.Mkdir(long, 0o700))
	for _, temporary := range []string{"/tmp", long} {
		t.Setenv("TMPDIR", temporary)
		dir, err := socketFolder()
		require.NoError(t, err)
		l, err := net.Listen("unix", filepath.Join(dir, socketName))
		require.NoError(t, err)
		require.NoError(t, l.Close())
		require.NoError(t, os.RemoveAll(dir))
	}
	left, err := os.ReadDir(long)
	require.NoError(t, err)
	require.Empty(t, left)
}
