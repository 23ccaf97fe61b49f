package channel

import (
	"encoding/binary"
	"io"
)

// A FrameReader reads frames, for those who speak the wire format without a Conn, such
// as recorders, gateways, and peers that a test plays. It reads ahead.
type FrameReader struct{ in frameReader }

// NewFrameReader returns a reader of frames from r, whose payloads have at most limit
// bytes.
func NewFrameReader(r io.Reader, limit int) *FrameReader {
	return &FrameReader{frameReader{r: r, limit: limit}}
}

// Next reads the next frame and returns its payload, which may be kept. A codec that
// packs has packed it. The error is ErrPeerClosed at the end, a *FrameTooLargeError, or
// that of reading. Memory grows as the bytes arrive, whatever the header says.
func (f *FrameReader) Next() ([]byte, error) { return f.in.next() }

// AppendFrame appends the frame of a payload, which must be shorter than 4 GiB, to dst.
func AppendFrame(dst, payload []byte) []byte {
	return append(binary.BigEndian.AppendUint32(dst, uint32(len(payload))), payload...)
}
