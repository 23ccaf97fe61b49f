package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/internal/cli"
	"github.com/simrun/simrun/scenarios"
)

var update = flag.Bool("update", false, "rewrite the expected outputs in testdata/script")

func TestMain(m *testing.M) {
	// With the race detector every program would wait for a second before it
	// exits, for others to report a race. The tests start many.
	if err := os.Setenv("GORACE", "atexit_sleep_ms=0"); err != nil {
		panic(err)
	}
	testscript.Main(m, map[string]func(){
		"simrun":  func() { os.Exit(cli.Main(os.Args[1:], scenarios.DefaultRegistry())) },
		"fakesim": fakeSimulator,
	})
}

// The scripts in testdata/script are what users do, each in a folder of its
// own. See the package testscript for their commands; these are added:
//
//	exits CODE PROGRAM [ARG...]    run it and check its exit code
//	occupy VAR OCCUPANT            listen at an address, see the function
//	gone PROGRAM                   no process of the script still runs it (Linux)
//	host VAR [ARG...]              start simrun container, see the function
//	halt VAR, kill VAR             end it, and check that it ends well, or kill it
//
// as are the files of two ends of TLS connections (see certificates) and the conditions [root], and [python]: then ./python is one, and ./rawsim the program of
// sim/mosaik/testdata/rawsim.py.
func TestScripts(t *testing.T) {
	python := pythonOf(t)
	writeCertificates := certificates(t)
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("GORACE", os.Getenv("GORACE"))
			env.Values[hostsKey{}] = hosts{}
			if err := writeCertificates(env.WorkDir); err != nil {
				return err
			}
			if python == "" {
				return nil
			}
			rawsim, err := filepath.Abs(filepath.Join("..", "..", "sim", "mosaik", "testdata", "rawsim.py"))
			if err != nil {
				return err
			}
			return errors.Join(
				os.WriteFile(filepath.Join(env.WorkDir, "rawsim"), fmt.Appendf(nil, "#!/bin/sh\nexec '%s' '%s' \"$@\"\n", python, rawsim), 0o755),
				os.WriteFile(filepath.Join(env.WorkDir, "python"), fmt.Appendf(nil, "#!/bin/sh\nexec '%s' \"$@\"\n", python), 0o755),
			)
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"exits":  exits,
			"gone":   gone,
			"occupy": occupy,
			"host":   host,
			"halt":   halt,
			"kill":   kill,
		},
		Condition: func(condition string) (bool, error) {
			switch condition {
			case "root":
				return os.Geteuid() == 0, nil
			case "python":
				return python != "", nil
			}
			return false, fmt.Errorf("unknown condition %q", condition)
		},
	})
}

// pythonOf returns the Python of the peers, or any other: what is run with it needs
// nothing but the standard library. It is "" if there is none; in continuous
// integration (CI=true) that is a failure.
func pythonOf(t *testing.T) string {
	t.Helper()
	peers, err := filepath.Abs(filepath.Join("..", "..", ".venv", "bin", "python"))
	require.NoError(t, err)
	for _, python := range []string{peers, "python3"} {
		// A file of that name is not enough: it may stand for a Python that is not there.
		if runtime.GOOS != "windows" && exec.Command(python, "-c", "").Run() == nil {
			return python
		}
	}
	require.NotEqual(t, "true", os.Getenv("CI"), "there is no Python; run: make peers")
	return ""
}

func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM [ARG...]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var status *exec.ExitError
		if !errors.As(err, &status) {
			ts.Fatalf("%v", err)
		}
		got = status.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

func gone(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: gone PROGRAM")
	}
	for _, dir := range processesIn(ts, ts.Getenv("WORK")) {
		command, err := os.ReadFile(filepath.Join(dir, "cmdline"))
		if err == nil && strings.Contains(string(command), args[0]) {
			ts.Fatalf("still running: %s", strings.ReplaceAll(string(command), "\x00", " "))
		}
	}
}

// processesIn returns the folders in /proc of the processes whose working
// directory is dir.
func processesIn(ts *testscript.TestScript, dir string) []string {
	all, err := filepath.Glob("/proc/[0-9]*")
	ts.Check(err)
	var found []string
	for _, process := range all {
		// Other users' processes cannot be looked at, and are not ours.
		if cwd, err := os.Readlink(filepath.Join(process, "cwd")); err == nil && cwd == dir {
			found = append(found, process)
		}
	}
	return found
}
