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
	if quick, ok := appendShortDecimal(dst, f); ok {
		return quick
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

// appendShortDecimal appends f if it has at most three decimals and is no whole number.
// No two decimal numbers of 15 digits are the same float64, so that no other one is
// shorter.
func appendShortDecimal(dst []byte, f float64) ([]byte, bool) {
	abs := math.Abs(f)
	thousandths := int64(abs*1000 + 0.5)
	if !(abs < maxQuick/1000) || float64(thousandths)/1000 != abs || thousandths%1000 == 0 {
		return dst, false
	}
	if f < 0 {
		dst = append(dst, '-')
	}
	dst = append(strconv.AppendInt(dst, thousandths/1000, 10), '.')
	fraction := thousandths % 1000
	for unit := int64(100); fraction > 0; unit /= 10 {
		dst = append(dst, '0'+byte(fraction/unit))
		fraction %= unit
	}
	return dst, true
}

// maxQuick bounds the whole numbers that are exact as float64 and are written and
// read as integers, which is quicker.
const maxQuick = 1e15

// parseFloat converts a checked number to the nearest float64. As in Python,
// what is too large becomes infinite.
func parseFloat(text []byte) float64 {
	if f, ok := parseShortDecimal(text); ok {
		return f
	}
	// strconv reads Infinity and NaN too. Its only error left is the range, and
	// then its result is the infinity wanted here.
	f, _ := strconv.ParseFloat(string(text), 64)
	return f
}

// parseShortDecimal converts a number without exponent and of at most 15 digits: both
// these digits and the power of ten to divide them by are exact as float64, so that the
// quotient is the nearest one (Clinger, "How to Read Floating Point Numbers
// Accurately", PLDI 1990).
func parseShortDecimal(text []byte) (f float64, ok bool) {
	digits := text
	if len(digits) > 0 && digits[0] == '-' {
		digits = digits[1:]
	}
	if len(digits) == 0 || len(digits) > 16 {
		return 0, false
	}
	n, decimals, point := int64(0), 0, false
	for _, c := range digits {
		switch {
		case '0' <= c && c <= '9':
			n = 10*n + int64(c-'0')
			if point {
				decimals++
			}
		case c == '.':
			point = true
		default:
			return 0, false
		}
	}
	if !point && len(digits) == 16 {
		return 0, false
	}
	if f = float64(n) / powersOfTen[decimals]; len(digits) < len(text) {
		f = -f
	}
	return f, true
}

var powersOfTen = [...]float64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15}

// parseInt converts a checked integer, if it fits into int64.
func parseInt(text []byte) (n int64, ok bool) {
	digits := text
	if digits[0] == '-' {
		digits = digits[1:]
	}
	if len(digits) > 18 {
		n, err := strconv.ParseInt(string(text), 10, 64)
		return n, err == nil
	}
	for _, c := range digits {
		n = 10*n + int64(c-'0')
	}
	if len(digits) < len(text) {
		n = -n
	}
	return n, true
}

// shortCount reads data that hold nothing but a positive integer of up to 18 digits, or 0, as the
// types and the ids of messages are.
func shortCount(data []byte) (n int64, ok bool) {
	if len(data) == 0 || len(data) > 18 || data[0] == '0' && len(data) > 1 {
		return 0, false
	}
	for _, c := range data {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = 10*n + int64(c-'0')
	}
	return n, true
}
