package channel

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"
)

// headerLen is the length of a frame's header, a big endian uint32.
const headerLen = 4

// What Windows reports for a connection that was reset; other systems have no
// errors of these numbers.
const (
	wsaConnAborted = syscall.Errno(10053)
	wsaConnReset   = syscall.Errno(10054)
)

// readFrame reads one frame and returns its payload in memory of its own, so
// that parts of it may be kept. For a large frame memory grows as its bytes
// arrive: a header alone costs nothing.
//
// The end of the stream between two frames is ErrPeerClosed.
func readFrame(r *bufio.Reader, limit int) ([]byte, error) {
	var size int64
	header, err := r.Peek(headerLen)
	if err != nil {
		return nil, readError(err, len(header), headerLen, "header")
	}
	size = int64(binary.BigEndian.Uint32(header))
	if size > int64(limit) {
		return nil, &FrameTooLargeError{Size: size, Limit: limit}
	}
	_, _ = r.Discard(headerLen) // cannot fail: the bytes were peeked
	payload := make([]byte, min(size, readStep))
	for have := 0; ; {
		n, err := io.ReadFull(r, payload[have:])
		if have += n; err != nil {
			return nil, readError(err, have, int(size), "payload")
		}
		if int64(have) == size {
			return payload, nil
		}
		larger := make([]byte, min(size, int64(2*have)))
		copy(larger, payload)
		payload = larger
	}
}

// readError says how a connection ended: err happened when have of want bytes
// of the given part of a frame had come.
func readError(err error, have, want int, part string) error {
	ended := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.ErrClosedPipe)
	reset := errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) || errors.Is(err, wsaConnReset) || errors.Is(err, wsaConnAborted)
	middle := have > 0 || part != "header"
	switch {
	case ended && !middle:
		return ErrPeerClosed
	case ended:
		return fmt.Errorf("%w in the middle of a frame (%d of %d bytes of its %s)", ErrPeerClosed, have, want, part)
	case reset && middle:
		return fmt.Errorf("%w in the middle of a frame (%d of %d bytes of its %s): %w", ErrPeerClosed, have, want, part, plain(err))
	case reset:
		return fmt.Errorf("%w: %w", ErrPeerClosed, plain(err))
	case errors.Is(err, net.ErrClosed):
		return ErrClosed
	}
	return fmt.Errorf("read: %w", err)
}
