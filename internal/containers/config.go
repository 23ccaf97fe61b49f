package containers

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/simrun/simrun/internal/codecs"
	"github.com/simrun/simrun/internal/proc"
)

const (
	// DefaultStartTimeout is the default of Config.StartTimeout.
	DefaultStartTimeout = 10 * time.Second
	// maxFrame is that of simulators: what the agents of a round have for others
	// is one message.
	maxFrame = 64 << 20
)

// The transports over which a started container can be reached.
const (
	Unix = "unix"
	TCP  = "tcp" // of this machine only
)

// Transports lists them.
func Transports() []string { return []string{Unix, TCP} }

// Config says how to get at a container. At most one of Connect, Command and
// CommandLine is set; with none of them Host is started.
type Config struct {
	Name string // that the run gives it
	// Connect is the address of a container that runs.
	Connect string
	// Command is a program and its arguments, in each of which, and in Env, {addr}
	// stands for the address at which it is to listen: a Unix socket, or port 0,
	// which is any free one. The program prints the real address on a line of its
	// own.
	Command []string
	// CommandLine is a Command as one text, see proc.Split.
	CommandLine string
	// Host is simrun container: a program that takes the options --listen, --codec,
	// --tls-ca, --tls-cert and --tls-key.
	Host []string

	Transport string // of what is started; default: Unix
	Codec     string // see package codecs; default: codecs.Default
	TLS       TLS    // default: none

	Dir string   // working directory of the program; default: that of this process
	Env []string // added to the environment of the program, as NAME=value
	// Log is the file for all output of the program. Default: none; its last
	// lines are still part of errors.
	Log string
	// StartTimeout is how long the program may take until it listens. Default:
	// DefaultStartTimeout.
	StartTimeout time.Duration
	// Logger is told of the program's start and end and of the connection. Default:
	// nothing is logged.
	Logger *slog.Logger
}

// TLS are the paths of PEM files: the authority, and the certificate and key of
// the run's side.
type TLS struct{ CA, Cert, Key string }

// someAddr stands for an address that is not known yet.
const someAddr = "tcp://host:1"

// Starts reports whether there is a program to start.
func (c *Config) Starts() bool { return c.Connect == "" }

// Check reports what is wrong with the configuration, without starting or
// connecting anything.
func (c *Config) Check() error {
	var errs []error
	if c.Connect != "" {
		errs = append(errs, checkAddress(c.Connect))
	} else if c.hasCommand() {
		_, _, err := c.command(someAddr)
		errs = append(errs, err)
	}
	if _, err := codecs.Named(c.Codec); err != nil {
		errs = append(errs, err)
	}
	local := c.Starts() && c.Transport != TCP || strings.HasPrefix(c.Connect, "ipc://")
	switch {
	case c.TLS == TLS{}:
		if strings.HasPrefix(c.Connect, "tls://") {
			errs = append(errs, errors.New("a tls:// address needs certificates; add tls: {ca: FILE, cert: FILE, key: FILE}"))
		}
	case local:
		errs = append(errs, errors.New("a Unix socket does not leave the machine and has no TLS; leave tls out, or set the transport to tcp"))
	case c.TLS.CA == "" || c.TLS.Cert == "" || c.TLS.Key == "":
		errs = append(errs, errors.New("TLS needs the files of an authority, a certificate and its key: ca, cert and key"))
	}
	return errors.Join(errs...)
}

// checkAddress checks the address of a container that runs.
func checkAddress(addr string) error {
	scheme, rest, found := strings.Cut(addr, "://")
	if found && rest != "" {
		switch scheme {
		case "ipc":
			return nil
		case "tcp", "tls":
			if host, port, ok := cutLast(rest, ":"); ok && host != "" && port != "" && port != "0" && !strings.ContainsAny(rest, "/ ") {
				return nil
			}
		}
	}
	return fmt.Errorf("the address %q is not of the form tcp://HOST:PORT, tls://HOST:PORT or ipc://PATH", addr)
}

func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

// FindProgram reports whether the program of the command can be found, without
// starting it. It is nil if that cannot be known: there is no command, or it
// depends on the address.
func (c *Config) FindProgram() error {
	if !c.hasCommand() {
		return nil
	}
	args, _, err := c.command(someAddr)
	if err != nil || strings.Contains(args[0], someAddr) {
		return nil // what is wrong with the command, Check reports
	}
	return proc.Find(args[0], c.Dir)
}

// Words are those of the command, nil if there is none. It fails if a command
// line cannot be split.
func (c *Config) Words() ([]string, error) {
	if c.CommandLine == "" {
		return c.Command, nil
	}
	return proc.Split(c.CommandLine)
}

func (c *Config) hasCommand() bool { return len(c.Command) > 0 || c.CommandLine != "" }

// command returns the program to start and its environment.
func (c *Config) command(addr string) (args, env []string, err error) {
	if !c.hasCommand() {
		args = append(append([]string{}, c.Host...), "--listen", addr, "--codec", c.Codec)
		if (c.TLS != TLS{}) {
			args = append(args, "--tls-ca", c.TLS.CA, "--tls-cert", c.TLS.Cert, "--tls-key", c.TLS.Key)
		}
		return args, c.Env, nil
	}
	if args, err = c.Words(); err != nil {
		return nil, nil, err
	}
	if len(args) == 0 || args[0] == "" {
		return nil, nil, errors.New("the command is empty")
	}
	if !strings.Contains(strings.Join(args, " ")+strings.Join(c.Env, " "), "{addr}") {
		return nil, nil, errors.New("the command has no {addr}, so that the program would not know where to listen; simrun container takes it as --listen {addr}")
	}
	return replaced(args, addr), replaced(c.Env, addr), nil
}

func replaced(texts []string, addr string) []string {
	out := make([]string, len(texts))
	for i, text := range texts {
		out[i] = strings.ReplaceAll(text, "{addr}", addr)
	}
	return out
}
