package codec_test

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/simrun/simrun/codec"
)

type (
	seconds int64
	power   float64
	name    string
)

func bigInt(s string) *big.Int {
	n, ok := new(big.Int).SetString(s, 10)
	if !ok {
		panic(s)
	}
	return n
}

func TestAppend(t *testing.T) {
	for _, tt := range []struct {
		title string
		v     any
		want  string
	}{
		{"nil", nil, `null`},
		{"bools", []any{true, false}, `[true, false]`},
		{"int kinds", []any{1, int8(-2), int16(3), int32(4), int64(math.MinInt64), uint(5), uint8(6), uint16(7), uint32(8), uint64(math.MaxUint64)},
			`[1, -2, 3, 4, -9223372036854775808, 5, 6, 7, 8, 18446744073709551615]`},
		{"big int", bigInt("-123456789012345678901234567890"), `-123456789012345678901234567890`},
		{"floats keep their kind", []float64{1, 0.1, 1e22, math.Inf(-1)}, `[1.0, 0.1, 1e+22, -Infinity]`},
		{"float32 has its exact value", float32(0.1), `0.10000000149011612`},
		{"named types", []any{seconds(3), power(2), name("x")}, `[3, 2.0, "x"]`},
		{"raw is verbatim", []any{codec.Raw(`{"a":1e5,"a":01}`), 1}, `[{"a":1e5,"a":01}, 1]`},
		{"objects keep their order", codec.Object{{Key: "b", Value: 1}, {Key: "a", Value: codec.Object{}}}, `{"b": 1, "a": {}}`},
		{"maps are sorted", map[string]any{"b": 1, "a": []any{}, "é": nil}, `{"a": [], "b": 1, "\u00e9": null}`},
		{"map of floats", map[string]float64{"b": 1, "a": 2}, `{"a": 2.0, "b": 1.0}`},
		{"strings", []string{"a", "b"}, `["a", "b"]`},
		{"nil slices and maps are empty", []any{[]any(nil), []string(nil), map[string]any(nil), codec.Object(nil), []int(nil)}, `[[], [], {}, {}, []]`},
		{"other slices and maps", map[name][]map[string]int{"x": {{"a": 1}}}, `{"x": [{"a": 1}]}`},
		{"arrays", [2]int{1, 2}, `[1, 2]`},
	} {
		t.Run(tt.title, func(t *testing.T) {
			got, err := codec.JSON.Append([]byte("before"), tt.v)
			require.NoError(t, err)
			require.Equal(t, "before"+tt.want, string(got))
		})
	}
}

func TestAppendErrors(t *testing.T) {
	cycle := map[string]any{}
	cycle["self"] = cycle
	for _, tt := range []struct {
		title string
		v     any
		want  string
	}{
		{"channel", []any{1, codec.Object{{Key: "a b", Value: make(chan int)}}}, `json: cannot encode $[1]["a b"]: the Go type chan int has no JSON form`},
		{"struct", map[string]any{"s": struct{ X int }{1}}, `json: cannot encode $["s"]: the Go type struct { X int } has no JSON form`},
		{"bytes", [][]byte{{1}}, `json: cannot encode $[0]: JSON has no bytes (Go type []uint8)`},
		{"key type", map[int]string{1: "x"}, `json: cannot encode $: keys must be strings (Go type map[int]string)`},
		{"invalid UTF-8", []string{"ok", "\xff\xfe"}, `json: cannot encode $[1]: the string "\xff\xfe" is not valid UTF-8`},
		{"invalid UTF-8 in a key", map[string]any{"k\xff": 1}, `json: cannot encode $: the string "k\xff" is not valid UTF-8`},
		{"empty raw", []any{codec.Raw{}}, `json: cannot encode $[0]: an empty codec.Raw is no value`},
		{"nil big int", (*big.Int)(nil), `json: cannot encode $: the *big.Int is nil`},
		{"array element", &pair{a: 1, b: func() {}}, `json: cannot encode $[1]: the Go type func() has no JSON form`},
	} {
		t.Run(tt.title, func(t *testing.T) {
			got, err := codec.JSON.Append([]byte("before"), tt.v)
			require.EqualError(t, err, tt.want)
			require.Equal(t, "before", string(got))
		})
	}
	t.Run("a value that contains itself", func(t *testing.T) {
		_, err := codec.JSON.Append(nil, cycle)
		require.ErrorContains(t, err, "nested deeper than 512 levels")
	})
}

