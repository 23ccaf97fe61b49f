package compress

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"

	"github.com/pierrec/lz4/v4"

	"github.com/simrun/simrun/codec"
)

// LZ4 returns c, compressed with LZ4, for connections between simrun's own peers.
// Its name is that of c with "-lz4". A packed payload is one of
//
//	00 payload                   as it is
//	01 size(u32, big endian) block   compressed: the payload has size bytes
//
// It is compressed from MinLZ4 bytes on, if that makes it smaller.
func LZ4(c codec.Codec) codec.Packer { return lz4Codec{c} }

// MinLZ4 is the size of a payload, in bytes, from which on LZ4 tries to compress
// it. Below that the time is not worth what it saves.
const MinLZ4 = 512

const (
	lz4Raw        = 0
	lz4Compressed = 1
	lz4HeaderLen  = 5
	// lz4MaxRatio is how many bytes a byte of a block can stand for, at most.
	lz4MaxRatio = 255
)

type lz4Codec struct{ codec.Codec }

func (c lz4Codec) Name() string { return c.Codec.Name() + "-lz4" }

func (c lz4Codec) WithTypes(types *codec.Types) codec.Codec {
	return lz4Codec{c.Codec.WithTypes(types)}
}

// lz4Compressors are used again as each has a table of some 100 kB. What they
// write does not depend on what they wrote before.
var lz4Compressors = sync.Pool{New: func() any { return new(lz4.Compressor) }}

func (c lz4Codec) Pack(dst, payload []byte) ([]byte, error) {
	if len(payload) > math.MaxInt32 {
		return dst, fmt.Errorf("%s: a payload of %d bytes, but LZ4 holds at most %d", c.Name(), len(payload), math.MaxInt32)
	}
	start := len(dst)
	if len(payload) >= MinLZ4 {
		room := len(payload) - lz4HeaderLen // less room than for the payload as it is
		dst = slices.Grow(dst, lz4HeaderLen+room)
		compressor := lz4Compressors.Get().(*lz4.Compressor)
		n, err := compressor.CompressBlock(payload, dst[start+lz4HeaderLen:start+lz4HeaderLen+room])
		lz4Compressors.Put(compressor)
		if err == nil && n > 0 { // otherwise there is too little room
			dst = binary.BigEndian.AppendUint32(append(dst, lz4Compressed), uint32(len(payload)))
			return dst[:len(dst)+n], nil
		}
	}
	return append(append(dst, lz4Raw), payload...), nil
}

func (c lz4Codec) Unpack(dst, packed []byte, limit int) ([]byte, error) {
	payload, err := unpackLZ4(dst, packed, limit)
	if err != nil {
		return dst, fmt.Errorf("%s: %w", c.Name(), err)
	}
	return payload, nil
}

func unpackLZ4(dst, packed []byte, limit int) ([]byte, error) {
	switch {
	case len(packed) == 0:
		return nil, errors.New("the payload is empty")
	case packed[0] == lz4Raw:
		if len(packed)-1 > limit {
			return nil, tooLarge(len(packed)-1, limit)
		}
		return append(dst, packed[1:]...), nil
	case packed[0] != lz4Compressed:
		return nil, fmt.Errorf("the payload begins with %#02x, which is neither raw nor compressed", packed[0])
	case len(packed) < lz4HeaderLen:
		return nil, errors.New("the payload ends within its header")
	}
	size, block := binary.BigEndian.Uint32(packed[1:]), packed[lz4HeaderLen:]
	switch {
	case uint64(size) > uint64(max(0, limit)):
		return nil, tooLarge(int(size), limit)
	case size == 0: // never compressed, and github.com/pierrec/lz4 v4.1.33 panics on an empty destination
		return nil, errors.New("the payload claims to be compressed, but to have 0 bytes")
	case uint64(size) > lz4MaxRatio*uint64(len(block)):
		return nil, fmt.Errorf("%d compressed bytes cannot hold the %d bytes that they claim", len(block), size)
	}
	start := len(dst)
	dst = slices.Grow(dst, int(size))[:start+int(size)]
	n, err := lz4.UncompressBlock(block, dst[start:])
	if err == nil && n != int(size) {
		err = fmt.Errorf("it holds %d bytes instead of %d", n, size)
	}
	if err != nil {
		return nil, fmt.Errorf("damaged data: %w", err)
	}
	return dst, nil
}

func tooLarge(size, limit int) error {
	return fmt.Errorf("the payload has %d bytes, more than the limit of %d", size, limit)
}
