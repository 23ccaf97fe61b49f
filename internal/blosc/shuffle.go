package blosc

// isShuffled reports whether a block of n bytes has been shuffled.
func (h *header) isShuffled(n int) bool {
	if h.flags&flagShuffle != 0 {
		return h.typeSize > 1
	}
	return h.flags&flagBitShuffle != 0 && n >= h.typeSize
}

// unshuffle puts the bytes of a shuffled block in order.
func (h *header) unshuffle(dst, src []byte) {
	if h.flags&flagShuffle != 0 {
		unshuffleBytes(dst, src, h.typeSize)
	} else {
		unshuffleBits(dst, src, h.typeSize)
	}
}

// unshuffleBytes undoes: first byte of each item, second byte of each item, ... What
// is left over after the last whole item is as it was.
func unshuffleBytes(dst, src []byte, typeSize int) {
	items := len(src) / typeSize
	for b := range typeSize {
		for i, c := range src[b*items : (b+1)*items] {
			dst[i*typeSize+b] = c
		}
	}
	copy(dst[items*typeSize:], src[items*typeSize:])
}

// unshuffleBits undoes: lowest bit of each item, next bit of each item, ... It is
// only done if the number of items is divisible by 8.
func unshuffleBits(dst, src []byte, typeSize int) {
	items := len(src) / typeSize
	if items%8 != 0 {
		copy(dst, src)
		return
	}
	row := items / 8 // bytes that hold one bit of each item
	for b := range typeSize {
		for g := range row {
			var out [8]byte // byte b of the items of group g
			for bit := range 8 {
				c := src[(b*8+bit)*row+g]
				for i := range out {
					out[i] |= c >> i & 1 << bit
				}
			}
			for i, c := range out {
				dst[(g*8+i)*typeSize+b] = c
			}
		}
	}
	copy(dst[items*typeSize:], src[items*typeSize:])
}