// pair is a codec.Array.
type pair struct{ a, b any }

func (*pair) Len() int { return 2 }
func (p *pair) AppendElement(dst []byte, c codec.Codec, i int) ([]byte, error) {
	if i == 0 {
		return c.Append(dst, p.a)
	}
	return c.Append(dst, p.b)
}

func TestAppendArray(t *testing.T) {
	got, err := codec.JSON.Append(nil, &pair{"x", &pair{1, 2.0}})
	require.NoError(t, err)
	require.Equal(t, `["x", [1, 2.0]]`, string(got))
}

// slowCall is a Call as it is for codecs that know it as an Array only.
type slowCall struct{ codec.Array }

// JSON and MsgPack write a Call as they write an Array, and blame the same part of
// what cannot be encoded.
func TestAppendCall(t *testing.T) {
	for _, c := range []codec.Codec{codec.JSON, codec.MsgPack} {
		for _, call := range []codec.Call{
			{},
			{Path: "a/b", Args: []any{1, "x", 2.5, nil, []any{true}}},
			{Path: "a", Args: []any{codec.Raw("1")}, Kwargs: codec.Object{{Key: "k", Value: 1}, {Key: "l", Value: &codec.Call{Path: "c"}}}},
			{Path: strings.Repeat("long", 100), Args: make([]any, 100)},
			{Path: "\xff"},
			{Path: "p", Args: []any{1, []any{func() {}}}},
			{Path: "p", Kwargs: codec.Object{{Key: "k", Value: func() {}}}},
		} {
			want, wantErr := c.Append([]byte("x"), slowCall{&call})
			got, err := c.Append([]byte("x"), &call)
			require.Equal(t, string(want), string(got))
			require.Equal(t, wantErr, err)
		}
	}
	got, err := codec.JSON.Append(nil, &codec.Call{Path: "f", Args: []any{1, "x"}, Kwargs: codec.Object{{Key: "k", Value: 2}}})
	require.NoError(t, err)
	require.Equal(t, `["f", [1, "x"], {"k": 2}]`, string(got))
}

// Whole numbers take a short cut up to fifteen digits.
func TestWholeNumbers(t *testing.T) {
	for text, f := range map[string]float64{
		"0.0": 0, "-0.0": math.Copysign(0, -1), "7.0": 7, "-7.0": -7, "999999999999999.0": 999999999999999, "-999999999999999.0": -999999999999999,
		"1000000000000000.0": 1e15, "1e+16": 1e16, "-1e+300": -1e300, "9.223372036854776e+18": 1 << 63,
	} {
		require.Equal(t, text, string(codec.JSON.AppendFloat(nil, f)))
		back, err := codec.JSON.Float([]byte(text))
		require.NoError(t, err)
		require.Equal(t, math.Float64bits(f), math.Float64bits(back), text)
		if digits, found := strings.CutSuffix(text, ".0"); found {
			back, err = codec.JSON.Float([]byte(digits))
			require.NoError(t, err)
			require.Equal(t, math.Float64bits(f), math.Float64bits(back), digits)
		}
	}
}

