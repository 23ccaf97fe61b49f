package blosc

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
)

// Decompress appends the data of a chunk to dst. It is an error if they have more
// than limit bytes; then nothing is allocated. The chunk may come from anywhere.
func Decompress(dst, chunk []byte, limit int) ([]byte, error) {
	h, err := parseHeader(chunk)
	if err != nil {
		return dst, err
	}
	if h.size > limit {
		return dst, fmt.Errorf("blosc: the chunk holds %d bytes, more than the limit of %d", h.size, limit)
	}
	if h.flags&flagStored != 0 {
		if len(chunk) != headerLen+h.size {
			return dst, fmt.Errorf("blosc: %d bytes are stored where the header says %d", len(chunk)-headerLen, h.size)
		}
		return append(dst, chunk[headerLen:]...), nil
	}
	start := len(dst)
	out := slices.Grow(dst, h.size)[:start+h.size]
	if err := h.blocks(out[start:], chunk); err != nil {
		return dst, err
	}
	return out, nil
}

// blocks decompresses all blocks into dst.
func (h *header) blocks(dst, chunk []byte) error {
	count := (h.size + h.blockSize - 1) / h.blockSize
	if count > (len(chunk)-headerLen)/4 {
		return fmt.Errorf("blosc: a chunk of %d bytes is too short for %d blocks", len(chunk), count)
	}
	d := decompressor{header: h, chunk: chunk, unread: len(chunk)}
	defer d.close()
	for i := range count {
		offset := binary.LittleEndian.Uint32(chunk[headerLen+4*i:])
		block := dst[i*h.blockSize : min((i+1)*h.blockSize, len(dst))]
		if err := d.block(block, offset); err != nil {
			return fmt.Errorf("blosc: block %d of %d: %w", i+1, count, err)
		}
	}
	return nil
}

// A decompressor reads the blocks of one chunk.
type decompressor struct {
	*header
	chunk    []byte
	unread   int    // bytes of the chunk that no stream has used: streams do not overlap
	shuffled []byte // scratch space
	inflater inflater
}

// block decompresses the block at offset into dst.
func (d *decompressor) block(dst []byte, offset uint32) error {
	out := dst
	shuffled := d.isShuffled(len(dst))
	if shuffled {
		d.shuffled = slices.Grow(d.shuffled[:0], len(dst))[:len(dst)]
		out = d.shuffled
	}
	splits := d.splits(len(dst))
	if len(dst)%splits != 0 {
		return fmt.Errorf("%d bytes cannot be split into %d streams", len(dst), splits)
	}
	if uint64(offset) > uint64(len(d.chunk)) {
		return fmt.Errorf("the offset %d lies behind the end of the chunk", offset)
	}
	rest := d.chunk[offset:]
	each := len(dst) / splits
	for i := range splits {
		if len(rest) < 4 {
			return errors.New("the chunk ends within the length of a stream")
		}
		n := int64(int32(binary.LittleEndian.Uint32(rest)))
		rest = rest[4:]
		if n <= 0 || n > int64(len(rest)) {
			return fmt.Errorf("a stream of %d bytes, but %d are left", n, len(rest))
		}
		// Streams that overlapped would be decompressed many times.
		if d.unread -= int(n); d.unread < 0 {
			return errors.New("its streams overlap others")
		}
		if err := d.stream(out[i*each:(i+1)*each], rest[:n]); err != nil {
			return err
		}
		rest = rest[n:]
	}
	if shuffled {
		d.unshuffle(dst, out)
	}
	return nil
}

// stream decompresses src, which must give exactly len(dst) bytes.
func (d *decompressor) stream(dst, src []byte) error {
	if len(src) == len(dst) {
		copy(dst, src)
		return nil
	}
	var err error
	switch d.compressor {
	case compressorBloscLZ:
		err = decompressLZ(dst, src)
	case compressorLZ4:
		err = decompressLZ4(dst, src)
	case compressorZlib:
		err = d.inflater.decompress(dst, src)
	case compressorZstd:
		err = decompressZstd(dst, src)
	case compressorSnappy:
		return errors.New("it is compressed with snappy, which is not supported; let the peer use its default, blosclz")
	default:
		return fmt.Errorf("it is compressed with an unknown compressor, number %d", d.compressor)
	}
	if err != nil {
		return fmt.Errorf("damaged data: %w", err)
	}
	return nil
}

func (d *decompressor) close() { d.inflater.close() }
