package blosc

import (
	"encoding/binary"
	"errors"
)

// blosclz is of the family of LZ77. A stream is a sequence of
//
//	000nnnnn                            n+1 bytes follow, which are copied
//	lllddddd dddddddd                   l+2 bytes from 1+d bytes ago; l is 1 to 6
//	111ddddd n... dddddddd              the same, l is 7 and the n, which all are 255
//	                                    but the last, added
//	lll11111 [n...] 11111111 d d        1+8191+d bytes ago
//
// It begins with bytes to be copied (the upper bits of the first byte have another
// meaning), and, as C-Blosc 1.21 wants, ends with such.
const (
	nearLimit  = 8191 // the distance, less 1, from which on it is given by two more bytes
	farLimit   = nearLimit + 1<<16
	minMatch   = 4 // a far match of 3 bytes takes more than that
	maxLiteral = 32
	lastBytes  = 12 // at the end, not matched
	hashBits   = 13
)

var (
	errLZEnd      = errors.New("blosclz: the stream ends too early")
	errLZOverflow = errors.New("blosclz: the stream holds more than it should")
	errLZDistance = errors.New("blosclz: a match lies before the beginning")
)

// decompressLZ decompresses src, which must give exactly len(dst) bytes.
func decompressLZ(dst, src []byte) error {
	in, out := 0, 0
	for first := true; in < len(src); first = false {
		control := int(src[in])
		in++
		if first {
			control &= 31
		}
		if control < 32 {
			n := control + 1
			if n > len(src)-in {
				return errLZEnd
			}
			if n > len(dst)-out {
				return errLZOverflow
			}
			copy(dst[out:], src[in:in+n])
			in += n
			out += n
			continue
		}
		n := control>>5 + 2
		if control>>5 == 7 {
			for {
				if in >= len(src) {
					return errLZEnd
				}
				more := src[in]
				in++
				if n += int(more); n > len(dst) {
					return errLZOverflow
				}
				if more != 255 {
					break
				}
			}
		}
		if in >= len(src) {
			return errLZEnd
		}
		distance := control&31<<8 | int(src[in])
		in++
		if distance == nearLimit {
			if len(src)-in < 2 {
				return errLZEnd
			}
			distance += int(binary.BigEndian.Uint16(src[in:]))
			in += 2
		}
		distance++
		if distance > out {
			return errLZDistance
		}
		if n > len(dst)-out {
			return errLZOverflow
		}
		copyMatch(dst, out, distance, n)
		out += n
	}
	if out != len(dst) {
		return errLZEnd
	}
	return nil
}

// copyMatch copies n bytes from distance bytes ago to dst[out:]. The copy may
// overlap itself, which repeats the bytes.
func copyMatch(dst []byte, out, distance, n int) {
	for n > 0 {
		c := copy(dst[out:out+n], dst[out-distance:out])
		out += c
		n -= c
		distance += c
	}
}

// appendLZ appends src compressed. It gives up, and returns false, if that is not
// shorter than src.
func appendLZ(dst, src []byte) ([]byte, bool) {
	var seen [1 << hashBits]int32 // where four bytes of this hash were last, plus 1
	start := len(dst)
	literals := 0 // from here on are not written yet
	for i := 1; i+lastBytes < len(src); {
		four := binary.LittleEndian.Uint32(src[i:])
		slot := four * 2654435761 >> (32 - hashBits)
		candidate := int(seen[slot]) - 1
		seen[slot] = int32(i + 1)
		distance := i - candidate - 1
		if candidate < 0 || distance >= farLimit || binary.LittleEndian.Uint32(src[candidate:]) != four {
			i += 1 + (i-literals)>>6 // quicker and quicker through what does not compress
			continue
		}
		n := minMatch
		for i+n < len(src)-lastBytes && src[candidate+n] == src[i+n] {
			n++
		}
		if distance >= nearLimit && n < minMatch+2 {
			i++
			continue
		}
		dst = appendLiterals(dst, src[literals:i])
		dst = appendMatch(dst, distance, n)
		i += n
		literals = i
		if len(dst)-start >= len(src) {
			return dst[:start], false
		}
	}
	dst = appendLiterals(dst, src[literals:])
	return dst, len(dst)-start < len(src)
}

func appendLiterals(dst, literals []byte) []byte {
	for len(literals) > 0 {
		n := min(maxLiteral, len(literals))
		dst = append(append(dst, byte(n-1)), literals[:n]...)
		literals = literals[n:]
	}
	return dst
}

// appendMatch appends that n bytes are those from 1+distance bytes ago.
func appendMatch(dst []byte, distance, n int) []byte {
	low := distance
	if distance >= nearLimit {
		low = nearLimit
	}
	if length := n - 2; length < 7 {
		dst = append(dst, byte(length<<5|low>>8))
	} else {
		dst = append(dst, byte(7<<5|low>>8))
		for length -= 7; length >= 255; length -= 255 {
			dst = append(dst, 255)
		}
		dst = append(dst, byte(length))
	}
	dst = append(dst, byte(low))
	if distance >= nearLimit {
		dst = binary.BigEndian.AppendUint16(dst, uint16(distance-nearLimit))
	}
	return dst
}
