package container_test

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/internal/peertest"
)

// The programs of docs/agents.md in Go and Python buy from each other, and their own
// kind.
func TestTradeWithAiomas(t *testing.T) {
	dir := filepath.Join("testdata", "trade")
	text, err := os.ReadFile("../docs/agents.md")
	require.NoError(t, err)
	for file, mark := range map[string]string{"main.go": "go", "trade.py": "python"} {
		source, err := os.ReadFile(filepath.Join(dir, file))
		require.NoError(t, err)
		require.Contains(t, string(text), "\n```"+mark+"\n"+string(source)+"```\n")
	}

	python := peertest.Python(t)
	program := filepath.Join(t.TempDir(), "trade.exe")
	out, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, "./"+filepath.ToSlash(dir)).CombinedOutput()
	require.NoError(t, err, "%s", out)
	start := map[string]func(args ...string) *exec.Cmd{
		"go": func(args ...string) *exec.Cmd { return exec.CommandContext(within(t, time.Minute), program, args...) },
		"python": func(args ...string) *exec.Cmd {
			cmd := exec.CommandContext(within(t, time.Minute), python, append([]string{filepath.Join(dir, "trade.py")}, args...)...)
			cmd.Env = append(os.Environ(), "PYTHONPATH="+filepath.Join("..", "peers"), "PYTHONDONTWRITEBYTECODE=1")
			return cmd
		},
	}
	for seller, price := range map[string]string{"go": "2.5", "python": "5.0"} {
		var args []string
		if seller == "python" {
			args = append(args, filepath.Join(shortDir(t), "s"))
		}
		selling := start[seller](args...)
		pipe, err := selling.StdoutPipe()
		require.NoError(t, err)
		require.NoError(t, selling.Start())
		address := line(t, bufio.NewReader(pipe))
		for buyer, buying := range start {
			out, err := buying(address).CombinedOutput()
			require.NoError(t, err, "%s", out)
			want := price
			if buyer == "go" {
				want = strings.TrimSuffix(price, ".0")
			}
			require.Equal(t, "bought for "+want+"\n", string(out), "%s from %s", buyer, seller)
		}
		require.NoError(t, selling.Process.Kill())
		_ = selling.Wait() // it was killed
	}
}
