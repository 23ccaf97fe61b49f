package channel

import (
	"context"
	"crypto/tls"
	"net"
)

// NewListener is Listen on nl.
func NewListener(nl net.Listener, cfg Config) *Listener { return newListener(nl, cfg, "tcp", false) }

// Handshake makes the handshake of a connection.
func Handshake(ctx context.Context, nc *tls.Conn) error { return handshake(ctx, nc) }
