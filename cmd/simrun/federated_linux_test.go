package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// village is a run that lasts for minutes, with agents in three processes.
const village = `simrun: 1
name: village
until: 365d
pace: 36000
simulators:
  load: {model: load, params: {step: 15m}}
entities:
  home: {of: load.Load, count: 2}
containers:
  north: {}
  south: {transport: tcp, codec: msgpack}
agents:
  coordinator: {type: Coordinator}
  house: {type: Household, count: 2, container: "${['north', 'south'][i]}"}
connect:
  - home[*].power -> house[*].load
record: {values: [coordinator.net]}
`

// childOf returns the process that a process has started with a command that
// contains text.
func childOf(t *testing.T, parent int, text string) int {
	t.Helper()
	all, err := filepath.Glob("/proc/[0-9]*")
	require.NoError(t, err)
	for _, dir := range all {
		stat, err := os.ReadFile(filepath.Join(dir, "stat"))
		if err != nil {
			continue // it has ended
		}
		_, rest, _ := strings.Cut(string(stat), ") ") // PID (NAME) STATE PPID
		fields := strings.Fields(rest)
		command, err := os.ReadFile(filepath.Join(dir, "cmdline"))
		if err == nil && len(fields) > 1 && fields[1] == strconv.Itoa(parent) && strings.Contains(string(command), text) {
			pid, err := strconv.Atoi(filepath.Base(dir))
			require.NoError(t, err)
			return pid
		}
	}
	t.Fatalf("process %d has no child %q", parent, text)
	return 0
}

// startVillage starts the run and waits until it is in its midst.
func startVillage(t *testing.T) (p *program, south int) {
	t.Setenv("TMPDIR", t.TempDir()) // where the sockets are
	p = simrun(t, map[string]string{"village.yaml": village}, "run", "village.yaml", "--out", "out", "--quiet")
	p.start()
	p.await("out/results.csv", "\n900,")
	return p, childOf(t, p.cmd.Process.Pid, "tcp://")
}

// nothingLeft checks that no process of the village runs any more, and that no
// socket is there.
func nothingLeft(t *testing.T, p *program) {
	t.Helper()
	require.Eventually(t, func() bool {
		all, err := filepath.Glob("/proc/[0-9]*")
		require.NoError(t, err)
		for _, dir := range all {
			if cwd, err := os.Readlink(filepath.Join(dir, "cwd")); err == nil && cwd == p.dir {
				return false
			}
		}
		return true
	}, time.Minute, 5*time.Millisecond)
	left, err := filepath.Glob(filepath.Join(os.Getenv("TMPDIR"), "simrun-*"))
	require.NoError(t, err)
	assert.Empty(t, left)
}

// A container that is killed in the middle of a run ends it: the error says who,
// when, and what became of it, and what was recorded is kept.
func TestContainerIsKilled(t *testing.T) {
	p, south := startVillage(t)
	require.NoError(t, syscall.Kill(south, syscall.SIGKILL))
	require.Equal(t, 3, p.wait())
	said := p.out.String()
	assert.Regexp(t, fmt.Sprintf(`^simrun: t=\d+s: simulator "agents": step: container "south": .*\(process %d was ended by a signal: killed\)\n`, south), said)
	assert.Regexp(t, `\n +its last output:\n +tcp://127.0.0.1:\d+\n +its log: out/logs/south.container.log\n`, said)
	assert.Regexp(t, `the run got to .* of 365 d; its results so far are in out, marked as incomplete\n$`, said)
	assert.Contains(t, p.read("out/manifest.json"), `"complete": false`)
	nothingLeft(t, p)
}

// Ctrl-C ends a run with its containers.
func TestFederationIsInterrupted(t *testing.T) {
	p := interrupted(t, func() *program {
		p, _ := startVillage(t)
		return p
	}, syscall.SIGINT)
	nothingLeft(t, p)
}

// Ctrl-C ends a run in order although a container that it is connected to hangs.
func TestContainerHangs(t *testing.T) {
	interrupted(t, func() *program {
		host := simrun(t, nil, "container", "--listen", "ipc://"+filepath.Join(t.TempDir(), "s"))
		host.start()
		require.Eventually(t, func() bool { return strings.HasSuffix(host.out.String(), "\n") }, time.Minute, time.Millisecond)
		north := fmt.Sprintf("north: {connect: %q}", strings.TrimSpace(host.out.String()))
		p := simrun(t, map[string]string{"village.yaml": strings.Replace(village, "north: {}", north, 1)}, "run", "village.yaml", "--out", "out", "--quiet", "--pace", "fast")
		p.start()
		p.await("out/results.csv", "\n900,")
		require.NoError(t, host.cmd.Process.Signal(syscall.SIGSTOP)) // without a pace the run is soon in need of it
		t.Cleanup(func() { _ = host.cmd.Process.Signal(syscall.SIGCONT) })
		return p
	}, syscall.SIGINT)
}

// A run that is killed takes its containers along.
func TestFederationIsKilled(t *testing.T) {
	p, south := startVillage(t)
	require.NoError(t, p.cmd.Process.Kill())
	p.wait()
	gonePID(t, south)
}

// A container hosts one run at a time.
func TestContainerIsBusy(t *testing.T) {
	host := simrun(t, nil, "container", "--listen", "ipc://"+filepath.Join(t.TempDir(), "s"))
	host.start()
	require.Eventually(t, func() bool { return strings.HasSuffix(host.out.String(), "\n") }, time.Minute, time.Millisecond)
	shared := strings.NewReplacer("north: {}", fmt.Sprintf("north: {connect: %q}", strings.TrimSpace(host.out.String()))).Replace(village)
	first := simrun(t, map[string]string{"village.yaml": shared}, "run", "village.yaml", "--out", "out", "--quiet")
	first.start()
	first.await("out/results.csv", "\n900,")
	second := simrun(t, map[string]string{"village.yaml": shared}, "run", "village.yaml", "--out", "out", "--quiet")
	second.start()
	assert.Equal(t, 3, second.wait())
	assert.Contains(t, second.out.String(), `the container is part of another run`)

	require.NoError(t, first.cmd.Process.Signal(os.Interrupt))
	require.Equal(t, 4, first.wait())
	// It is free again, once it knows that the first one has gone, if that was given up.
	var third *program
	for range tries {
		third = simrun(t, map[string]string{"village.yaml": shared}, "run", "village.yaml", "--out", "out", "--quiet", "--until", "1h", "--pace", "fast")
		third.start()
		if third.wait() != 3 || !strings.Contains(third.out.String(), "part of another run") {
			break
		}
	}
	require.Equal(t, 0, third.cmd.ProcessState.ExitCode(), "%s", &third.out)
}