func TestDecode(t *testing.T) {
	got, err := codec.JSON.Decode([]byte(` {"i": -5, "b": 9223372036854775808, "f": 5.0, "e": 1e3, "n": null, "l": [true, "\u00fc", {}, []], "i": 6} `))
	require.NoError(t, err)
	require.Equal(t, codec.Object{
		{Key: "i", Value: int64(6)}, // the last value at the first place
		{Key: "b", Value: bigInt("9223372036854775808")},
		{Key: "f", Value: 5.0},
		{Key: "e", Value: 1000.0},
		{Key: "n", Value: nil},
		{Key: "l", Value: []any{true, "ü", codec.Object{}, []any{}}},
	}, got)
	v, ok := got.(codec.Object).Get("f")
	require.True(t, ok)
	require.Equal(t, 5.0, v)
	_, ok = got.(codec.Object).Get("nope")
	require.False(t, ok)
}

// Large objects are searched through an index; equal keys still count once.
func TestDecodeLargeObjectWithEqualKeys(t *testing.T) {
	var text strings.Builder
	text.WriteString(`{"first": 0`)
	for i := range 100 {
		text.WriteString(`, "k` + strings.Repeat("x", i%40) + `": ` + string(rune('0'+i%10)))
	}
	text.WriteString(`, "first": 1}`)
	got, err := codec.JSON.Decode([]byte(text.String()))
	require.NoError(t, err)
	object := got.(codec.Object)
	require.Len(t, object, 41)
	require.Equal(t, codec.Member{Key: "first", Value: int64(1)}, object[0])
	require.Equal(t, codec.Member{Key: "k", Value: int64(0)}, object[1])
	require.Equal(t, codec.Member{Key: "k" + strings.Repeat("x", 19), Value: int64(9)}, object[20])
}

func TestSyntaxErrorsSayWhatAndWhere(t *testing.T) {
	for text, want := range map[string]string{
		``:                `json: at byte 0: the data end where a value should be`,
		`[1, 2`:           `json: at byte 5: the data end where a comma or ']' should be`,
		`[1, x]`:          `json: at byte 4: found "x" instead of a value`,
		`{"a": 1} {}`:     `json: at byte 9: 2 bytes follow the value, from "{}"`,
		`{a: 1}`:          `json: at byte 1: found "a" instead of a key in double quotes`,
		`{"a" 1}`:         `json: at byte 5: found "1" instead of a colon`,
		`"a` + "\n" + `"`: `json: at byte 2: raw control character 0x0a in a string`,
		`"\q"`:            `json: at byte 1: invalid escape "\\q\"" in a string`,
		"\"\xff\"":        `json: at byte 1: invalid UTF-8 in a string: byte 0xff`,
		`"abc`:            `json: at byte 0: the string that begins here has no closing quote`,
		`-x`:              `json: at byte 1: found "x" instead of a digit`,
		`01`:              `json: at byte 0: a number begins with a zero`,
		`1.x`:             `json: at byte 2: found "x" instead of a digit after the decimal point`,
		`1e`:              `json: at byte 2: the data end where a digit of the exponent should be`,
		"\xef\xbb\xbf1":   `json: at byte 0: found "\xef" instead of a value`,
	} {
		_, err := codec.JSON.Decode([]byte(text))
		assert.EqualError(t, err, want, "%q", text)
	}
}

func TestNestingIsBounded(t *testing.T) {
	nested := func(n int) []byte {
		return []byte(strings.Repeat(`[{"a":`, n/2) + "1" + strings.Repeat(`}]`, n/2))
	}
	_, err := codec.JSON.Decode(nested(codec.MaxDepth))
	require.NoError(t, err)
	for _, depth := range []int{codec.MaxDepth + 2, 10_000_000} {
		data := nested(depth)
		_, err = codec.JSON.Decode(data)
		require.ErrorContains(t, err, "nested deeper than 512 levels")
		_, err = codec.JSON.Split(nil, data)
		require.ErrorContains(t, err, "nested deeper than 512 levels")
		_, err = codec.JSON.SplitMap(nil, data[1:])
		require.ErrorContains(t, err, "nested deeper than 512 levels")
	}
}

