package container

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"strings"

	"github.com/simrun/simrun/channel"
	"github.com/simrun/simrun/scheduler"
)

// WithLogger has the container log: with level error behaviours that fail, with warn
// peers that are refused and connections that are lost or cannot be made, with info
// connections that are made, and with debug agents that come and leave and messages that
// are delayed or lost on the way.
// t is virtual time, agent who it is about. All is logged from where the loop runs, in its order.
func WithLogger(l *slog.Logger) Option {
	return func(c *Container) {
		c.log = l.With("container", c.name)
		c.debug = l.Enabled(context.Background(), slog.LevelDebug)
	}
}

// logAgent logs what has become of an agent.
func (c *Container) logAgent(what, name string) {
	if c.debug {
		c.log.Debug(what, "t", c.loop.Now(), "agent", name)
	}
}

// logTravel logs a message that does not arrive at once.
func (c *Container) logTravel(p *parcel, lost bool) {
	args := []any{"t", c.loop.Now(), "agent", p.from, "to", p.to, "kind", MessageKind(p.kind)}
	if p.kind != answerMessage {
		args = append(args, "method", p.method)
	}
	if lost {
		c.log.Debug("message lost", args...)
		return
	}
	c.log.Debug("message delayed", append(args, "arrives", p.at)...)
}

// logFailure logs that a behaviour has failed, which ends the run.
func (b *behaviour) logFailure(err error) {
	c := b.agent.container
	if c.log == nil || errors.Is(err, scheduler.ErrClosed) || errors.Is(err, ErrRemoved) {
		return // it was unwound
	}
	c.log.Error("behaviour failed", "t", c.loop.Now(), "round", c.loop.Round(), "agent", b.agent.Name(), "behaviour", b.process.Name(), "error", err)
}

// logEnd logs that a connection has ended, or could not be made.
func (l *link) logEnd(err error) {
	switch {
	case errors.Is(err, channel.ErrClosed) || errors.Is(err, context.Canceled):
		l.logLink(slog.LevelDebug, "connection closed")
	case l.conn == nil:
		l.logLink(slog.LevelWarn, "no connection", "error", err)
	case errors.Is(err, channel.ErrPeerClosed) || errors.Is(err, io.EOF): // EOF: during a TLS handshake
		l.logLink(slog.LevelInfo, "connection ended", "error", err)
	case !l.understood && strings.HasPrefix(l.name, peerPrefix):
		l.logLink(slog.LevelWarn, "peer refused", "wants", l.endpoint.language(), "error", err)
	default:
		l.logLink(slog.LevelWarn, "connection lost", "error", err)
	}
}

// language is what peers must speak: the codec, and whether with TLS.
func (e *Endpoint) language() string {
	name, version := e.cfg.Codec.Name(), "1.3"
	transport, _, _ := strings.Cut(e.Address(), "://")
	if e.cfg.TLS == nil || transport != "tcp" && transport != "tls" {
		return name + " without TLS"
	}
	if e.cfg.TLS.Aiomas {
		version = "1.2"
	}
	return name + " over TLS " + version
}

// logLink logs what has become of a connection.
func (l *link) logLink(level slog.Level, what string, args ...any) {
	c := l.endpoint.c
	if c.log == nil {
		return
	}
	args = append([]any{"t", c.loop.Now(), "address", l.name}, args...)
	c.log.Log(context.Background(), level, what, args...)
}
