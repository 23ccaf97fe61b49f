package channel

import (
	"errors"
	"fmt"
	"net"
	"os"
)

var (
	// ErrClosed is the reason of a connection that this side closed.
	ErrClosed = errors.New("the connection was closed on this side")
	// ErrPeerClosed is the reason of a connection that the peer closed or that
	// was reset.
	ErrPeerClosed = errors.New("the peer closed the connection")
	// ErrFlooded is the reason of a connection whose peer sent more one-way
	// messages than MaxRequests while this side had to go on reading.
	ErrFlooded = errors.New("the peer sends one-way messages faster than they are handled")
	// ErrTooManyCalls is returned for a call beyond MaxOpenCalls.
	ErrTooManyCalls = fmt.Errorf("%d calls have no reply yet, which is the limit; does the peer answer?", MaxOpenCalls)
)

// A ProtocolError reports that the peer broke the protocol. It ends the
// connection.
type ProtocolError struct {
	Msg   string // what is wrong
	Frame []byte // the payload at fault, or its beginning
}

// maxExcerpt is how much of a bad frame is kept for the error.
const maxExcerpt = 120

// anotherCodec is what to think of if the first bytes of a payload make no sense.
const anotherCodec = "; does the peer use another codec?"

func (e *ProtocolError) Error() string {
	return fmt.Sprintf("protocol error: %s; the peer sent %q", e.Msg, e.Frame)
}

func protocolError(payload []byte, format string, args ...any) error {
	frame := append([]byte{}, payload[:min(len(payload), maxExcerpt)]...)
	return &ProtocolError{Msg: fmt.Sprintf(format, args...), Frame: frame}
}

// A FrameTooLargeError reports a message beyond the limit on the frame size. On
// sending it concerns that message only; a received one ends the connection.
type FrameTooLargeError struct {
	Size  int64 // of the payload, in bytes
	Limit int   // Config.MaxFrame
}

func (e *FrameTooLargeError) Error() string {
	return fmt.Sprintf("a frame of %d bytes exceeds the limit of %d bytes (MaxFrame)", e.Size, e.Limit)
}

// plain takes from an error of the network what is said elsewhere: the operation
// and the addresses. Errors of TLS have none.
func plain(err error) error {
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Net != "" {
		err = op.Err
	}
	if call, ok := errors.AsType[*os.SyscallError](err); ok {
		err = call.Err
	}
	return err
}
