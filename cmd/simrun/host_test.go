package main

import (
	"bufio"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/internal/testcert"
)

// hostsKey is where the hosts of a script are among the values of its
// environment.
type hostsKey struct{}

// hosts are the containers that a script has started, by the variables that hold
// their addresses.
type hosts map[string]*exec.Cmd

// host is the command
//
//	host VAR [ARG...]
//
// It starts simrun container with the arguments and waits until it listens. The
// variable becomes the address. What it logs is in VAR.log. It is killed when the script
// ends.
func host(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: host VAR [ARG...]")
	}
	self, err := exec.LookPath("simrun") // made by testscript.Main
	ts.Check(err)
	cmd := exec.Command(self, append([]string{"container"}, args[1:]...)...)
	cmd.Dir = ts.Getenv("WORK")
	log, err := os.Create(filepath.Join(cmd.Dir, args[0]+".log"))
	ts.Check(err)
	ts.Defer(func() { _ = log.Close() })
	cmd.Stderr = log
	out, err := cmd.StdoutPipe()
	ts.Check(err)
	ts.Check(cmd.Start())
	ts.Defer(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	line, err := bufio.NewReader(out).ReadString('\n')
	ts.Check(err)
	ts.Setenv(args[0], strings.TrimSpace(line))
	ts.Value(hostsKey{}).(hosts)[args[0]] = cmd
	go func() { _, _ = io.Copy(io.Discard, out) }() // until it exits
}

// halt is the command
//
//	halt VAR
//
// It asks the host to end and checks that it ends well.
func halt(ts *testscript.TestScript, neg bool, args []string) {
	cmd := named(ts, "halt", neg, args)
	ts.Check(cmd.Process.Signal(syscall.SIGTERM))
	if err := cmd.Wait(); err != nil {
		ts.Fatalf("the host of %s: %v\n%s", args[0], err, ts.ReadFile(args[0]+".log"))
	}
}

// kill is the command
//
//	kill VAR
//
// It kills the host.
func kill(ts *testscript.TestScript, neg bool, args []string) {
	cmd := named(ts, "kill", neg, args)
	ts.Check(cmd.Process.Kill())
	var status *exec.ExitError
	if err := cmd.Wait(); !errors.As(err, &status) {
		ts.Fatalf("the host of %s: %v", args[0], err)
	}
}

func named(ts *testscript.TestScript, name string, neg bool, args []string) *exec.Cmd {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: %s VAR", name)
	}
	cmd := ts.Value(hostsKey{}).(hosts)[args[0]]
	if cmd == nil {
		ts.Fatalf("there is no host of %s", args[0])
	}
	return cmd
}

// certificates returns a function that puts into a folder the files of one
// authority, ca.pem, and of two ends, host.pem with host.key, and run.pem with
// run.key; and other.pem, another authority.
func certificates(t *testing.T) func(dir string) error {
	authority := testcert.New(t)
	host, run, other := authority.Issue("host", true), authority.Issue("run", true), testcert.New(t).Issue("other", true)
	files := make(map[string][]byte)
	for name, path := range map[string]string{"ca.pem": host.CA, "host.pem": host.Cert, "host.key": host.Key,
		"run.pem": run.Cert, "run.key": run.Key, "other.pem": other.CA} {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		files[name] = text
	}
	return func(dir string) error {
		for name, text := range files {
			if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
				return err
			}
		}
		return nil
	}
}
