package channel

import (
	"context"
	"crypto/tls"
	"net"
)

// NewListener is Listen on nl.
func NewListener(nl net.Listener, cfg Config) *Listener { return newListener(nl, cfg, "tcp", false) }

// NewWithLoad is New with another limit on the bytes of requests that are not answered.
func NewWithLoad(nc net.Conn, cfg Config, maxLoad int64) *Conn { return newConn(nc, cfg, maxLoad) }

// Handshake makes the handshake of a connection.
func Handshake(ctx context.Context, nc *tls.Conn) error { return handshake(ctx, nc) }