func TestHugeIntegersPassButAreNotConverted(t *testing.T) {
	digits := strings.Repeat("7", 1_000_000)
	parts, err := codec.JSON.Split(nil, []byte("["+digits+"]"))
	require.NoError(t, err)
	require.Equal(t, digits, string(parts[0]))
	_, err = codec.JSON.Decode(parts[0])
	require.EqualError(t, err, "json: at byte 0: an integer of 1000000 digits; at most 4300 are converted")
}

func TestScalars(t *testing.T) {
	n, err := codec.JSON.Int([]byte(" -42 "))
	require.NoError(t, err)
	require.Equal(t, int64(-42), n)
	f, err := codec.JSON.Float([]byte("3"))
	require.NoError(t, err)
	require.Equal(t, 3.0, f)
	s, err := codec.JSON.String([]byte(`"a\u00fc\n"`))
	require.NoError(t, err)
	require.Equal(t, "aü\n", s)

	fails := func(err error, want string) {
		t.Helper()
		assert.EqualError(t, err, want)
	}
	_, err = codec.JSON.Int([]byte("1.0"))
	fails(err, "json: at byte 0: found the float 1.0 instead of an integer")
	_, err = codec.JSON.Int([]byte("9223372036854775808"))
	fails(err, "json: at byte 0: the integer 9223372036854775808 does not fit into 64 bits")
	_, err = codec.JSON.Int([]byte(`"1"`))
	fails(err, "json: at byte 0: found a string instead of an integer")
	_, err = codec.JSON.Int(nil)
	fails(err, "json: at byte 0: found no value instead of an integer")
	_, err = codec.JSON.Float([]byte("true"))
	fails(err, "json: at byte 0: found a boolean instead of a number")
	_, err = codec.JSON.Float([]byte("1 2"))
	fails(err, `json: at byte 2: 1 bytes follow the value, from "2"`)
	_, err = codec.JSON.String([]byte("null"))
	fails(err, "json: at byte 0: found null instead of a string")
	_, err = codec.JSON.Split(nil, []byte(`{"a": 1}`))
	fails(err, "json: at byte 0: found an object instead of an array")
	_, err = codec.JSON.SplitMap(nil, []byte(`[]`))
	fails(err, "json: at byte 0: found an array instead of an object")
}

func TestKind(t *testing.T) {
	for text, want := range map[string]codec.Kind{
		"": codec.Invalid, "x": codec.Invalid, "null": codec.Null, "true": codec.Bool, "false": codec.Bool,
		"1": codec.Int, "-1": codec.Int, "-": codec.Int, "1.5": codec.Float, "1e3": codec.Float, "NaN": codec.Float,
		"-Infinity": codec.Float, "Infinity": codec.Float, `"x"`: codec.String, "[": codec.List, " {": codec.Map, "12345.": codec.Float,
	} {
		assert.Equal(t, want, codec.JSON.Kind([]byte(text)), "%q", text)
	}
}

func TestMembers(t *testing.T) {
	var got []string
	for m, err := range codec.JSON.Members([]byte(`{ "a" : [1, 2] , "\u0062": 1.0, "a":{}}`)) {
		require.NoError(t, err)
		got = append(got, string(m.Key)+"="+string(m.Value))
	}
	require.Equal(t, []string{"a=[1, 2]", "b=1.0", "a={}"}, got)
}

// An iteration yields what it has checked, then the error, and then ends.
func TestIterationEndsWithTheError(t *testing.T) {
	var (
		got  []string
		last error
	)
	for element, err := range codec.JSON.Elements([]byte(`[1, "a", tru]`)) {
		require.NoError(t, last)
		if last = err; err == nil {
			got = append(got, string(element))
		}
	}
	require.Equal(t, []string{"1", `"a"`}, got)
	require.EqualError(t, last, `json: at byte 9: found "t" instead of a value`)
	last = nil
	for _, err := range codec.JSON.Members([]byte(`{"a": 1}, `)) {
		require.NoError(t, last)
		last = err
	}
	require.EqualError(t, last, `json: at byte 8: 2 bytes follow the value, from ", "`)
}

