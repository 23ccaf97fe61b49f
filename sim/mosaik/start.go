package mosaik

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/simrun/simrun/channel"
	"github.com/simrun/simrun/internal/proc"
)

// errExited is the cause of giving up a program that has exited.
var errExited = errors.New("it exited before it connected")

// open starts the program and waits for it to connect, or connects to it.
func (s *Simulator) open(ctx context.Context) error {
	ctx, cancel := withLimit(ctx, s.cfg.StartTimeout, "start timeout")
	defer cancel()
	cfg := s.channel()
	if s.cfg.Connect != "" {
		conn, err := channel.Dial(ctx, s.cfg.Connect, cfg)
		if err != nil {
			if late, ok := errors.AsType[*timeoutError](context.Cause(ctx)); ok {
				return fmt.Errorf("connect to %s: %w", s.cfg.Connect, late)
			}
			return fmt.Errorf("%w; is the program running, and does it listen there?", err)
		}
		s.conn = conn
		s.cfg.Logger.Info("connected to program", "address", s.cfg.Connect)
		return nil
	}
	l, err := channel.Listen("127.0.0.1:0", cfg)
	if err != nil {
		return err
	}
	defer l.Close() // closing it loses nothing: the one connection was accepted
	cmd, err := s.cfg.command(strings.TrimPrefix(l.Addr(), "tcp://"))
	if err != nil {
		return err
	}
	// Python holds back what is printed to a file; the last lines before a
	// death would be lost.
	env := append([]string{"PYTHONUNBUFFERED=1"}, cmd.env...)
	s.proc, err = proc.Start(proc.Config{Args: cmd.args, Dir: s.cfg.Dir, Env: env, Log: s.cfg.Log})
	if err != nil {
		return &startError{err, cmd.args}
	}
	s.cfg.Logger.Info("program started", "pid", s.proc.PID(), "command", proc.Quote(cmd.args))
	s.conn, err = acceptUnlessExited(ctx, l, s.proc)
	switch {
	case err == nil:
		s.cfg.Logger.Debug("program connected", "pid", s.proc.PID())
		return nil
	case errors.Is(err, errExited):
		err = &startError{errExited, cmd.args}
	case errors.As(err, new(*timeoutError)):
		err = fmt.Errorf("it did not connect to %s within %v (start timeout); the command is: %s; check that it is given the address, or raise the start timeout",
			strings.TrimPrefix(l.Addr(), "tcp://"), s.cfg.StartTimeout, proc.Quote(cmd.args))
		s.busy = true
	default:
		s.busy = true
	}
	s.failed = true
	return s.explain(ctx, "init", err)
}

// channel is how to speak with the program.
func (s *Simulator) channel() channel.Config {
	return channel.Config{
		Handler:  s.requests().Serve,
		Workers:  1, // in the order of arrival
		MaxFrame: s.cfg.MaxFrame,
		Failure:  channel.FailureList,
	}
}

// startError is what went wrong with a command.
type startError struct {
	err  error
	args []string // the command, with the address filled in
}

// Error ends with the command as it can be typed into a shell.
func (e *startError) Error() string {
	return fmt.Sprintf("%v; the command is: %s", e.err, proc.Quote(e.args))
}

func (e *startError) Unwrap() error { return e.err }

// Cause is as that of failure.
func (e *startError) Cause() (kind, text string) {
	what, _, _ := strings.Cut(e.err.Error(), "; ")
	return "program " + e.args[0], what
}

// acceptUnlessExited accepts a connection. It gives up if the program exits without having
// made one.
func acceptUnlessExited(ctx context.Context, l *channel.Listener, p *proc.Process) (*channel.Conn, error) {
	waiting, cancel := context.WithCancel(ctx)
	knocked := make(chan net.Conn, 1) // by this side; closed
	go func() {
		defer close(knocked)
		select {
		case <-p.Done():
			// Connections are accepted in the order in which they were made. If the
			// program has made one, that comes first: what became of it tells more.
			if nc, err := new(net.Dialer).DialContext(waiting, "tcp", strings.TrimPrefix(l.Addr(), "tcp://")); err == nil {
				knocked <- nc
			} else {
				cancel()
			}
		case <-waiting.Done():
		}
	}()
	conn, err := l.Accept(waiting)
	exited := p.Exited()
	if !exited {
		cancel()
	}
	knock := <-knocked
	cancel()
	if knock != nil {
		if err == nil && conn.RemoteAddr().String() == knock.LocalAddr().String() {
			_ = conn.Close() // it always succeeds
			conn, err = nil, errExited
		}
		_ = knock.Close() // it was only to be accepted
	}
	if err != nil && exited && ctx.Err() == nil {
		err = errExited
	}
	return conn, err
}

// timeoutError is the cause of a context that ended because the program took too
// long.
type timeoutError struct {
	limit time.Duration
	name  string
}

func (e *timeoutError) Error() string {
	return fmt.Sprintf("no answer within %v; if it needs longer, raise its %s", e.limit, e.name)
}

// withLimit limits ctx, unless limit is zero.
func withLimit(ctx context.Context, limit time.Duration, name string) (context.Context, context.CancelFunc) {
	if limit == 0 {
		return ctx, func() {}
	}
	return context.WithTimeoutCause(ctx, limit, &timeoutError{limit, name})
}
