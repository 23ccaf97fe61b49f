package channel

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"syscall"
	"time"
)

// The pauses between attempts to connect grow by half from the first to the
// longest.
const (
	firstPause   = 5 * time.Millisecond
	longestPause = 500 * time.Millisecond
)

// wsaConnRefused is what Windows reports if nobody listens.
const wsaConnRefused = syscall.Errno(10061)

// Dial connects to addr, which is tcp://host:port, host:port, tls://host:port,
// ipc://path, ipc://[path] or local://name. It tries once, or, with cfg.Retry,
// until somebody listens there or ctx ends.
func Dial(ctx context.Context, addr string, cfg Config) (*Conn, error) {
	a, err := parseAddress(addr)
	if err != nil {
		return nil, err
	}
	secure, err := secured(a, cfg.TLS)
	if err != nil {
		return nil, fmt.Errorf("connect to %s: %w", addr, err)
	}
	nc, err := connect(ctx, a, cfg.Retry)
	if err != nil {
		return nil, fmt.Errorf("connect to %s: %w", addr, plain(err))
	}
	if secure {
		t := tls.Client(nc, cfg.TLS.client(a.host()))
		if err := handshake(ctx, t); err != nil {
			_ = nc.Close() // the handshake's error is the one to report
			return nil, fmt.Errorf("connect to %s: %w", addr, err)
		}
		nc = t
	}
	return New(nc, cfg), nil
}

// connect connects, more than once if retry is set.
func connect(ctx context.Context, a address, retry bool) (net.Conn, error) {
	for pause := firstPause; ; pause = min(pause*3/2, longestPause) {
		nc, err := connectOnce(ctx, a)
		if err == nil || !retry || !nobodyListens(err) {
			return nc, err
		}
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return nil, fmt.Errorf("%w; the last attempt: %w", context.Cause(ctx), plain(err))
		}
	}
}

func connectOnce(ctx context.Context, a address) (net.Conn, error) {
	var d net.Dialer
	switch a.scheme {
	case "local":
		return dialLocal(ctx, a.rest)
	case "ipc":
		nc, err := d.DialContext(ctx, "unix", a.rest)
		return nc, unixError(err, a.rest)
	}
	return d.DialContext(ctx, "tcp", a.rest)
}

// nobodyListens reports whether an attempt failed because there is no listener,
// of a stale Unix socket included.
func nobodyListens(err error) bool {
	return errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, wsaConnRefused) || errors.Is(err, fs.ErrNotExist)
}
