//go:build unix

package scenarios_test

import (
	"context"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/scenarios"
	"github.com/simrun/simrun/sim"
)

// TestStartSideBySide starts two programs that wait for each other.
func TestStartSideBySide(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	require.NoError(t, syscall.Mkfifo(pipe, 0o600))
	s := external(t, command(t, "a", "pair", pipe+" reads")+command(t, "b", "pair", pipe+" writes"), "")
	runScenario(t, s)
}

// TestInterruptedStart gives up a program that never connects.
func TestInterruptedStart(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	require.NoError(t, syscall.Mkfifo(pipe, 0o600))
	s := external(t, command(t, "a", "silent", pipe+" reads"), "")
	ctx, cancel := context.WithCancel(context.Background())
	running := make(chan error)
	go func() { // opens when the program has opened the other end
		f, err := os.OpenFile(pipe, os.O_WRONLY, 0)
		cancel()
		if err == nil {
			err = f.Close()
		}
		running <- err
	}()
	_, err := s.Build(ctx, scenarios.BuildOptions{})
	require.ErrorIs(t, err, sim.ErrInterrupted)
	require.NoError(t, <-running)
}
