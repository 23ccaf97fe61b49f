package blosc

import (
	"encoding/binary"
	"fmt"
)

const headerLen = 16

// The flags of a chunk. Bits 5 to 7 are the compressor.
const (
	flagShuffle    = 0x01
	flagStored     = 0x02
	flagBitShuffle = 0x04
	flagNoSplit    = 0x10
)

const (
	version   = 2
	versionLZ = 1
	minSplit  = 128 // items in a block that is split, at least
	maxSplits = 16
)

type header struct {
	flags      byte
	typeSize   int
	size       int // of the data
	blockSize  int
	compressor byte
}

func parseHeader(chunk []byte) (header, error) {
	if len(chunk) < headerLen {
		return header{}, fmt.Errorf("blosc: a chunk of %d bytes is shorter than its header of %d", len(chunk), headerLen)
	}
	h := header{
		flags:      chunk[2],
		typeSize:   int(chunk[3]),
		compressor: chunk[2] >> 5,
	}
	size, blockSize, chunkSize := binary.LittleEndian.Uint32(chunk[4:]), binary.LittleEndian.Uint32(chunk[8:]), binary.LittleEndian.Uint32(chunk[12:])
	switch {
	case chunk[0] == 0 || chunk[0] > version || chunk[1] != versionLZ:
		return header{}, fmt.Errorf("blosc: the chunk has version %d.%d instead of %d.%d", chunk[0], chunk[1], version, versionLZ)
	case h.typeSize == 0:
		return header{}, fmt.Errorf("blosc: the header says that an item has 0 bytes")
	case uint64(chunkSize) != uint64(len(chunk)):
		return header{}, fmt.Errorf("blosc: the header says that the chunk has %d bytes, but it has %d", chunkSize, len(chunk))
	case size > 1<<31-1:
		return header{}, fmt.Errorf("blosc: the header says that the data have %d bytes, more than the format can hold", size)
	case blockSize == 0 || blockSize > max(1, size):
		return header{}, fmt.Errorf("blosc: the header says that a block of %d bytes of data has %d bytes", size, blockSize)
	}
	h.size, h.blockSize = int(size), int(blockSize)
	return h, nil
}

// appendHeader appends the header of a chunk whose size is not known yet.
func appendHeader(dst []byte, flags byte, size, blockSize int) []byte {
	const typeSize = 8 // as aiomas has it
	dst = append(dst, version, versionLZ, flags, typeSize)
	dst = binary.LittleEndian.AppendUint32(dst, uint32(size))
	dst = binary.LittleEndian.AppendUint32(dst, uint32(blockSize))
	return append(dst, 0, 0, 0, 0)
}

// splits returns the number of streams that a block of n bytes is split into.
func (h *header) splits(n int) int {
	if h.flags&flagNoSplit != 0 || n < h.blockSize || h.typeSize > maxSplits || h.blockSize/h.typeSize < minSplit {
		return 1
	}
	return h.typeSize
}
