package containers

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"syscall"

	"github.com/simrun/simrun/channel"
)

// agentsService is the path at which a container serves the agents of runs, see
// sim.NewFederatedAgents.
const agentsService = "federation"

// errStranger is a peer that speaks the protocol and has no agents for runs.
var errStranger = errors.New("what listens there is another program, which hosts no agents of runs")

// noCommonVersion is what a TLS server says that has no version in common with the
// client (alert 70 of RFC 8446). Package crypto/tls has no name for its type.
const noCommonVersion = "tls: protocol version not supported"

// greet asks what listens at the address whether it is a container, and ties what
// was started to the connection.
func (c *Container) greet(ctx context.Context, addr string) error {
	if c.proc != nil {
		_, err := c.conn.Remote().Call(ctx, Leash)
		c.tied = err == nil
		if err != nil && !errors.As(err, new(*channel.RemoteError)) { // a program of another kind has none, and will be asked to stop
			return err
		}
	}
	_, err := c.conn.Remote().Get(agentsService).Call(ctx, "describe", []any{})
	remote, answered := errors.AsType[*channel.RemoteError](err)
	switch {
	case answered && remote.Type == "LookupError":
		return fmt.Errorf("there is no simrun container at %s: %w", addr, errStranger)
	case answered: // the run will ask again, and tell
		return nil
	case errors.As(err, new(*channel.FrameTooLargeError)), errors.As(err, new(*channel.ProtocolError)):
		return fmt.Errorf("there is no simrun container at %s that speaks codec %s%s: %w", addr, c.cfg.Codec, c.security(), err)
	}
	return err
}

// security says whether the run uses TLS.
func (c *Container) security() string {
	if (c.cfg.TLS != TLS{}) {
		return " with TLS"
	}
	return " without TLS"
}

// hint is what to look at after a failure of a container that was not started, or
// has not exited; "" if the error tells.
func (c *Container) hint(err error) string {
	switch {
	case c.met && c.proc == nil && errors.Is(err, channel.ErrPeerClosed):
		return "was it stopped? Its own output tells why"
	case c.met:
		return ""
	case errors.Is(err, errStranger):
		return "correct the address, or start simrun container there"
	case strings.Contains(err.Error(), noCommonVersion):
		return "it does not speak TLS 1.3; was it started with --tls-aiomas? Runs cannot connect then: start it without"
	case strings.Contains(err.Error(), "TLS handshake") && (errors.Is(err, io.EOF) || errors.Is(err, syscall.ECONNRESET) || errors.As(err, new(tls.RecordHeaderError))):
		return "does it use TLS? Start it with --tls-ca, --tls-cert and --tls-key, or leave tls out here"
	case errors.As(err, new(*channel.FrameTooLargeError)), errors.As(err, new(*channel.ProtocolError)):
		return "does another program listen there, or one with another codec or with TLS? Both ends need the same"
	case errors.Is(err, errLate), errors.Is(err, channel.ErrPeerClosed):
		return fmt.Sprintf("is it a container that listens there, and does it use the same codec and certificates? The run uses codec %s%s", c.cfg.Codec, c.security())
	case c.cfg.Connect != "" && errors.As(err, new(syscall.Errno)) && !errors.As(err, new(*fs.PathError)): // but of a socket
		return "is simrun container running, and does it listen there?"
	}
	return ""
}