// genValue makes values as Decode returns them.
func genValue(depth int) *rapid.Generator[any] {
	scalars := []*rapid.Generator[any]{
		rapid.Just[any](nil),
		rapid.Bool().AsAny(),
		rapid.Int64().AsAny(),
		rapid.Float64().AsAny(),
		rapid.String().AsAny(),
		rapid.Custom(func(t *rapid.T) any {
			n := new(big.Int).SetUint64(rapid.Uint64Min(1<<63).Draw(t, "high"))
			return n.Lsh(n, uint(rapid.IntRange(0, 200).Draw(t, "shift")))
		}),
	}
	if depth == 0 {
		return rapid.OneOf(scalars...)
	}
	list := rapid.Custom(func(t *rapid.T) any {
		return rapid.SliceOfN(genValue(depth-1), 0, 5).Draw(t, "list")
	})
	object := rapid.Custom(func(t *rapid.T) any {
		o := codec.Object{}
		for _, key := range rapid.SliceOfNDistinct(rapid.String(), 0, 20, rapid.ID).Draw(t, "keys") {
			o = append(o, codec.Member{Key: key, Value: genValue(depth-1).Draw(t, "value")})
		}
		return o
	})
	return rapid.OneOf(append(scalars, list, object)...)
}

func TestDecodeIsTheInverseOfAppend(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := genValue(3).Draw(t, "value")
		data, err := codec.JSON.Append(nil, v)
		require.NoError(t, err)
		for _, c := range data {
			require.True(t, 0x20 <= c && c < 0x7f, "not printable ASCII: %q", data)
		}
		back, err := codec.JSON.Decode(data)
		require.NoError(t, err)
		require.Equal(t, v, back) // rapid makes no NaN
		again, err := codec.JSON.Append(nil, back)
		require.NoError(t, err)
		require.Equal(t, string(data), string(again))
	})
}

// Decoding agrees with taking apart: what one accepts the other accepts.
// checkDecodeItems compares DecodeItems with Decode.
func checkDecodeItems(t *testing.T, c codec.Codec, decodeItems func([]any, codec.Raw) ([]any, error), data []byte) {
	v, err := c.Decode(data)
	list, isList := v.([]any)
	items, errItems := decodeItems([]any{"before"}, data)
	if (errItems == nil) != (err == nil && isList) {
		t.Fatalf("DecodeItems(%q): %v; Decode: %v, %v", data, errItems, v, err)
	}
	if errItems == nil {
		require.Equal(t, fmt.Sprint(append([]any{"before"}, list...)), fmt.Sprint(items)) // NaN is not equal to itself
	}
}

func FuzzJSON(f *testing.F) {
	for _, seed := range []string{
		`[0, 1, ["step", [900, {"e": {"a": {"s-0.x": 1.5}}}, 3600], {}]]`, `{"a": 1, "a": NaN}`, `"\ud800\u00fc\ud83d\ude00"`,
		`-Infinity`, `123456789012345678901`, `[[[[]]]]`, ` [1e400, -0, 0.0] `, "\xef\xbb\xbf{}", `[1,`, "\"\xff\"",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		v, err := codec.JSON.Decode(data)
		checkDecodeItems(t, codec.JSON, codec.JSON.DecodeItems, data)
		rebuilt, errRaw := rebuildAny(data)
		var syntax *codec.SyntaxError
		if err != nil {
			if !errors.As(err, &syntax) || syntax.Offset > len(data) {
				t.Fatalf("Decode(%q) fails with %v", data, err)
			}
			if errRaw == nil && !strings.Contains(err.Error(), "are converted") {
				t.Fatalf("Decode(%q) fails with %v, taking it apart does not", data, err)
			}
			return
		}
		if errRaw != nil {
			t.Fatalf("taking %q apart fails with %v, Decode does not", data, errRaw)
		}
		once, err := codec.JSON.Append(nil, v)
		if err != nil {
			t.Fatalf("decoded from %q: %v", data, err)
		}
		again, err := codec.JSON.Decode(once)
		if err != nil {
			t.Fatalf("decoding %q again: %v", once, err)
		}
		twice, err := codec.JSON.Append(nil, again)
		if err != nil || string(once) != string(twice) {
			t.Fatalf("%q becomes %q, then %q (%v)", data, once, twice, err)
		}
		fromRaw, err := codec.JSON.Decode(rebuilt)
		if err != nil {
			t.Fatalf("decoding the rebuilt %q: %v", rebuilt, err)
		}
		if viaRaw, err := codec.JSON.Append(nil, fromRaw); err != nil || string(viaRaw) != string(once) {
			t.Fatalf("%q becomes %q, taken apart %q (%v)", data, once, viaRaw, err)
		}
	})
}

