//go:build unix

package main

import (
	"errors"
	"io"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/internal/trace"
	"github.com/simrun/simrun/scheduler"
)

// The trace of a run that is killed can be read, about as far as its values.
func TestTraceOfAKilledRun(t *testing.T) {
	p := simrun(t, map[string]string{"s.yaml": endless}, "run", "s.yaml", "--out", "out", "--trace", "trace.zst", "--quiet")
	p.start()
	p.await("out/results.csv", "\n864000,") // ten days
	require.NoError(t, p.cmd.Process.Signal(syscall.SIGKILL))
	_ = p.cmd.Wait() // it was killed

	r, err := trace.Open(filepath.Join(p.dir, "out", "trace.zst"))
	require.NoError(t, err)
	defer r.Close()
	last, steps := scheduler.Time(-1), int64(0)
	for {
		s, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		require.Equal(t, scheduler.Time(steps)*scheduler.Minute, s.Stamp.Time, "nothing is left out")
		last = s.Stamp.Time
		steps++
	}
	require.Nil(t, r.End())
	require.GreaterOrEqual(t, last, 5*scheduler.Day)
}
