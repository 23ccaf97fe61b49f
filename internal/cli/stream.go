package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
)

// dialTimeout is how long the program that listens at the socket of --stream may take to
// take the connection.
const dialTimeout = 10 * time.Second

// openStream opens what --stream names: a named pipe, the standard output, or a socket
// at which somebody listens. That of a named pipe waits for a reader; Ctrl-C ends that at
// once, as nothing has been started yet.
func (c *command) openStream(ctx context.Context, name string) (io.WriteCloser, error) {
	if name == "-" {
		out := c.out
		c.out = c.err // for the summary
		// Without this the program dies when its reader does, and leaves behind what
		// it has started.
		signal.Ignore(syscall.SIGPIPE)
		return unclosed{out}, nil
	}
	if scheme, address, found := strings.Cut(name, "://"); found {
		switch scheme {
		case "tcp":
			return dialStream(ctx, name, "tcp", address)
		case "ipc":
			return dialStream(ctx, name, "unix", address)
		}
		return nil, fmt.Errorf("--stream %s: there are tcp://HOST:PORT, ipc://PATH of a Unix socket, and files", name)
	}
	info, err := os.Stat(name)
	switch {
	case err != nil: // there is none yet
	case info.Mode().IsRegular():
		return nil, fmt.Errorf("--stream %s: is a file already; choose another name", name)
	case info.Mode()&os.ModeSocket != 0:
		return dialStream(ctx, name, "unix", name)
	}
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE, 0o644)
	if err != nil {
		return nil, fmt.Errorf("--stream: %w", err)
	}
	return f, nil
}

// dialStream connects to the program that listens at a socket.
func dialStream(ctx context.Context, name, network, address string) (io.WriteCloser, error) {
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	conn, err := new(net.Dialer).DialContext(ctx, network, address)
	if err == nil {
		return conn, nil
	}
	if oe, ok := errors.AsType[*net.OpError](err); ok {
		err = oe.Err // the rest is said by the name
	}
	return nil, fmt.Errorf("--stream %s: %w; start first what listens there", name, err)
}

// interruptible lets ctx end what waits for the reader of a pipe or socket. Files and the
// standard output never wait, or cannot be made to stop.
func interruptible(ctx context.Context, stream io.Writer) {
	if f, ok := stream.(interface{ SetWriteDeadline(time.Time) error }); ok {
		context.AfterFunc(ctx, func() {
			// A file that is no pipe has no deadlines.
			_ = f.SetWriteDeadline(time.Now().Add(time.Second))
		})
	}
}

// unclosed is the standard output, which others use, too.
type unclosed struct{ io.Writer }

func (unclosed) Close() error { return nil }
