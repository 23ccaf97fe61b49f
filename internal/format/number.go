package format

import (
	"math"
	"strconv"
	"strings"
)

// Count gives n with a comma between the thousands: 1,234,567.
func Count(n int64) string {
	digits := strconv.FormatInt(n, 10)
	sign := ""
	if digits[0] == '-' {
		sign, digits = "-", digits[1:]
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return sign + digits
}

// Number gives f with four significant digits, whole numbers in full up to a
// million: 3.142, 0.0005, 12350, 1.5e+09.
func Number(f float64) string {
	switch abs := math.Abs(f); {
	case f == 0:
		return "0" // also for -0, which only puzzles
	case math.IsInf(f, 0) || math.IsNaN(f):
		return strings.TrimPrefix(strconv.FormatFloat(f, 'g', -1, 64), "+")
	case abs >= 1e6 || abs < 1e-4:
		return strconv.FormatFloat(f, 'g', 4, 64)
	case abs >= 1000:
		return strconv.FormatFloat(f, 'f', 0, 64)
	default:
		decimals := 3 - int(math.Floor(math.Log10(abs)))
		text := strconv.FormatFloat(f, 'f', max(0, decimals), 64)
		if strings.Contains(text, ".") {
			text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
		}
		return text
	}
}

// Bytes gives the size of a file: 330 bytes, 1.2 kB, 388 MB; a kB is 1000 bytes.
func Bytes(n int64) string {
	switch f := float64(n); {
	case n == 1:
		return "1 byte"
	case f < 999.5:
		return strconv.FormatInt(n, 10) + " bytes"
	case f < 999_500:
		return significant(f/1e3) + " kB"
	case f < 999_500_000:
		return significant(f/1e6) + " MB"
	default:
		return significant(f/1e9) + " GB"
	}
}

// Speed says how many times faster than real time something ran: 0.5x, 12x,
// 3.4 thousand x, 1.2 million x.
func Speed(ratio float64) string {
	switch {
	case math.IsNaN(ratio) || math.IsInf(ratio, 0) || ratio < 0:
		return "?"
	case ratio >= 999_500_000:
		return significant(ratio/1e9) + " billion x"
	case ratio >= 999_500:
		return significant(ratio/1e6) + " million x"
	case ratio >= 9_995:
		return significant(ratio/1e3) + " thousand x"
	}
	return significant(ratio) + "x"
}

// significant gives two or three significant digits, never an exponent.
func significant(f float64) string {
	decimals := 2
	switch {
	case 0 < f && f < 0.1:
		decimals = 1 - int(math.Floor(math.Log10(f)))
	case f >= 99.5:
		return strconv.FormatFloat(f, 'f', 0, 64)
	case f >= 9.95:
		return strings.TrimSuffix(strconv.FormatFloat(f, 'f', 1, 64), ".0")
	}
	text := strconv.FormatFloat(f, 'f', decimals, 64)
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
}
