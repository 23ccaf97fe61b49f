//go:build unix

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// inTime is how long an interrupted run may take to end: the two seconds that
// are promised, and as much again and more on a machine that is busy with tests.
const inTime = 5 * time.Second

// tries is how often a run is interrupted until it ends in order and in time. On a
// machine that is too busy one that could have done so is given up.
const tries = 5

const endless = `
simrun: 1
name: endless
until: 100000d
simulators:
  load: {model: load, params: {step: 1m}}
record: {values: [load.power]}
`

// foreign is a scenario with a simulator in another process.
func foreign(behaviour string) map[string]string {
	return map[string]string{"s.yaml": `
simrun: 1
name: foreign
until: 100000d
simulators:
  counter: {command: "fakesim ` + behaviour + ` {addr}", timeouts: {start: 1h, stop: 1h}}
entities:
  c: {of: counter.Counter}
record: {values: [c.count]}
`}
}

// interrupted starts a program, sends it the signals, and checks that it ends in order
// and in time. It returns the one that did.
func interrupted(t *testing.T, start func() *program, signals ...syscall.Signal) (p *program) {
	t.Helper()
	var took time.Duration
	for range tries {
		p = start()
		began := time.Now()
		for _, s := range signals {
			require.NoError(t, p.cmd.Process.Signal(s))
		}
		require.Equal(t, 4, p.wait(), "%s", &p.out)
		if took = time.Since(began); took < inTime && !givenUp(p.out.String()) {
			return p
		}
	}
	t.Fatalf("none of %d programs ended in order and in time; the last one took %v and said:\n%s", tries, took, &p.out)
	return nil
}

// givenUp reports whether a program that says so was left as it was, instead of ended in
// order.
func givenUp(says string) bool {
	return strings.Contains(says, "did not stop in time") || strings.Contains(says, "stopped at once")
}

// child is the process ID of the simulator that was started.
func child(t *testing.T, p *program) int {
	t.Helper()
	p.await("out/logs/counter.log", "fakesim: pid ")
	match := regexp.MustCompile(`pid ([0-9]+)\n`).FindStringSubmatch(p.read("out/logs/counter.log"))
	require.NotNil(t, match)
	pid, err := strconv.Atoi(match[1])
	require.NoError(t, err)
	return pid
}

// gonePID checks that no process with the ID runs.
func gonePID(t *testing.T, pid int) {
	t.Helper()
	require.Eventually(t, func() bool { return syscall.Kill(pid, 0) != nil || isZombie(pid) }, time.Minute, time.Millisecond,
		"process %d is still there", pid)
}

// isZombie reports whether a process has ended and nobody has asked how. Orphans
// stay like that in containers whose first process does not care for them.
func isZombie(pid int) bool {
	// On systems without /proc somebody does care.
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	_, state, found := strings.Cut(string(stat), ") ")
	return err == nil && found && strings.HasPrefix(state, "Z")
}

func wholeLines(t *testing.T, csv string) {
	t.Helper()
	assert.True(t, strings.HasSuffix(csv, "\n"), "a part of a line: %q", csv[max(0, len(csv)-200):])
}

func TestInterrupt(t *testing.T) {
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
		t.Run(signal.String(), func(t *testing.T) {
			p := interrupted(t, func() *program {
				p := simrun(t, map[string]string{"s.yaml": endless}, "run", "s.yaml", "--out", "out")
				p.start()
				p.await("out/results.csv", "\n60,")
				return p
			}, signal)
			assert.Contains(t, p.out.String(), ": stopping; again to stop at once\n")
			// A step may take long, and is named then, on a busy machine.
			assert.Regexp(t, `simrun: interrupted; (simulator "load" had been in its step .*; )?the run got to .* of 100000 d; its results so far are in out, marked as incomplete\n`, p.out.String())
			assert.Contains(t, p.out.String(), "real time, incomplete\n", "there is a summary of what was done")
			assert.Contains(t, p.read("out/manifest.json"), `"complete": false`)
			assert.Contains(t, p.read("out/manifest.json"), `"error": "t=`)
			wholeLines(t, p.read("out/results.csv"))
		})
	}
}

// A simulator that does not answer and cannot be asked to end must not keep
// simrun from stopping, and must not stay.
func TestInterruptWithHangingSimulator(t *testing.T) {
	var pid int
	p := interrupted(t, func() *program {
		p := simrun(t, foreign("hang"), "run", "s.yaml", "--out", "out")
		p.start()
		pid = child(t, p)
		p.await("out/results.csv", "60,,c,count,1\n")
		return p
	}, syscall.SIGINT)
	gonePID(t, pid)
	assert.Contains(t, p.out.String(), "; the run got to 2 min of")
	assert.Contains(t, p.read("out/manifest.json"), `"reached_seconds": 120`)
	wholeLines(t, p.read("out/results.csv"))
}

