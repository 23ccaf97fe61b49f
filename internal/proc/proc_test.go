//go:build unix

package proc_test

import (
	"bufio"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/simrun/simrun/internal/proc"
)

// The test binary is also the program that the tests start: what it does is in
// its environment.
const roleVar = "PROC_TEST_ROLE"

func TestMain(m *testing.M) {
	if role := os.Getenv(roleVar); role != "" {
		play(role)
	}
	goleak.VerifyTestMain(m)
}

func start(t *testing.T, role string, change func(*proc.Config)) *proc.Process {
	t.Helper()
	cfg := proc.Config{Args: []string{os.Args[0]}, Env: []string{roleVar + "=" + role, "GORACE=atexit_sleep_ms=0"}, Log: filepath.Join(t.TempDir(), "child.log")}
	if change != nil {
		change(&cfg)
	}
	p, err := proc.Start(cfg)
	require.NoError(t, err)
	t.Cleanup(func() { p.Stop(t.Context(), 0) })
	return p
}

func TestExitIsNoticedWithStatusAndOutput(t *testing.T) {
	p := start(t, "fail", nil)
	<-p.Done()
	require.Equal(t, "exited with status 3", p.Status())
	require.False(t, p.Success())
	require.Equal(t, []string{"to stdout", "to stderr"}, p.Tail())
	data, err := os.ReadFile(p.Log())
	require.NoError(t, err)
	require.Equal(t, "to stdout\nto stderr\n", string(data))
}

func TestTailIsBounded(t *testing.T) {
	p := start(t, "chatter", nil)
	<-p.Done()
	tail := p.Tail()
	require.Len(t, tail, proc.TailLines)
	require.Equal(t, "line 99999", tail[len(tail)-1])
	require.Equal(t, "line 99980", tail[0])
}

func TestLongLinesAreCut(t *testing.T) {
	p := start(t, "longline", nil)
	<-p.Done()
	require.Len(t, p.Tail(), 1)
	require.Len(t, p.Tail()[0], 503)
}

func TestWithoutLogTheTailSurvives(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	p := start(t, "fail", func(c *proc.Config) { c.Log = "" })
	<-p.Done()
	require.Equal(t, []string{"to stdout", "to stderr"}, p.Tail())
	require.Equal(t, "", p.Log())
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, left)
}

// What a program has said does not go away when it exits.
func TestTailDuringTheExit(t *testing.T) {
	for range 30 {
		p := start(t, "fail", func(c *proc.Config) { c.Log = "" })
		for said := 0; !p.Exited(); {
			lines := len(p.Tail())
			require.GreaterOrEqual(t, lines, said)
			said = lines
		}
		require.Len(t, p.Tail(), 2)
	}
}

// A folder for the program alone goes with it, or with the attempt to start it.
func TestScratch(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "scratch")
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "below"), 0o777))
	p := start(t, "fail", func(c *proc.Config) { c.Scratch = dir })
	<-p.Done()
	require.NoDirExists(t, dir)
	require.NoError(t, os.Mkdir(dir, 0o777))
	_, err := proc.Start(proc.Config{Args: []string{"no-such-program"}, Scratch: dir})
	require.Error(t, err)
	require.NoDirExists(t, dir)
}

func TestDirAndEnv(t *testing.T) {
	dir := t.TempDir()
	p := start(t, "where", func(c *proc.Config) { c.Dir = dir; c.Env = append(c.Env, "FOO=bar") })
	<-p.Done()
	real, err := filepath.EvalSymlinks(dir)
	require.NoError(t, err)
	require.Equal(t, []string{real, "bar"}, p.Tail())
}

func TestStartErrors(t *testing.T) {
	here := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(here, "data.csv"), nil, 0o644))
	for name, c := range map[string]struct {
		cfg  proc.Config
		want string
	}{
		"no command":     {proc.Config{}, "the command is empty"},
		"no program":     {proc.Config{Args: []string{"no-such-program-here"}}, `there is no program "no-such-program-here" in PATH; install it`},
		"no path":        {proc.Config{Args: []string{"./no-such-program-here"}, Dir: here}, `program "./no-such-program-here": no such file or directory in ` + here + `, nor in `},
		"not executable": {proc.Config{Args: []string{"./data.csv"}, Dir: here}, `program "./data.csv": permission denied; it must be an executable file`},
		"no directory":   {proc.Config{Args: []string{os.Args[0]}, Dir: "/no/such/dir"}, "working directory /no/such/dir: no such file or directory; make it"},
		"a file":         {proc.Config{Args: []string{os.Args[0]}, Dir: os.Args[0]}, "it is not a folder"},
		"log not usable": {proc.Config{Args: []string{os.Args[0]}, Log: os.Args[0] + "/x.log"}, "log file: "},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := proc.Start(c.cfg)
			require.ErrorContains(t, err, c.want)
		})
	}
}