// rebuildAny is rebuild for data that may be invalid, scalars included.
func rebuildAny(data []byte) (codec.Raw, error) {
	parts, err := codec.JSON.Split(nil, []byte("["+string(data)+"]"))
	if err != nil {
		return nil, err
	}
	if len(parts) != 1 {
		return nil, errors.New("not one value")
	}
	return rebuild(parts[0])
}

// Short numbers are written and read in quicker ways, with the results of package
// strconv.
func TestShortDecimals(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		whole, decimals := rapid.Int64Range(-1e15, 1e15).Draw(t, "digits"), rapid.IntRange(0, 15).Draw(t, "decimals")
		f := float64(whole) / math.Pow10(decimals)
		if rapid.Bool().Draw(t, "next") {
			f = math.Nextafter(f, 0)
		}
		if abs := math.Abs(f); abs >= 1e-4 {
			want := strconv.FormatFloat(f, 'f', -1, 64)
			if f == math.Trunc(f) {
				want += ".0"
			}
			require.Equal(t, want, string(codec.JSON.AppendFloat(nil, f)))
		}
		for _, text := range []string{
			strconv.FormatFloat(f, 'f', -1, 64),
			strconv.FormatFloat(f, 'f', decimals, 64),
			strconv.FormatInt(whole, 10),
		} {
			want, err := strconv.ParseFloat(text, 64)
			require.NoError(t, err)
			got, err := codec.JSON.Float([]byte(text))
			require.NoError(t, err)
			require.Equal(t, math.Float64bits(want), math.Float64bits(got), text)
		}
		n, err := codec.JSON.Int([]byte(strconv.FormatInt(whole*1000+999, 10)))
		require.NoError(t, err)
		require.Equal(t, whole*1000+999, n)
	})
}

// A byte that needs attention is noticed wherever it stands in a string.
func TestStringsByPlace(t *testing.T) {
	for c := range 256 {
		for place := range 20 {
			text := []byte(`"` + strings.Repeat("~", 20) + `"`)
			text[1+place] = byte(c)
			got, err := codec.JSON.String(text)
			if c < 0x20 || c >= 0x80 || c == '"' || c == '\\' {
				require.Error(t, err, "%#x at %d", c, place)
				continue
			}
			require.NoError(t, err)
			require.Equal(t, string(text[1:21]), got)
		}
	}
}

func TestIntByLength(t *testing.T) {
	for text, want := range map[string]int64{
		"0": 0, "7": 7, "-7": -7, "999999999999999999": 999999999999999999, "1000000000000000000": 1e18, "9223372036854775807": math.MaxInt64,
		"-9223372036854775808": math.MinInt64,
	} {
		n, err := codec.JSON.Int([]byte(text))
		require.NoError(t, err, text)
		require.Equal(t, want, n)
	}
	for _, text := range []string{"", "01", "00", "-", "1x", "1 2", "9223372036854775808", "-9223372036854775809"} {
		_, err := codec.JSON.Int([]byte(text))
		require.Error(t, err, text)
	}
}
