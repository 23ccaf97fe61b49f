package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// openStream opens what --stream names. That of a named pipe waits for a reader;
// Ctrl-C ends that at once, as nothing has been started yet.
func (c *command) openStream(name string) (io.WriteCloser, error) {
	if name == "-" {
		out := c.out
		c.out = c.err // for the summary
		// Without this the program dies when its reader does, and leaves behind what
		// it has started.
		signal.Ignore(syscall.SIGPIPE)
		return unclosed{out}, nil
	}
	if info, err := os.Stat(name); err == nil && info.Mode().IsRegular() {
		return nil, fmt.Errorf("--stream %s: is a file already; choose another name", name)
	}
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE, 0o644)
	if err != nil {
		return nil, fmt.Errorf("--stream: %w", err)
	}
	return f, nil
}

// interruptible lets ctx end what waits for the reader of a pipe. Files and the
// standard output never wait, or cannot be made to stop.
func interruptible(ctx context.Context, stream io.Writer) {
	if f, ok := stream.(*os.File); ok {
		context.AfterFunc(ctx, func() {
			// A file that is no pipe has no deadlines.
			_ = f.SetWriteDeadline(time.Now().Add(time.Second))
		})
	}
}

// unclosed is the standard output, which others use, too.
type unclosed struct{ io.Writer }

func (unclosed) Close() error { return nil }
