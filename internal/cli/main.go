package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	"github.com/simrun/simrun/internal/proc"
	"github.com/simrun/simrun/scenarios"
)

// command is one run of the program: where it reads and writes.
type command struct {
	registry *scenarios.Registry
	in       io.Reader
	out      io.Writer
	err      *messages
	terminal *os.File // what err writes to
	getenv   func(string) string
	scratches
}

// messages is the standard error, which a progress bar may be using while
// something else has a message to show.
type messages struct {
	mu sync.Mutex
	w  io.Writer
}

func (m *messages) Write(p []byte) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.w.Write(p)
}

// through sends what is written from now on through w.
func (m *messages) through(w io.Writer) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.w = w
}

// Main runs simrun with the arguments that follow its name on the command
// line and returns the exit code. Scenarios can name what is in the registry.
func Main(args []string, registry *scenarios.Registry) (code int) {
	c := &command{registry: registry, in: os.Stdin, out: os.Stdout, err: &messages{w: os.Stderr}, terminal: os.Stderr, getenv: os.Getenv}
	defer func() {
		// Without this a panic would exit with 2, which says that the scenario is bad.
		if p := recover(); p != nil {
			fmt.Fprintf(c.err, "simrun: internal error: %v\n%s", p, debug.Stack())
			proc.KillAll()
			c.scratches.removeAll()
			code = int(InternalError)
		}
	}()
	root := c.root()
	root.SetArgs(args)
	if len(args) > 0 && args[0] == cobra.ShellCompRequestCmd {
		plainUsage(root)
	}
	return int(c.report(root.ExecuteContext(context.Background())))
}

// say prints for people to read, on standard error.
func (c *command) say(format string, args ...any) {
	// There is no other place to say that this one cannot be written.
	_, _ = fmt.Fprintf(c.err, "simrun: "+format+"\n", args...)
}

// color reports whether text may be coloured (no-color.org).
func (c *command) color() bool { return c.getenv("NO_COLOR") == "" }

// indent puts two spaces before each line but the first.
func indent(text string) string { return strings.ReplaceAll(text, "\n", "\n  ") }
