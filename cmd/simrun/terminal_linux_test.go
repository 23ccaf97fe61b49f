package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"regexp"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/simrun/simrun/internal/results"
)

// startOnTerminal starts p with its output on a pseudo-terminal and returns what
// reads what the terminal gets. A terminal of 0 columns does not know its size.
func startOnTerminal(t *testing.T, p *program, columns uint16, env string) *os.File {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	require.NoError(t, err)
	t.Cleanup(func() { _ = master.Close() })
	fd := int(master.Fd())
	require.NoError(t, unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0))
	number, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	require.NoError(t, err)
	require.NoError(t, unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Row: min(30, columns), Col: columns}))
	slave, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	require.NoError(t, err)

	p.cmd.Stdout, p.cmd.Stderr = slave, slave
	p.cmd.Env = append(os.Environ(), "TERM=xterm", "NO_COLOR=", env)
	p.start()
	require.NoError(t, slave.Close())
	return master
}

// onTerminal runs simrun with its output on a pseudo-terminal and returns what
// the terminal got.
func onTerminal(t *testing.T, columns uint16, env string, args ...string) string {
	t.Helper()
	p := simrun(t, nil, args...)
	master := startOnTerminal(t, p, columns, env)
	// Reading ends with EIO when nobody has the terminal open any more.
	text, err := io.ReadAll(master)
	require.ErrorIs(t, err, syscall.EIO)
	assert.Zero(t, p.wait(), "%s", text)
	return string(text)
}

func TestTerminal(t *testing.T) {
	const bar = `minimal .*━━━━━.* 100%, 2 d of 2 d`
	args := []string{"run", "builtin:minimal", "--out", "out"}

	got := onTerminal(t, 100, "", args...)
	assert.Regexp(t, bar, got)
	assert.Contains(t, got, "\x1b[36m")
	assert.Contains(t, got, "Results: out/results.csv")

	got = onTerminal(t, 100, "NO_COLOR=1", args...)
	assert.Regexp(t, bar, got)
	assert.NotContains(t, got, "\x1b[36m")

	assert.NotContains(t, onTerminal(t, 100, "TERM=dumb", args...), "\x1b")
	assert.NotContains(t, onTerminal(t, 100, "", append(args, "--progress", "none")...), "\x1b")
	assert.Empty(t, onTerminal(t, 100, "", append(args, "--quiet")...))
}

// A terminal that does not know its size, that of a container or of an editor, say, is taken to
// have 80 columns. In a narrow one there is no bar, and the words stay apart.
func TestTerminalOfAnySize(t *testing.T) {
	args := []string{"run", "builtin:minimal", "--out", "out"}
	assert.Regexp(t, `minimal ━{8,} 100%, 2 d of 2 d`, onTerminal(t, 0, "NO_COLOR=1", args...))
	narrow := onTerminal(t, 30, "NO_COLOR=1", args...)
	assert.Contains(t, narrow, "minimal 100%, 2 d of 2 d")
	assert.NotContains(t, narrow, "━")
}

// Who keeps a run waiting is named, while it waits and when it is stopped.
func TestTerminalNamesWhoHangs(t *testing.T) {
	p, rest := hangOnTerminal(t)
	for try := 1; try < tries && givenUp(rest); try++ {
		p, rest = hangOnTerminal(t)
	}
	const named = `interrupted; simulator "counter" had been in its step at 120s for `
	assert.Contains(t, rest, "simrun: "+named)
	assert.Contains(t, rest, "; the run got to 2 min of 100000 d; its results so far are in out")
	var manifest results.Manifest
	require.NoError(t, json.Unmarshal([]byte(p.read("out/manifest.json")), &manifest))
	assert.Contains(t, manifest.Error, named)
	assert.NotContains(t, manifest.Error+rest, "context canceled")
}

// hangOnTerminal interrupts a run that says that it waits, and returns what it says then.
func hangOnTerminal(t *testing.T) (p *program, rest string) {
	p = simrun(t, foreign("hang"), "run", "s.yaml", "--out", "out")
	master := startOnTerminal(t, p, 100, "")
	var text []byte
	buf := make([]byte, 4096)
	// On a busy machine the display may miss a second.
	waiting := regexp.MustCompile(`waiting for counter \(step at 2 min\) for [0-9]+ s`)
	for !waiting.Match(text) {
		n, err := master.Read(buf)
		require.NoError(t, err, "%s", text)
		text = append(text, buf[:n]...)
	}
	require.NoError(t, p.cmd.Process.Signal(os.Interrupt))
	said, err := io.ReadAll(master)
	require.ErrorIs(t, err, syscall.EIO)
	assert.Equal(t, 4, p.wait())
	return p, string(said)
}
