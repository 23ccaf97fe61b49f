package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// program is a simrun, in a process of its own, of a test that has to do
// something while it runs. It works in a folder of its own.
type program struct {
	t   *testing.T
	cmd *exec.Cmd
	dir string
	out output // standard output and error
}

// output is text that is written by one goroutine and read by others.
type output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}

// simrun prepares a run of this test program as simrun. files are made in its
// folder.
func simrun(t *testing.T, files map[string]string, args ...string) *program {
	t.Helper()
	p := &program{t: t, dir: t.TempDir()}
	for name, text := range files {
		require.NoError(t, os.WriteFile(filepath.Join(p.dir, name), []byte(text), 0o644))
	}
	self, err := exec.LookPath("simrun") // made by testscript.Main
	require.NoError(t, err)
	p.cmd = exec.Command(self, args...)
	p.cmd.Dir = p.dir
	p.cmd.Stdout, p.cmd.Stderr = &p.out, &p.out
	// What is started but holds the output open must not keep Wait from returning.
	p.cmd.WaitDelay = time.Minute
	return p
}

// start starts it; the test kills what is left of it.
func (p *program) start() {
	p.t.Helper()
	require.NoError(p.t, p.cmd.Start())
	p.t.Cleanup(func() { _ = p.cmd.Process.Kill() })
}

// await waits until the file in the program's folder contains text.
func (p *program) await(file, text string) {
	p.t.Helper()
	require.Eventually(p.t, func() bool {
		got, err := os.ReadFile(filepath.Join(p.dir, file))
		return err == nil && strings.Contains(string(got), text)
	}, time.Minute, 5*time.Millisecond, "%q in %s", text, file)
}

// wait returns the exit code.
func (p *program) wait() int {
	p.t.Helper()
	var status *exec.ExitError
	if err := p.cmd.Wait(); err != nil && !errors.As(err, &status) {
		p.t.Fatal(err)
	}
	return p.cmd.ProcessState.ExitCode()
}

// read returns a file of the program's folder.
func (p *program) read(file string) string {
	p.t.Helper()
	text, err := os.ReadFile(filepath.Join(p.dir, file))
	require.NoError(p.t, err)
	return string(text)
}
