package results

import (
	"math"
	"strconv"
	"strings"

	"github.com/simrun/simrun/codec"
	"github.com/simrun/simrun/sim"
)

// appendValue appends one value as a CSV field, see the package documentation.
func appendValue(dst []byte, v sim.Value) ([]byte, error) {
	switch v.Kind() {
	case sim.KindNull:
		return dst, nil
	case sim.KindFloat:
		f, err := v.Float64()
		return appendFloat(dst, f), err
	case sim.KindInt, sim.KindBool:
		return v.Append(dst)
	}
	if v.IsNull() {
		return dst, nil
	}
	if v.Kind() == sim.KindRaw {
		if _, err := v.Float64(); err == nil {
			return v.Append(dst) // the digits as they came
		}
	}
	plain, err := v.Any()
	if err != nil {
		return dst, err
	}
	if text, ok := plain.(string); ok {
		return appendQuoted(dst, text), nil
	}
	text, err := v.Append(nil)
	if err != nil {
		return dst, err
	}
	return appendQuoted(dst, string(text)), nil
}

// appendFloat appends the shortest decimals that read back as f, without an
// exponent where a person would not use one.
func appendFloat(dst []byte, f float64) []byte {
	switch abs := math.Abs(f); {
	case math.IsNaN(f) || math.IsInf(f, 0):
		return codec.JSON.AppendFloat(dst, f)
	case abs != 0 && abs < 1e-6 || abs >= 1e21:
		return strconv.AppendFloat(dst, f, 'e', -1, 64)
	}
	return strconv.AppendFloat(dst, f, 'f', -1, 64)
}

// appendQuoted appends text in quotes (RFC 4180, section 2, rule 7).
func appendQuoted(dst []byte, text string) []byte {
	dst = append(dst, '"')
	dst = append(dst, strings.ReplaceAll(text, `"`, `""`)...)
	return append(dst, '"')
}

// appendName appends a name, in quotes only if it needs them.
func appendName(dst []byte, name string) []byte {
	if strings.ContainsAny(name, ",\"\r\n") || strings.TrimSpace(name) != name {
		return appendQuoted(dst, name)
	}
	return append(dst, name...)
}
