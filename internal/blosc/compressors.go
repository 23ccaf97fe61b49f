package blosc

import (
	"bytes"
	"compress/zlib"
	"errors"
	"io"
	"sync"

	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
)

// The compressors, by their numbers in the flags. LZ4HC has LZ4's.
const (
	compressorBloscLZ = 0
	compressorLZ4     = 1
	compressorSnappy  = 2
	compressorZlib    = 3
	compressorZstd    = 4
)

var errLength = errors.New("it does not have the length it should have")

func decompressLZ4(dst, src []byte) error {
	n, err := lz4.UncompressBlock(src, dst)
	if err == nil && n != len(dst) {
		err = errLength
	}
	return err
}

// zstdDecoder decodes whole frames only, which takes no goroutines. It never
// writes beyond the room it is given.
var zstdDecoder = sync.OnceValue(func() *zstd.Decoder {
	d, err := zstd.NewReader(nil, zstd.WithDecodeAllCapLimit(true))
	if err != nil {
		panic(err) // the option is constant
	}
	return d
})

func decompressZstd(dst, src []byte) error {
	out, err := zstdDecoder().DecodeAll(src, dst[:0:len(dst)])
	if err == nil && len(out) != len(dst) {
		err = errLength
	}
	return err
}

// An inflater decompresses zlib streams one after another with the same buffers.
type inflater struct {
	reader io.ReadCloser
	src    bytes.Reader
}

func (f *inflater) decompress(dst, src []byte) error {
	f.src.Reset(src)
	var err error
	if f.reader == nil {
		f.reader, err = zlib.NewReader(&f.src)
	} else {
		err = f.reader.(zlib.Resetter).Reset(&f.src, nil)
	}
	if err != nil {
		return err
	}
	if _, err := io.ReadFull(f.reader, dst); err != nil {
		return err
	}
	// The end has the checksum, which is only looked at if one reads on.
	var more [1]byte
	if n, err := f.reader.Read(more[:]); n != 0 || err != io.EOF {
		return errLength
	}
	return nil
}

func (f *inflater) close() {
	if f.reader != nil {
		_ = f.reader.Close() // what it could report was reported by Read
	}
}
