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

// parseFloat converts a checked number to the nearest float64. As in Python,
// what is too large becomes infinite.
func parseFloat(text []byte) float64 {
	// strconv reads Infinity and NaN too. Its only error left is the range, and
	// then its result is the infinity wanted here.
	f, _ := strconv.ParseFloat(string(text), 64)
	return f
}