func TestInterruptWhileSimulatorsStart(t *testing.T) {
	var pid int
	p := interrupted(t, func() *program {
		p := simrun(t, foreign("silent"), "run", "s.yaml", "--out", "out")
		p.start()
		pid = child(t, p)
		return p
	}, syscall.SIGINT)
	gonePID(t, pid)
	assert.Contains(t, p.out.String(), "simrun: interrupted while the simulators were started\n  logs of simulators are in out/logs\n")
	assert.Contains(t, p.read("out/manifest.json"), `"complete": false`)
}

func TestInterruptCheck(t *testing.T) {
	files := foreign("silent")
	files["s.yaml"] = strings.Replace(files["s.yaml"], "fakesim silent", "sh -c 'echo $$ > pid; exec fakesim silent $0'", 1)
	p := interrupted(t, func() *program {
		p := simrun(t, files, "check", "s.yaml", "--start")
		p.start()
		p.await("pid", "\n")
		return p
	}, syscall.SIGINT)
	pid, err := strconv.Atoi(strings.TrimSpace(p.read("pid")))
	require.NoError(t, err)
	gonePID(t, pid)
	assert.Contains(t, p.out.String(), "simrun: interrupted")
}

// The second Ctrl-C does not wait for anything.
func TestInterruptTwice(t *testing.T) {
	p := simrun(t, foreign("stuck"), "run", "s.yaml", "--out", "out")
	p.start()
	pid := child(t, p)
	p.await("out/results.csv", "60,,c,count,1\n")
	// Those of the first 300 ms are one Ctrl-C.
	require.Eventually(t, func() bool {
		_ = p.cmd.Process.Signal(os.Interrupt) // fails when it has ended
		return strings.Contains(p.out.String(), "stopped at once")
	}, time.Minute, 20*time.Millisecond)
	assert.Equal(t, 4, p.wait(), "%s", &p.out)
	gonePID(t, pid)
	assert.Contains(t, p.out.String(), "simrun: stopped at once; the results so far are kept, marked as incomplete\n")
	assert.Contains(t, p.read("out/manifest.json"), `"complete": false`)
	wholeLines(t, p.read("out/results.csv"))
}

// One Ctrl-C may come several times.
func TestInterruptOnceByTwoSignals(t *testing.T) {
	var pid int
	p := interrupted(t, func() *program {
		p := simrun(t, foreign("stuck"), "run", "s.yaml", "--out", "out")
		p.start()
		pid = child(t, p)
		p.await("out/results.csv", "60,,c,count,1\n")
		return p
	}, syscall.SIGINT, syscall.SIGTERM)
	gonePID(t, pid)
	assert.Contains(t, p.out.String(), "simrun: interrupted; ")
}

// What nobody can catch still leaves readable results and no child.
func TestKill(t *testing.T) {
	p := simrun(t, foreign("hang"), "run", "s.yaml", "--out", "out")
	p.start()
	pid := child(t, p)
	p.await("out/results.csv", "60,,c,count,1\n")
	require.NoError(t, p.cmd.Process.Kill())
	assert.Equal(t, -1, p.wait())
	gonePID(t, pid)
	manifest := p.read("out/manifest.json")
	assert.Contains(t, manifest, `"complete": false`)
	assert.Regexp(t, `(?s)"simulators": \[.*"name": "counter",\s*"entities": \{\s*"Counter": 1`, manifest, "who took part was known before it began")
	wholeLines(t, p.read("out/results.csv"))
}

// Nothing is left of a program that has stopped at once in the midst of starting simulators
// and containers, but what it was asked for.
func TestInterruptTwiceLeavesNoFiles(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	const scenario = `
simrun: 1
name: stuck
until: 1h
simulators:
  counter: {command: "sh -c 'trap : TERM; echo $$ > pid; while :; do sleep 1; done' {addr}", timeouts: {start: 1h, stop: 1h}}
entities:
  c: {of: counter.Counter}
containers:
  north: {}
agents:
  house: {type: Household, container: north}
record: {values: [c.count]}
`
	for range tries {
		p := simrun(t, map[string]string{"s.yaml": scenario}, "check", "s.yaml", "--start")
		p.start()
		p.await("pid", "\n")
		temporary := func() []string {
			found, err := filepath.Glob(filepath.Join(os.Getenv("TMPDIR"), "simrun-*"))
			require.NoError(t, err)
			return found
		}
		require.NotEmpty(t, temporary())
		require.Eventually(t, func() bool { // those of the first 300 ms are one Ctrl-C
			_ = p.cmd.Process.Signal(os.Interrupt) // fails when it has ended
			return givenUp(p.out.String()) || strings.Contains(p.out.String(), "simrun: interrupted")
		}, time.Minute, 20*time.Millisecond)
		assert.Equal(t, 4, p.wait(), "%s", &p.out)
		require.Empty(t, temporary())
		if givenUp(p.out.String()) {
			return
		}
	}
	t.Errorf("none of %d programs was stopped at once", tries)
}
