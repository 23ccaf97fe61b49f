package mosaikimport

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/simrun/simrun/scenarios"
)

func TestDuration(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0s", time.Second: "1s", 90 * time.Second: "90s", 15 * time.Minute: "15m", 36 * time.Hour: "36h", 7 * 24 * time.Hour: "7d",
		250 * time.Millisecond: "250ms", 20 * time.Microsecond: "20us", 7: "7ns",
	} {
		assert.Equal(t, want, duration(d))
	}
}

func TestProgression(t *testing.T) {
	for _, test := range []struct {
		values []string
		want   string
	}{
		{[]string{"0", "1", "2"}, "i"},
		{[]string{"5", "6"}, "5 + i"},
		{[]string{"-2", "0", "2"}, "-2 + 2 * i"},
		{[]string{"4", "3"}, "4 - i"},
		{[]string{"0", "-3", "-6"}, "0 - 3 * i"},
		{[]string{"1", "2", "4"}, ""},
		{[]string{"1.0", "2.0"}, ""},
		{[]string{`"1"`, `"2"`}, ""},
		{[]string{"9223372036854775807", "9223372036854775806"}, ""},
	} {
		values := make([]json.RawMessage, len(test.values))
		for i, v := range test.values {
			values[i] = json.RawMessage(v)
		}
		got := ""
		if first, step, ok := progression(values); ok {
			got = linear(first, step)
		}
		assert.Equal(t, test.want, got, "%v", test.values)
	}
}

// Whatever a script gives as a parameter, the scenario file gives the same.
func TestValuesStayTheSame(t *testing.T) {
	path := filepath.Join(t.TempDir(), "values.yaml")
	text := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"", "yes", "Off", "null", "~", "1", "0x1", "1e3", ".5", "inf", ".nan", "a: b", "a #b", "- a",
		"2026-06-01", "2026-06-01 00:00:00", "${x}", "$${x}", "a$", "%(addr)s", "{addr}", "&a", "*a", "!a", "'a'", `"a"`, `\n`, "\n", "a\u0085b", "<&>", "n", "-c", "-", "--a", "=", "<<", "y"}))
	value := rapid.Custom(func(t *rapid.T) any {
		switch rapid.IntRange(0, 6).Draw(t, "kind") {
		case 0:
			return nil
		case 1:
			return rapid.Bool().Draw(t, "bool")
		case 2:
			return rapid.Int64().Draw(t, "int")
		case 3:
			return json.Number(formatted(rapid.Float64().Draw(t, "float")))
		case 4:
			return rapid.SliceOfN(text, 0, 3).Draw(t, "texts")
		case 5:
			return rapid.MapOfN(text, text, 0, 3).Draw(t, "map")
		}
		return text.Draw(t, "text")
	})
	rapid.Check(t, func(t *rapid.T) {
		want, err := json.Marshal(value.Draw(t, "value"))
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(path, []byte("simrun: 1\nname: values\nuntil: 1s\nsimulators: {one: {model: constant, params: {value: 1}}}\nparameters: {list: ["+flow(want)+"]}\n"), 0o600))
		s, err := scenarios.Read(path, scenarios.ReadOptions{})
		require.NoError(t, err)
		got, err := json.Marshal(s.Parameters["list"].([]any)[0])
		require.NoError(t, err)
		assert.JSONEq(t, string(want), string(got))
	})
}

// formatted is a float as Python writes it: always with a point or an exponent.
func formatted(f float64) string {
	text, err := json.Marshal(f)
	if err != nil {
		panic(err)
	}
	if json.Valid(append(text, ".0"...)) {
		return string(text) + ".0"
	}
	return string(text)
}
