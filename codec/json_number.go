package codec

import (
	"bytes"
	"math"
	"strconv"
)

// appendJSONFloat appends f as float.__repr__ of CPython (3.1 and later) prints
// it, with json's literals for what is not finite: the shortest digits that
// give f again, an exponent of at least two digits below 1e-4 and from 1e16 on,
// and otherwise always a decimal point.
func appendJSONFloat(dst []byte, f float64) []byte {
	if n := int64(f); float64(n) == f && n != 0 && -maxQuick < n && n < maxQuick {
		return append(strconv.AppendInt(dst, n, 10), ".0"...)
	}
	switch abs := math.Abs(f); {
	case math.IsNaN(f):
		return append(dst, "NaN"...)
	case math.IsInf(f, 1):
		return append(dst, "Infinity"...)
	case math.IsInf(f, -1):
		return append(dst, "-Infinity"...)
	case abs != 0 && abs < 1e-4 || abs >= 1e16:
		return strconv.AppendFloat(dst, f, 'e', -1, 64)
	}
	start := len(dst)
	dst = strconv.AppendFloat(dst, f, 'f', -1, 64)
	if bytes.IndexByte(dst[start:], '.') < 0 {
		dst = append(dst, '.', '0')
	}
	return dst
}

// maxQuick bounds the whole numbers that are exact as float64 and are written and
// read as integers, which is quicker.
const maxQuick = 1e15

// parseFloat converts a checked number to the nearest float64. As in Python,
// what is too large becomes infinite.
func parseFloat(text []byte) float64 {
	if len(text) <= 15 {
		if digits := skipDigits(text, 0); digits == len(text) {
			n := int64(0)
			for _, c := range text {
				n = 10*n + int64(c-'0')
			}
			return float64(n)
		}
	}
	// strconv reads Infinity and NaN too. Its only error left is the range, and
	// then its result is the infinity wanted here.
	f, _ := strconv.ParseFloat(string(text), 64)
	return f
}
