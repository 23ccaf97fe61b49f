package main

import (
	"fmt"
	"io"
	"os"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// onTerminal runs simrun with its output on a pseudo-terminal and returns what
// the terminal got.
func onTerminal(t *testing.T, env string, args ...string) string {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	require.NoError(t, err)
	defer master.Close()
	fd := int(master.Fd())
	require.NoError(t, unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0))
	number, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	require.NoError(t, err)
	require.NoError(t, unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Row: 30, Col: 100}))
	slave, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	require.NoError(t, err)

	p := simrun(t, nil, args...)
	p.cmd.Stdout, p.cmd.Stderr = slave, slave
	p.cmd.Env = append(os.Environ(), "TERM=xterm", "NO_COLOR=", env)
	p.start()
	require.NoError(t, slave.Close())
	// Reading ends with EIO when nobody has the terminal open any more.
	text, err := io.ReadAll(master)
	require.ErrorIs(t, err, syscall.EIO)
	assert.Zero(t, p.wait(), "%s", text)
	return string(text)
}

func TestTerminal(t *testing.T) {
	const bar = `minimal .*━━━━━.* 100%, 2 d of 2 d`
	args := []string{"run", "builtin:minimal", "--out", "out"}

	got := onTerminal(t, "", args...)
	assert.Regexp(t, bar, got)
	assert.Contains(t, got, "\x1b[36m")
	assert.Contains(t, got, "Results: out/results.csv")

	got = onTerminal(t, "NO_COLOR=1", args...)
	assert.Regexp(t, bar, got)
	assert.NotContains(t, got, "\x1b[36m")

	assert.NotContains(t, onTerminal(t, "TERM=dumb", args...), "\x1b")
	assert.NotContains(t, onTerminal(t, "", append(args, "--progress", "none")...), "\x1b")
	assert.Empty(t, onTerminal(t, "", append(args, "--quiet")...))
}
