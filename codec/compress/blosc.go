package compress

import (
	"fmt"

	"github.com/simrun/simrun/codec"
	"github.com/simrun/simrun/internal/blosc"
)

// Blosc returns c, compressed with Blosc 1: Blosc(codec.MsgPack) is the codec
// MsgPackBlosc of aiomas 2.0.1. It reads what aiomas sends, and the same
// compressed with LZ4, zlib or zstd; it writes blosclz, and stores payloads below
// 128 bytes and those that it cannot make smaller. Its name is that of c with
// "-blosc".
func Blosc(c codec.Codec) codec.Packer { return bloscCodec{c} }

type bloscCodec struct{ codec.Codec }

func (c bloscCodec) Name() string { return c.Codec.Name() + "-blosc" }

func (c bloscCodec) WithTypes(types *codec.Types) codec.Codec {
	return bloscCodec{c.Codec.WithTypes(types)}
}

func (c bloscCodec) Pack(dst, payload []byte) ([]byte, error) {
	if len(payload) > blosc.MaxSize {
		return dst, fmt.Errorf("%s: a payload of %d bytes, but Blosc holds at most %d", c.Name(), len(payload), blosc.MaxSize)
	}
	return blosc.Compress(dst, payload), nil
}

func (c bloscCodec) Unpack(dst, packed []byte, limit int) ([]byte, error) {
	dst, err := blosc.Decompress(dst, packed, limit)
	if err != nil {
		return dst, fmt.Errorf("%s: %w", c.Name(), err)
	}
	return dst, nil
}
