package channel

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"sync/atomic"
	"syscall"
)

// headerLen is the length of a frame's header, a big endian uint32.
const headerLen = 4

// Sizes of the memory that frames are read into.
const (
	// minReadBuffer and maxReadBuffer bound the read buffer, which grows when
	// reads fill it.
	minReadBuffer = 4 << 10
	maxReadBuffer = 64 << 10
	// pieceSize is the size of the memory that small payloads share, and
	// maxShared the largest payload that shares: what is kept of a small
	// payload keeps pieceSize bytes at most.
	pieceSize = 4 << 10
	maxShared = 512
	// readStep is how much memory a large frame gets before more of it has come.
	readStep = 64 << 10
)

// How a connection with TLS begins (RFC 8446, section 5.1).
const (
	tlsHandshake = 22
	tlsMajor     = 3
)

// What Windows reports for a connection that was reset; other systems have no
// errors of these numbers.
const (
	wsaConnAborted = syscall.Errno(10053)
	wsaConnReset   = syscall.Errno(10054)
)

// A frameReader reads frames from r.
type frameReader struct {
	r     io.Reader
	limit int    // on payloads
	buf   []byte // what has been read is buf[start:end]
	start int
	end   int
	piece []byte      // room for small payloads
	heard atomic.Bool // something was read; reset by who looks

	frames, bytes int64 // whose headers have come
}

// next reads one frame and returns its payload, which is never overwritten, so
// that parts of it may be kept. For a large frame memory grows as its bytes
// arrive: a header alone costs nothing.
//
// The end of the stream between two frames is ErrPeerClosed.
func (f *frameReader) next() ([]byte, error) {
	if err := f.fill(headerLen, "header"); err != nil {
		return nil, err
	}
	size := int64(binary.BigEndian.Uint32(f.buf[f.start:]))
	if size > int64(f.limit) {
		if hello := f.buf[f.start : f.start+headerLen]; f.frames == 0 && hello[0] == tlsHandshake && hello[1] == tlsMajor {
			return nil, protocolError(hello, "the peer begins with a TLS handshake, but this end has no certificates (Config.TLS)")
		}
		return nil, &FrameTooLargeError{Size: size, Limit: f.limit}
	}
	f.start += headerLen
	f.frames++
	f.bytes += headerLen + size
	if size > maxShared {
		return f.large(size)
	}
	n := int(size)
	if err := f.fill(n, "payload"); err != nil {
		return nil, err
	}
	if len(f.piece) < n {
		f.piece = make([]byte, pieceSize)
	}
	payload := f.piece[:n:n]
	f.piece = f.piece[n:]
	f.start += copy(payload, f.buf[f.start:f.end])
	return payload, nil
}

// ready reports whether a whole frame has been read already. next does not wait
// then.
func (f *frameReader) ready() bool {
	have := f.end - f.start - headerLen
	return have >= 0 && uint64(have) >= uint64(binary.BigEndian.Uint32(f.buf[f.start:]))
}

// fill reads until n bytes are in the buffer, n being at most maxShared.
func (f *frameReader) fill(n int, part string) error {
	for f.end-f.start < n {
		switch {
		case f.start == f.end:
			f.start, f.end = 0, 0
			if f.buf == nil {
				f.buf = make([]byte, minReadBuffer)
			}
		case len(f.buf)-f.start < n:
			f.end = copy(f.buf, f.buf[f.start:f.end])
			f.start = 0
		}
		k, err := f.r.Read(f.buf[f.end:])
		if k > 0 && !f.heard.Load() {
			f.heard.Store(true)
		}
		filled := f.end+k == len(f.buf)
		f.end += k
		if f.end-f.start >= n {
			err = nil // it comes again
		}
		if filled && len(f.buf) < maxReadBuffer {
			f.buf = append(f.buf, make([]byte, len(f.buf))...)
		}
		if err != nil {
			return readError(err, f.end-f.start, n, part)
		}
	}
	return nil
}

// large reads a payload into memory of its own.
func (f *frameReader) large(size int64) ([]byte, error) {
	payload := make([]byte, min(size, readStep))
	have := copy(payload, f.buf[f.start:f.end])
	f.start += have
	for {
		n, err := f.readFull(payload[have:])
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

// readFull is io.ReadFull; what it reads is heard.
func (f *frameReader) readFull(p []byte) (n int, err error) {
	for n < len(p) && err == nil {
		var k int
		k, err = f.r.Read(p[n:])
		n += k
		if k > 0 && !f.heard.Load() {
			f.heard.Store(true)
		}
	}
	if n == len(p) {
		err = nil
	}
	return n, err
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
	return fmt.Errorf("read: %w", plain(err))
}
