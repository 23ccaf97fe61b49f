package mosaik

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"time"

	"github.com/simrun/simrun/internal/proc"
)

// Defaults of Config.
const (
	DefaultStartTimeout = 10 * time.Second
	DefaultStopTimeout  = 10 * time.Second
	// DefaultMaxFrame is four times that of package channel: the data of a step
	// of thousands of entities are one message.
	DefaultMaxFrame = 64 << 20
)

// Config says how to get at a program, and how to treat it. Exactly one of
// Command, CommandLine and Connect is set.
type Config struct {
	// Command is a program and its arguments. In each of them and in Env, {addr}
	// or %(addr)s stands for the address (host:port) to which the program must
	// connect, and {python} or %(python)s for Python.
	Command []string
	// CommandLine is a command as one text, split into words by the rules of
	// proc.Split: those of a shell, without expansion.
	CommandLine string
	// Connect is the address of a program that listens: host:port, or ipc://path
	// for a Unix socket.
	Connect string

	Dir string   // working directory of the command; default: that of this process
	Env []string // added to the environment of the command, as NAME=value
	// Log is the file for all output of the command. Default: none; its last
	// lines are still part of errors.
	Log string
	// Python is what {python} stands for. Default: "python3".
	Python string

	// API is the version of the API that the program is known to speak, such as
	// "3" or "2.2". A program that reports another one is refused. With 2 or
	// less, init is sent without time_resolution, which old programs do not know.
	// Default: what the program reports.
	API string

	// StartTimeout is how long the program may take to connect, and then to
	// answer init. Default: DefaultStartTimeout.
	StartTimeout time.Duration
	// StepTimeout is how long a step may take, and any other request but init.
	// Default: no limit.
	StepTimeout time.Duration
	// StopTimeout is how long the program may take to exit when it is asked to
	// at the end, in which it may write its results. After a failure, or when the
	// run is interrupted, it gets less. Default: DefaultStopTimeout.
	StopTimeout time.Duration

	// SeparateGetData sends get_data only after step has been answered, for
	// programs that cannot cope with a second request in the meantime.
	SeparateGetData bool
	// MaxFrame is the size of the largest message, in bytes. Default:
	// DefaultMaxFrame.
	MaxFrame int
	// Warn is told what looks wrong but does not stop the run. It is called
	// from one goroutine at a time. Default: nobody is told.
	Warn func(text string)
	// Logger is told of the program's start and end, of what it says of itself, of
	// warnings, and at level debug of requests but those of steps. Default: nothing is
	// logged.
	Logger *slog.Logger
}

// someAddr stands for an address that is not known yet.
const someAddr = "host:1"

// Check reports all that is wrong with the configuration, without starting or
// connecting anything.
func (c Config) Check() error {
	var errs []error
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	ways := 0
	for _, set := range []bool{len(c.Command) > 0, c.CommandLine != "", c.Connect != ""} {
		if set {
			ways++
		}
	}
	switch {
	case ways == 0:
		bad("there is neither a command to start nor an address to connect to; give one")
	case ways > 1:
		bad("give only one of a command, a command line and an address to connect to")
	case c.Connect != "":
		path, isSocket := strings.CutPrefix(c.Connect, "ipc://")
		_, port, err := net.SplitHostPort(c.Connect)
		if isSocket && path == "" || !isSocket && (err != nil || port == "") {
			bad("the address %q is not of the form host:port, such as localhost:5555, or ipc://path", c.Connect)
		}
	default:
		if _, err := c.command(someAddr); err != nil {
			errs = append(errs, err)
		}
	}
	if c.API != "" {
		if v, err := parseVersion(c.API); err != nil {
			errs = append(errs, err)
		} else if err := v.supported(); err != nil {
			errs = append(errs, err)
		}
	}
	if c.StartTimeout < 0 || c.StepTimeout < 0 || c.StopTimeout < 0 {
		bad("timeouts must not be negative")
	}
	if c.MaxFrame < 0 {
		bad("the largest message must not be negative")
	}
	return errors.Join(errs...)
}

// FindProgram reports whether the program of the command can be found, without
// starting it. It is nil if that cannot be known: there is no command, or it
// depends on the address.
func (c Config) FindProgram() error {
	cmd, err := c.withDefaults().command(someAddr)
	if err != nil || strings.Contains(cmd.args[0], someAddr) {
		return nil // what is wrong with the command, Check reports
	}
	return proc.Find(cmd.args[0], c.Dir)
}

func (c Config) withDefaults() Config {
	if c.StartTimeout == 0 {
		c.StartTimeout = DefaultStartTimeout
	}
	if c.StopTimeout == 0 {
		c.StopTimeout = DefaultStopTimeout
	}
	if c.MaxFrame == 0 {
		c.MaxFrame = DefaultMaxFrame
	}
	if c.Python == "" {
		c.Python = "python3"
	}
	if c.Warn == nil {
		c.Warn = func(string) {}
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c
}
