package results_test

import (
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/codec"
	"github.com/simrun/simrun/internal/results"
	"github.com/simrun/simrun/sim"
)

// kindsOfValues are values of all kinds, at the limits of what numbers and texts can be.
func kindsOfValues() []sim.Value {
	values := []sim.Value{sim.Null, sim.Bool(true), sim.Bool(false)}
	for _, raw := range []string{"null", "true", "false", "0", "-0.0", "1", "1.0", "1e5", "1E5", "1e400", "-1e400", "1e-400",
		"9007199254740993", "9223372036854775807", "9223372036854775808", "-9223372036854775809", "18446744073709551616", "1e22",
		"123456789012345680000", "2.50", "NaN", "Infinity", "-Infinity", `""`, `"null"`, `"true"`, `"1"`, `"\u0000"`, `"\r"`, `"a\r\nb"`,
		`"\u00e4\ud83d\ude00"`, `"a,b\"c"`, "[]", "{}", "[[]]", "[1, \n2]", "[NaN]", `{"Infinity": -Infinity, "N\"": ["NaN", "\\", NaN]}`,
		`{"b":1,"a":[null,-0.0,"x\ny"]}`, `["\u2028"]`} {
		values = append(values, sim.RawValue(codec.Raw(raw)))
	}
	for _, f := range []float64{0, math.Copysign(0, -1), math.NaN(), math.Inf(1), math.Inf(-1), math.SmallestNonzeroFloat64, math.MaxFloat64, 1 << 53, 1 << 63, 1e21, 1e-7, 0.1} {
		values = append(values, sim.Float(f))
	}
	for _, i := range []int64{0, -1, 1 << 53, 1<<53 + 1, -(1<<53 + 1), math.MaxInt64, math.MinInt64} {
		values = append(values, sim.Int(i))
	}
	for _, text := range []string{"", "a", "null", "true", "1", "1.50", "\x00", "a\x00b", "\r", "\n", "x\r", "\rx", `"`, `""`, `a"b`, ",", "ü😀", "\u2028", " x ", "2026-01-01 00:00:00", "[1]", "{}", "<&>"} {
		values = append(values, sim.Text(text))
	}
	for _, v := range []any{uint8(3), uint64(math.MaxUint64), float32(0.1), new(big.Int).Lsh(big.NewInt(1), 70), []any{}, []any{nil, 1, "x"},
		[]float64{1, math.NaN()}, map[string]any{"b": math.Inf(1), "a": []int{}}, codec.Object{{Key: "z", Value: math.Inf(-1)}}} {
		values = append(values, sim.ValueOf(v))
	}
	return values
}

// meaning is what a value says, whatever its kind: a number its float64.
func meaning(t *testing.T, v sim.Value) string {
	t.Helper()
	plain, err := v.Any()
	require.NoError(t, err)
	switch plain := plain.(type) {
	case nil:
		return "null"
	case bool, string:
		return fmt.Sprintf("%T %#v", plain, plain)
	}
	if f, err := v.Float64(); err == nil {
		return fmt.Sprintf("number %x", math.Float64bits(f))
	}
	text, err := codec.JSON.Append(nil, plain)
	require.NoError(t, err)
	return "json " + string(text)
}

// Values of all kinds, one after the other in one series, mean in every format what they
// meant when they were recorded, but for what docs/results.md says.
func TestValuesOfAllKindsReadBack(t *testing.T) {
	values := kindsOfValues()
	series := []sim.Series{{Entity: "a", FullID: "s.a", Attr: "x"}}
	var rows []sim.Row
	for i, v := range values {
		rows = append(rows, sim.Row{Time: sim.Time(i), Value: v})
	}
	for _, format := range results.Formats() {
		t.Run(format, func(t *testing.T) {
			var want []string
			for i, v := range values {
				m := meaning(t, v)
				json, isJSON := strings.CutPrefix(m, "json ")
				switch {
				case isJSON && format != "jsonl": // a list is a text elsewhere
					text, err := v.Append(nil)
					require.NoError(t, err)
					m = fmt.Sprintf("string %#v", string(text))
				case isJSON: // NaN is a text in JSON
					m = "json " + strings.NewReplacer(": NaN", `: "NaN"`, "[NaN", `["NaN"`, ", NaN", `, "NaN"`,
						": Infinity", `: "Infinity"`, ": -Infinity", `: "-Infinity"`).Replace(json)
				case format == "csv-wide" && m == "null":
					continue // an empty cell, like nothing
				case format == "sqlite" && v.Kind() != sim.KindText && (m == "bool true" || m == "bool false"):
					m = map[string]string{"bool true": meaning(t, sim.Int(1)), "bool false": meaning(t, sim.Int(0))}[m]
				}
				want = append(want, fmt.Sprintf("%d %s", i, m))
			}
			stored, err := results.Open(recordAs(t, results.Format(format), series, rows))
			require.NoError(t, err)
			var got []string
			require.NoError(t, stored.Rows(func(row sim.Row) error {
				got = append(got, fmt.Sprintf("%d %s", row.Time, meaning(t, row.Value)))
				return nil
			}))
			assert.Equal(t, want, got)
		})
	}
}

// Every line of JSON lines is what programs take for JSON.
func TestJSONLinesAreJSON(t *testing.T) {
	var rows []sim.Row
	for i, v := range kindsOfValues() {
		rows = append(rows, sim.Row{Time: sim.Time(i), Value: v})
	}
	dir := recordAs(t, results.JSONLines, mixed, rows)
	text, err := os.ReadFile(filepath.Join(dir, "results.jsonl"))
	require.NoError(t, err)
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	require.Len(t, lines, len(rows))
	for _, line := range lines {
		require.True(t, json.Valid([]byte(line)), line)
	}
}

// Names of columns that are the same for two series do not mix up their values.
func TestColumnsOfOneName(t *testing.T) {
	series := []sim.Series{{Entity: "a", FullID: "s.a", Attr: "b.c"}, {Entity: "a.b", FullID: "s.a.b", Attr: "c"}}
	rows := []sim.Row{{Series: 0, Value: sim.Float(1)}, {Series: 1, Value: sim.Float(2)}, {Time: 1, Series: 1, Value: sim.Float(3)}}
	for _, format := range results.Formats() {
		stored, err := results.Open(recordAs(t, results.Format(format), series, rows))
		require.NoError(t, err)
		var got []sim.Row
		require.NoError(t, stored.Rows(func(row sim.Row) error { got = append(got, row); return nil }))
		assert.Equal(t, rows, got, format)
	}
}
