package blosc

import "encoding/binary"

const (
	// minCompressed is the size from which on C-Blosc tries to compress.
	minCompressed = 128
	// compressBlock is the size of the blocks that Compress makes.
	compressBlock = 1 << 18
	// MaxSize is the largest size of data that fits into a chunk.
	MaxSize = 1<<31 - 1 - headerLen
)

// Compress appends a chunk with data to dst: compressed with blosclz if that makes
// it smaller, otherwise stored. Equal data give equal chunks. It panics if data
// are larger than MaxSize.
func Compress(dst, data []byte) []byte {
	if len(data) > MaxSize {
		panic("blosc: the data are larger than MaxSize")
	}
	start := len(dst)
	if len(data) >= minCompressed {
		dst = appendBlocks(dst, data)
	}
	if len(dst) == start || len(dst)-start >= headerLen+len(data) {
		dst = append(appendHeader(dst[:start], flagStored, len(data), max(1, len(data))), data...)
	}
	binary.LittleEndian.PutUint32(dst[start+12:], uint32(len(dst)-start))
	return dst
}

// appendBlocks appends a chunk of compressed blocks, each one stream.
func appendBlocks(dst, data []byte) []byte {
	start := len(dst)
	blockSize := min(compressBlock, len(data))
	dst = appendHeader(dst, flagNoSplit|compressorBloscLZ<<5, len(data), blockSize)
	offsets := len(dst)
	count := (len(data) + blockSize - 1) / blockSize
	for range count {
		dst = append(dst, 0, 0, 0, 0)
	}
	for i := range count {
		block := data[i*blockSize : min((i+1)*blockSize, len(data))]
		offset := len(dst)
		binary.LittleEndian.PutUint32(dst[offsets+4*i:], uint32(offset-start))
		dst = append(dst, 0, 0, 0, 0)
		stream := len(dst)
		var smaller bool
		if dst, smaller = appendLZ(dst, block); !smaller {
			dst = append(dst[:stream], block...)
		}
		binary.LittleEndian.PutUint32(dst[offset:], uint32(len(dst)-stream))
	}
	return dst
}
