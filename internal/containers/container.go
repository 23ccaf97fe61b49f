package containers

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"time"

	"github.com/simrun/simrun/channel"
	"github.com/simrun/simrun/internal/codecs"
	"github.com/simrun/simrun/internal/proc"
	"github.com/simrun/simrun/rpc"
)

const (
	// stopGrace is how long a program may take to exit when it is asked to.
	stopGrace = 2 * time.Second
	// dyingTime is how long a program may take from the end of its connection to
	// its exit, so that the error can tell the status.
	dyingTime = 2 * time.Second
	// look is how often the output is looked at for the address. A program takes
	// some milliseconds to start.
	look = 2 * time.Millisecond
)

// Leash is the path of a function that simrun container serves: the process ends when
// the connection over which it was called does. So what a run has started does not
// outlive it, even if it is killed.
const Leash = "leash"

// Container is a connection to a container, and its process if Open has started
// one. Its methods may be called concurrently.
type Container struct {
	cfg  Config
	proc *proc.Process // nil: not ours
	tied bool          // by its Leash
	conn *rpc.Conn
	met  bool // it has answered
}

// Open starts the container, if it does not run already, and connects to it. A
// failure tells the name of the container, and what a program that was started
// last said; nothing is left of it then. The configuration must pass Check.
func Open(ctx context.Context, cfg Config) (*Container, error) {
	if cfg.StartTimeout == 0 {
		cfg.StartTimeout = DefaultStartTimeout
	}
	if cfg.Codec == "" {
		cfg.Codec = codecs.Default
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	cfg.Logger = cfg.Logger.With("container", cfg.Name)
	c := &Container{cfg: cfg}
	if err := c.open(ctx); err != nil {
		err = c.Explain(err)
		c.Close()
		return nil, err
	}
	return c, nil
}

// errLate is the cause of a context that ended because the container took too
// long.
var errLate = errors.New("start timeout")

func (c *Container) open(ctx context.Context) error {
	conn, err := c.connection()
	if err != nil {
		return err
	}
	limited, cancel := context.WithTimeoutCause(ctx, c.cfg.StartTimeout, errLate)
	defer cancel()
	addr := c.cfg.Connect
	if c.cfg.Starts() {
		if addr, err = c.start(limited); err != nil {
			return err
		}
	}
	if c.conn, err = rpc.Dial(limited, addr, conn); err == nil {
		err = c.greet(limited, addr)
	}
	if c.met = err == nil; c.met {
		c.cfg.Logger.Info("connected", "address", addr, "codec", c.cfg.Codec)
	}
	if err != nil && errors.Is(context.Cause(limited), errLate) {
		return fmt.Errorf("connect to %s: no answer within %v (%w)", addr, c.cfg.StartTimeout, errLate)
	}
	return err
}

// connection is how to talk to the container.
func (c *Container) connection() (rpc.Config, error) {
	codec, err := codecs.Named(c.cfg.Codec)
	if err != nil {
		return rpc.Config{}, err
	}
	cfg := rpc.Config{Config: channel.Config{Codec: codec, MaxFrame: maxFrame}}
	if t := c.cfg.TLS; (t != TLS{}) {
		if cfg.TLS, err = channel.LoadTLS(t.CA, t.Cert, t.Key); err != nil {
			return rpc.Config{}, err
		}
	}
	return cfg, nil
}

// start starts the program and returns the address at which it listens.
func (c *Container) start(ctx context.Context) (string, error) {
	addr, dir := "tcp://127.0.0.1:0", ""
	if c.cfg.Transport != TCP {
		var err error
		if dir, err = socketFolder(); err != nil {
			return "", fmt.Errorf("folder of the socket: %w", err)
		}
		addr = "ipc://" + filepath.Join(dir, socketName)
	}
	args, env, err := c.cfg.command(addr)
	if err != nil {
		_ = os.RemoveAll(dir) // left to the system's cleaning of temporary files otherwise
		return "", err
	}
	c.proc, err = proc.Start(proc.Config{Args: args, Dir: c.cfg.Dir, Env: env, Log: c.cfg.Log, Scratch: dir})
	if err == nil {
		c.cfg.Logger.Info("program started", "pid", c.proc.PID(), "command", proc.Quote(args))
		if addr, err = c.address(ctx); err == nil {
			c.cfg.Logger.Debug("program listens", "address", addr)
			return addr, nil
		}
	}
	return "", fmt.Errorf("%w; the command is: %s", err, proc.Quote(args))
}

// printed matches the line that tells the address.
var printed = regexp.MustCompile(`^(tcp|tls|ipc)://.+$`)

// address waits until the program has printed its address.
func (c *Container) address(ctx context.Context) (string, error) {
	tick := time.NewTicker(look)
	defer tick.Stop()
	for {
		exited := c.proc.Exited()
		if lines := c.proc.Tail(); slices.ContainsFunc(lines, printed.MatchString) {
			return lines[slices.IndexFunc(lines, printed.MatchString)], nil
		}
		if exited {
			return "", errors.New("it exited before it listened")
		}
		select {
		case <-tick.C:
		case <-c.proc.Done():
		case <-ctx.Done():
			if errors.Is(context.Cause(ctx), errLate) {
				return "", fmt.Errorf("it did not print the address at which it listens within %v (start timeout)", c.cfg.StartTimeout)
			}
			return "", context.Cause(ctx)
		}
	}
}

// Name is the name that the run gives it.
func (c *Container) Name() string { return c.cfg.Name }

// Conn is the connection.
func (c *Container) Conn() *rpc.Conn { return c.conn }

// broken reports whether the connection has ended or is about to, because the
// program has exited.
func (c *Container) broken() bool {
	return c.conn == nil || c.conn.Channel().Err() != nil || c.proc != nil && c.proc.Exited()
}

// Explain makes an [*Error] of an error with this container. The end of the
// caller's context is returned as it is.
func (c *Container) Explain(err error) error {
	if errors.Is(err, context.Canceled) || errors.As(err, new(*Error)) {
		return err
	}
	f := &Error{Name: c.cfg.Name, Err: err}
	if c.proc == nil || !c.broken() {
		f.hint = c.hint(err)
		return f
	}
	if c.conn != nil {
		dying := time.NewTimer(dyingTime)
		defer dying.Stop()
		select {
		case <-c.proc.Done():
		case <-dying.C:
		}
	}
	if !c.proc.Exited() {
		f.hint = c.hint(err)
	}
	f.process = fmt.Sprintf("process %d %s", c.proc.PID(), c.proc.Status())
	f.output, f.log = c.proc.Tail(), c.proc.Log()
	return f
}

// Close ends the connection and what Open has started, and waits until both are
// gone. It always succeeds.
func (c *Container) Close() {
	if c.conn != nil {
		if err := c.conn.Channel().Err(); err != nil {
			c.cfg.Logger.Warn("connection lost", "error", err)
		}
		_ = c.conn.Close() // it always succeeds
		c.cfg.Logger.Debug("connection closed")
	}
	if c.proc != nil {
		if c.tied {
			ending := time.NewTimer(stopGrace)
			defer ending.Stop()
			select {
			case <-c.proc.Done():
			case <-ending.C:
			}
		}
		c.proc.Stop(context.Background(), stopGrace)
		c.cfg.Logger.Info("program ended", "pid", c.proc.PID(), "status", c.proc.Status())
	}
}
