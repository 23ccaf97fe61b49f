package channel

import "io"

// NewFrameReader returns a reader of frames from r.
func NewFrameReader(r io.Reader, limit int) *FrameReader {
	return &FrameReader{frameReader{r: r, limit: limit}}
}

// A FrameReader reads frames.
type FrameReader struct{ f frameReader }

// Next reads the next frame.
func (f *FrameReader) Next() ([]byte, error) { return f.f.next() }