func TestFind(t *testing.T) {
	t.Chdir(t.TempDir())
	require.NoError(t, os.MkdirAll("in/bin", 0o755))
	for _, name := range []string{"here", "in/there", "in/bin/deep"} {
		require.NoError(t, os.WriteFile(name, nil, 0o755))
	}
	for _, c := range []struct{ program, dir string }{
		{os.Args[0], ""}, {os.Args[0], "in"}, {"./here", ""}, {"./here", "."}, {"./there", "in"}, {"bin/deep", "in"},
		{"./here", "in"}, // in the working directory of this process
	} {
		require.NoError(t, proc.Find(c.program, c.dir), c)
	}
	for _, c := range []struct{ program, dir string }{{"./there", ""}, {"./there", "."}, {"./deep", "in"}, {"here", "."}, {"in", ""}, {"./in", ""}} {
		require.Error(t, proc.Find(c.program, c.dir), c)
	}
}

// A program that reacts to SIGTERM is not killed.
func TestStopAsksFirst(t *testing.T) {
	p, out := startPiped(t, "sleep")
	require.Equal(t, "ready", readLine(t, out))
	require.False(t, p.Stop(t.Context(), time.Minute))
	require.Contains(t, p.Status(), "terminated")
}

// One that does not is, together with what it started; so are they if ctx ends
// before the grace does.
func TestStopKillsTheGroup(t *testing.T) {
	for name, c := range map[string]struct{ grace time.Duration }{"at once": {0}, "after the grace": {time.Millisecond}, "cancelled": {time.Hour}} {
		t.Run(name, func(t *testing.T) {
			p, out := startPiped(t, "stubborn-parent")
			require.Equal(t, "grandchild ready", readLine(t, out))
			ctx, cancel := context.WithCancel(t.Context())
			if name == "cancelled" {
				cancel()
			}
			require.True(t, p.Stop(ctx, c.grace))
			cancel()
			require.Contains(t, p.Status(), "killed")
			requireAllGone(t, out)
		})
	}
}

// What a program leaves behind when it exits is killed, before Done.
func TestOrphansAreKilled(t *testing.T) {
	p, out := startPiped(t, "leaving-parent")
	require.Equal(t, "grandchild ready", readLine(t, out))
	requireAllGone(t, out)
	<-p.Done()
	require.True(t, p.Success())
}

// When the owner is killed, the program goes with it.
func TestOwnersDeathKills(t *testing.T) {
	if !diesWithOwner {
		t.Skip("only Linux offers this")
	}
	r, w, err := os.Pipe()
	require.NoError(t, err)
	owner := exec.Command(os.Args[0])
	owner.Env = append(os.Environ(), roleVar+"=owner", "TMPDIR="+t.TempDir()) // who is killed removes nothing
	owner.ExtraFiles = []*os.File{w}
	require.NoError(t, owner.Start())
	require.NoError(t, w.Close())
	out := bufio.NewReader(r)
	require.Equal(t, "ready", readLine(t, out))
	require.NoError(t, owner.Process.Kill())
	require.Error(t, owner.Wait())
	requireAllGone(t, out)
	require.NoError(t, r.Close())
}

// startPiped starts a program whose group shares the write end of a pipe. The
// pipe ends when all of them are gone.
func startPiped(t *testing.T, role string) (*proc.Process, *bufio.Reader) {
	t.Helper()
	fifo := filepath.Join(t.TempDir(), "fifo")
	mkfifo(t, fifo)
	p := start(t, role, func(c *proc.Config) { c.Env = append(c.Env, "FIFO="+fifo) })
	r, err := os.Open(fifo) // waits for the program to open it for writing
	require.NoError(t, err)
	t.Cleanup(func() { _ = r.Close() })
	return p, bufio.NewReader(r)
}

func readLine(t *testing.T, r *bufio.Reader) string {
	t.Helper()
	line, err := r.ReadString('\n')
	require.NoError(t, err)
	return strings.TrimSuffix(line, "\n")
}

func requireAllGone(t *testing.T, out *bufio.Reader) {
	t.Helper()
	rest, err := io.ReadAll(out)
	require.NoError(t, err)
	require.Empty(t, string(rest))
}

func TestKillAll(t *testing.T) {
	// KillAll is for good, so it gets a process of its own.
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), roleVar+"=killall")
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
	require.Equal(t, "was ended by a signal: killed\nwas ended by a signal: killed\nstart it: this program is about to exit\n", string(out))
}

// A relative program is one of its working directory, if there is such a one, and
// of this process's otherwise.
func TestRelativeProgram(t *testing.T) {
	here, dir := t.TempDir(), t.TempDir()
	t.Chdir(here)
	script := func(path, says string) {
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte("#!/bin/sh\necho "+says+"\n"), 0o755))
	}
	run := func() []string {
		p, err := proc.Start(proc.Config{Args: []string{"bin/tool"}, Dir: dir})
		require.NoError(t, err)
		<-p.Done()
		return p.Tail()
	}
	script("bin/tool", "here")
	require.Equal(t, []string{"here"}, run())
	script(filepath.Join(dir, "bin/tool"), "there")
	require.Equal(t, []string{"there"}, run())
}
