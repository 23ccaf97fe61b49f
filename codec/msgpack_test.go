package codec_test

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"math"
	"math/big"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/vmihailenco/msgpack/v5"
	"pgregory.net/rapid"

	"github.com/simrun/simrun/codec"
)

func TestMsgPackAppend(t *testing.T) {
	long := strings.Repeat("x", 1<<16)
	for _, tt := range []struct {
		title string
		v     any
		want  string // its beginning, if it ends with ...
	}{
		{"nil and booleans", []any{nil, true, false}, "\x93\xc0\xc3\xc2"},
		{"positive integers", []any{0, 127, uint8(128), 255, 256, uint16(65535), 65536, uint32(math.MaxUint32), int64(1 << 32), uint64(math.MaxUint64)},
			"\x9a\x00\x7f\xcc\x80\xcc\xff\xcd\x01\x00\xcd\xff\xff\xce\x00\x01\x00\x00\xce\xff\xff\xff\xff\xcf\x00\x00\x00\x01\x00\x00\x00\x00\xcf\xff\xff\xff\xff\xff\xff\xff\xff"},
		{"negative integers", []any{-1, -32, int8(-33), -128, -129, int16(-32768), -32769, int32(math.MinInt32), int64(math.MinInt32 - 1), int64(math.MinInt64)},
			"\x9a\xff\xe0\xd0\xdf\xd0\x80\xd1\xff\x7f\xd1\x80\x00\xd2\xff\xff\x7f\xff\xd2\x80\x00\x00\x00\xd3\xff\xff\xff\xff\x7f\xff\xff\xff\xd3\x80\x00\x00\x00\x00\x00\x00\x00"},
		{"big integers", []any{bigInt("18446744073709551615"), bigInt("-9223372036854775808"), bigInt("5")}, "\x93\xcf\xff\xff\xff\xff\xff\xff\xff\xff\xd3\x80\x00\x00\x00\x00\x00\x00\x00\x05"},
		{"floats are eight bytes", []float64{1, math.Inf(-1)}, "\x92\xcb\x3f\xf0\x00\x00\x00\x00\x00\x00\xcb\xff\xf0\x00\x00\x00\x00\x00\x00"},
		{"there is one NaN", []any{math.NaN(), math.Float64frombits(0xfff8000000000001), float32(math.NaN())},
			"\x93\xcb\x7f\xf8\x00\x00\x00\x00\x00\x00\xcb\x7f\xf8\x00\x00\x00\x00\x00\x00\xcb\x7f\xf8\x00\x00\x00\x00\x00\x00"},
		{"float32 has its exact value", float32(0.1), "\xcb\x3f\xb9\x99\x99\xa0\x00\x00\x00"},
		{"short strings", []string{"", "ü", long[:31]}, "\x93\xa0\xa2\xc3\xbc\xbf" + long[:31]},
		{"string of 32", long[:32], "\xd9\x20" + long[:32]},
		{"string of 256", long[:256], "\xda\x01\x00" + long[:256]},
		{"string of 65536", long, "\xdb\x00\x01\x00\x00" + long},
		{"bytes", [][]byte{{}, {1, 2}}, "\x92\xc4\x00\xc4\x02\x01\x02"},
		{"bytes of 256", []byte(long[:256]), "\xc5\x01\x00" + long[:256]},
		{"bytes of 65536", []byte(long), "\xc6\x00\x01\x00\x00" + long},
		{"arrays of bytes and named ones", []any{[2]byte{1, 2}, codecBytes{3}}, "\x92\xc4\x02\x01\x02\xc4\x01\x03"},
		{"list of 16", make([]any, 16), "\xdc\x00\x10" + strings.Repeat("\xc0", 16)},
		{"list of 65536", make([]bool, 1<<16), "\xdd\x00\x01\x00\x00" + strings.Repeat("\xc2", 1<<16)},
		{"named types", []any{seconds(3), power(2), name("x")}, "\x93\x03\xcb\x40\x00\x00\x00\x00\x00\x00\x00\xa1x"},
		{"raw is verbatim", []any{codec.Raw("\xd3\x00\x00\x00\x00\x00\x00\x00\x05"), 1}, "\x92\xd3\x00\x00\x00\x00\x00\x00\x00\x05\x01"},
		{"objects keep their order", codec.Object{{Key: "b", Value: 1}, {Key: "a", Value: codec.Object{}}}, "\x82\xa1b\x01\xa1a\x80"},
		{"maps are sorted", map[string]any{"b": 1, "a": []any{}}, "\x82\xa1a\x90\xa1b\x01"},
		{"maps of other types are sorted", []any{map[int]bool{10: true, -1: false, 9: true}, map[uint8]int{200: 1, 3: 2}, map[name]int{"b": 1, "a": 2}, map[string]float64{"b": 0, "a": 0}},
			"\x94\x83\xff\xc2\x09\xc3\x0a\xc3\x82\x03\x02\xcc\xc8\x01\x82\xa1a\x02\xa1b\x01\x82\xa1a\xcb\x00\x00\x00\x00\x00\x00\x00\x00\xa1b\xcb\x00\x00\x00\x00\x00\x00\x00\x00"},
		{"pairs keep their order", codec.Pairs{{Key: 2, Value: "x"}, {Key: nil, Value: 1}, {Key: []any{1}, Value: 2}, {Key: "s", Value: 3}}, "\x84\x02\xa1x\xc0\x01\x91\x01\x02\xa1s\x03"},
		{"nil slices and maps are empty", []any{[]any(nil), []string(nil), map[string]any(nil), codec.Object(nil), []int(nil), []byte(nil)}, "\x96\x90\x90\x80\x80\x90\xc4\x00"},
		{"extensions", []any{codec.Extension{Type: 5, Data: []byte{1}}, codec.Extension{Type: 0, Data: make([]byte, 16)}, codec.Extension{Type: 127, Data: []byte("abc")}},
			"\x93\xd4\x05\x01\xd8\x00" + strings.Repeat("\x00", 16) + "\xc7\x03\x7fabc"},
		{"extension of 256", codec.Extension{Type: 1, Data: []byte(long[:256])}, "\xc8\x01\x00\x01" + long[:256]},
		{"extension of 65536", codec.Extension{Type: 1, Data: []byte(long)}, "\xc9\x00\x01\x00\x00\x01" + long},
		{"array", &pair{"x", &pair{1, 2.0}}, "\x92\xa1x\x92\x01\xcb\x40\x00\x00\x00\x00\x00\x00\x00"},
	} {
		t.Run(tt.title, func(t *testing.T) {
			got, err := codec.MsgPack.Append([]byte("before"), tt.v)
			require.NoError(t, err)
			require.Equal(t, "before"+tt.want, string(got))
		})
	}
	many := map[string]int{}
	for i := range 70000 {
		many[string(rune(0x10000+i))] = 0
	}
	got, err := codec.MsgPack.Append(nil, many)
	require.NoError(t, err)
	require.Equal(t, "\xdf\x00\x01\x11\x70\xa4\U00010000\x00\xa4\U00010001\x00", string(got[:17]))
	got, err = codec.MsgPack.Append(nil, map[string]int{"a": 0, "b": 0, "c": 0, "d": 0, "e": 0, "f": 0, "g": 0, "h": 0, "i": 0, "j": 0, "k": 0, "l": 0, "m": 0, "n": 0, "o": 0, "p": 0})
	require.NoError(t, err)
	require.Equal(t, "\xde\x00\x10\xa1a\x00\xa1b\x00", string(got[:9]))
}

type codecBytes []byte

func TestMsgPackAppendErrors(t *testing.T) {
	cycle := map[string]any{}
	cycle["self"] = cycle
	for _, tt := range []struct {
		title string
		v     any
		want  string
	}{
		{"channel", []any{1, codec.Object{{Key: "a b", Value: make(chan int)}}}, `msgpack: cannot encode $[1]["a b"]: the Go type chan int has no MsgPack form`},
		{"key type", map[float64]string{1: "x"}, `msgpack: cannot encode $: keys must be strings or integers (Go type map[float64]string)`},
		{"in a map with integer keys", map[int]any{1: func() {}}, `msgpack: cannot encode $[1]: the Go type func() has no MsgPack form`},
		{"in pairs", codec.Pairs{{Key: true, Value: func() {}}}, `msgpack: cannot encode $[true]: the Go type func() has no MsgPack form`},
		{"object as key", codec.Pairs{{Key: codec.Object{}}}, `msgpack: cannot encode $: an object is the key of an object`},
		{"invalid UTF-8", []string{"ok", "\xff\xfe"}, `msgpack: cannot encode $[1]: the string "\xff\xfe" is not valid UTF-8`},
		{"lone surrogate", "\xed\xa0\x80", `msgpack: cannot encode $: the string "\xed\xa0\x80" is not valid UTF-8`},
		{"too big", bigInt("18446744073709551616"), `msgpack: cannot encode $: the integer 18446744073709551616 is not in -2^63 to 2^64-1, as MsgPack needs; send a string or a float`},
		{"nil big int", (*big.Int)(nil), `msgpack: cannot encode $: the *big.Int is nil`},
		{"empty raw", []any{codec.Raw{}}, `msgpack: cannot encode $[0]: an empty codec.Raw is no value`},
		{"timestamp", codec.Extension{Type: -1, Data: make([]byte, 4)}, `msgpack: cannot encode $: an extension of type -1, but only 0 to 127 are for applications; send dates as a registered type`},
		{"array element", &pair{a: 1, b: func() {}}, `msgpack: cannot encode $[1]: the Go type func() has no MsgPack form`},
	} {
		t.Run(tt.title, func(t *testing.T) {
			got, err := codec.MsgPack.Append([]byte("before"), tt.v)
			require.EqualError(t, err, tt.want)
			require.Equal(t, "before", string(got))
		})
	}
	_, err := codec.MsgPack.Append(nil, cycle)
	require.ErrorContains(t, err, "nested deeper than 512 levels")
	_, err = codec.JSON.Append(nil, []any{codec.Pairs{}})
	require.EqualError(t, err, "json: cannot encode $[0]: keys must be strings, and those of codec.Pairs need not be; send a codec.Object")
}

func TestMsgPackDecode(t *testing.T) {
	for _, tt := range []struct {
		title, data string
		want        any
	}{
		{"wide integers", "\x94\xd3\x00\x00\x00\x00\x00\x00\x00\x05\xcf\x00\x00\x00\x00\x00\x00\x00\x05\xd0\x05\xd2\xff\xff\xff\xff", []any{int64(5), int64(5), int64(5), int64(-1)}},
		{"beyond int64", "\xcf\x80\x00\x00\x00\x00\x00\x00\x00", bigInt("9223372036854775808")},
		{"float32", "\xca\x3f\x80\x00\x00", 1.0},
		{"long form of a short list and string", "\xdd\x00\x00\x00\x01\xdb\x00\x00\x00\x01x", []any{"x"}},
		{"bytes", "\x92\xc4\x00\xc4\x01\xff", []any{[]byte{}, []byte{0xff}}},
		{"of equal keys the last wins", "\x83\xa1a\x01\xa1b\x02\xa1a\x03", codec.Object{{Key: "a", Value: int64(3)}, {Key: "b", Value: int64(2)}}},
		{"keys of other kinds", "\x84\xa1a\x01\x05\x02\xc0\x03\x91\x01\x04", codec.Pairs{{Key: "a", Value: int64(1)}, {Key: int64(5), Value: int64(2)}, {Key: nil, Value: int64(3)}, {Key: []any{int64(1)}, Value: int64(4)}}},
		{"of equal integer keys the last wins", "\x82\x05\x01\xd1\x00\x05\x02", codec.Pairs{{Key: int64(5), Value: int64(2)}}},
		{"extensions", "\x92\xd4\x05\x01\xc7\x00\xff", []any{codec.Extension{Type: 5, Data: []byte{1}}, codec.Extension{Type: -1, Data: []byte{}}}},
	} {
		got, err := codec.MsgPack.Decode([]byte(tt.data))
		require.NoError(t, err, tt.title)
		require.Equal(t, tt.want, got, tt.title)
	}
}

func TestMsgPackDecodeErrors(t *testing.T) {
	for _, tt := range []struct{ title, data, want string }{
		{"nothing", "", "at byte 0: the data end where a value should be"},
		{"reserved", "\x92\x01\xc1", "at byte 2: found byte 0xc1, which begins no value"},
		{"a list of two billion", "\xdd\x7f\xff\xff\xff", "at byte 0: an array of at least 2147483647 bytes, but 0 are left"},
		{"a map of many", "\xdf\x00\xff\xff\xff", "at byte 0: an object of at least 33554430 bytes, but 0 are left"},
		{"half a length", "\xdd\x7f\xff", "at byte 0: the data end within the length of an array"},
		{"half a string", "\xa5abc", "at byte 0: a string of at least 5 bytes, but 3 are left"},
		{"half an extension", "\xd4\x05", "at byte 0: an extension of at least 2 bytes, but 1 are left"},
		{"half a list", "\x93\x01\xa2ab", "at byte 5: the data end where a value should be"},
		{"half an object", "\x81\xa1a", "at byte 3: the data end where a value should be"},
		{"two values", "\x01\x02\x03", "at byte 1: 2 bytes follow the value"},
		{"invalid UTF-8", "\x91\xa2\xff\xfe", `at byte 2: the string "\xff\xfe" is not valid UTF-8`},
		{"lone surrogate", "\xa3\xed\xa0\x80", `at byte 1: the string "\xed\xa0\x80" is not valid UTF-8`},
		{"object as key", "\x81\x80\x01", "at byte 1: an object is the key of an object"},
	} {
		_, err := codec.MsgPack.Decode([]byte(tt.data))
		assert.EqualError(t, err, "msgpack: "+tt.want, tt.title)
	}
}

// What kills github.com/vmihailenco/msgpack v5.4.1 is an error here, at little cost.
func TestMsgPackDeepNesting(t *testing.T) {
	nested := func(depth int) []byte { return append(bytes.Repeat([]byte{0x91}, depth), 0xc0) }
	v, err := codec.MsgPack.Decode(nested(codec.MaxDepth))
	require.NoError(t, err)
	_, err = codec.MsgPack.Append(nil, v)
	require.NoError(t, err)
	for _, depth := range []int{codec.MaxDepth + 2, 2_000_000} {
		data := nested(depth)
		_, err = codec.MsgPack.Decode(data)
		require.ErrorContains(t, err, "nested deeper than 512 levels")
		_, err = codec.MsgPack.Split(nil, data)
		require.ErrorContains(t, err, "nested deeper than 512 levels")
		_, err = codec.MsgPack.Decode(bytes.Repeat([]byte{0x81, 0xa0}, depth))
		require.Error(t, err)
		_, err = codec.MsgPack.Decode(append(bytes.Repeat([]byte{0x81, 0xa0}, depth), 0xc0))
		require.ErrorContains(t, err, "nested deeper than 512 levels")
	}
}

// A list claims its length before it holds anything: nothing is allocated for the claim.
func TestMsgPackClaimsCostNothing(t *testing.T) {
	data := append(bytes.Repeat([]byte("\xdd\x00\x0f\x00\x00"), codec.MaxDepth), make([]byte, 1<<20)...)
	allocated := testing.AllocsPerRun(1, func() { _, _ = codec.MsgPack.Decode(data) })
	require.Less(t, allocated, 20.0)
}

func TestMsgPackMaxValues(t *testing.T) {
	list := func(n int) []byte {
		head := []byte{0xdd, byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}
		return append(head, bytes.Repeat([]byte{0xc0}, n)...)
	}
	v, err := codec.MsgPack.Decode(list(codec.MaxValues - 1))
	require.NoError(t, err)
	require.Len(t, v, codec.MaxValues-1)
	_, err = codec.MsgPack.Decode(list(codec.MaxValues))
	require.EqualError(t, err, "msgpack: at byte 0: 4194305 values; at most 4194304 are decoded")
	parts, err := codec.MsgPack.Split(nil, list(codec.MaxValues))
	require.NoError(t, err)
	require.Len(t, parts, codec.MaxValues)
}

func TestMsgPackScalars(t *testing.T) {
	c := codec.MsgPack
	n, err := c.Int([]byte("\xd3\xff\xff\xff\xff\xff\xff\xff\xd6"))
	require.NoError(t, err)
	require.Equal(t, int64(-42), n)
	f, err := c.Float([]byte{3})
	require.NoError(t, err)
	require.Equal(t, 3.0, f)
	f, err = c.Float([]byte("\xcf\xff\xff\xff\xff\xff\xff\xff\xff"))
	require.NoError(t, err)
	require.Equal(t, float64(math.MaxUint64), f)
	f, err = c.Float([]byte("\xca\x3f\x80\x00\x00"))
	require.NoError(t, err)
	require.Equal(t, 1.0, f)
	s, err := c.String([]byte("\xa2\xc3\xbc"))
	require.NoError(t, err)
	require.Equal(t, "ü", s)
	b, err := c.Bytes([]byte("\xc4\x01\xff"))
	require.NoError(t, err)
	require.Equal(t, []byte{0xff}, b)

	fails := func(err error, want string) {
		t.Helper()
		assert.EqualError(t, err, "msgpack: at byte "+want)
	}
	_, err = c.Int([]byte("\xcb\x3f\xf0\x00\x00\x00\x00\x00\x00"))
	fails(err, "0: found a float instead of an integer")
	_, err = c.Int([]byte("\xcf\x80\x00\x00\x00\x00\x00\x00\x00"))
	fails(err, "0: the integer 9223372036854775808 does not fit into 64 bits with a sign")
	_, err = c.Int(nil)
	fails(err, "0: the data end where a value should be")
	_, err = c.Float([]byte{0xc3})
	fails(err, "0: found a boolean instead of a number")
	_, err = c.Float([]byte{1, 2})
	fails(err, "1: 1 bytes follow the value")
	_, err = c.String([]byte("\xc4\x01x"))
	fails(err, "0: found bytes instead of a string")
	_, err = c.String([]byte("\xa1\xff"))
	fails(err, `1: the string "\xff" is not valid UTF-8`)
	_, err = c.Bytes([]byte("\xa1x"))
	fails(err, "0: found a string instead of bytes")
	_, err = c.Split(nil, []byte("\x81\xa1a\x01"))
	fails(err, "0: found an object instead of an array")
	_, err = c.SplitMap(nil, []byte{0x90})
	fails(err, "0: found an array instead of an object")
	_, err = c.SplitMap(nil, []byte("\x81\xc4\x01x\x01"))
	fails(err, "1: bytes is the key of an object, which has no text; decode the object to get it")
}

func TestMsgPackKind(t *testing.T) {
	for text, want := range map[string]codec.Kind{
		"": codec.Invalid, "\xc1": codec.Invalid, "\xc0": codec.Null, "\xc2": codec.Bool, "\x00": codec.Int, "\xff": codec.Int, "\xd0": codec.Int,
		"\xcf": codec.Int, "\xca": codec.Float, "\xcb": codec.Float, "\xa0": codec.String, "\xdb": codec.String, "\xc4": codec.Bytes,
		"\x90": codec.List, "\xdd": codec.List, "\x80": codec.Map, "\xde": codec.Map, "\xd4": codec.Ext, "\xc9": codec.Ext,
	} {
		assert.Equal(t, want, codec.MsgPack.Kind([]byte(text)), "%x", text)
	}
}

func TestMsgPackMembers(t *testing.T) {
	data := []byte("\x86\xa1a\x01\x05\x02\xcf\xff\xff\xff\xff\xff\xff\xff\xff\x03\xc0\x04\xc3\x05\xcb\x3f\xf8\x00\x00\x00\x00\x00\x00\x06")
	var got []string
	for m, err := range codec.MsgPack.Members(data) {
		require.NoError(t, err)
		got = append(got, string(m.Key)+"="+string('0'+m.Value[0]))
	}
	require.Equal(t, []string{"a=1", "5=2", "18446744073709551615=3", "null=4", "true=5", "1.5=6"}, got)
	members, err := codec.MsgPack.SplitMap(nil, data)
	require.NoError(t, err)
	require.Len(t, members, 6)
}

// An iteration yields what it has checked, then the error, and then ends.
func TestMsgPackIterationEndsWithTheError(t *testing.T) {
	var (
		got  []string
		last error
	)
	for element, err := range codec.MsgPack.Elements([]byte("\x93\x01\xa1x\xc1")) {
		require.NoError(t, last)
		if last = err; err == nil {
			got = append(got, string(element))
		}
	}
	require.Equal(t, []string{"\x01", "\xa1x"}, got)
	require.EqualError(t, last, "msgpack: at byte 4: found byte 0xc1, which begins no value")
	last = nil
	for _, err := range codec.MsgPack.Members([]byte("\x81\xa1a\x01\x02")) {
		require.NoError(t, last)
		last = err
	}
	require.EqualError(t, last, "msgpack: at byte 4: 1 bytes follow the value")
}

// genMsgPack makes values as Decode returns them.
func genMsgPack(depth int) *rapid.Generator[any] {
	scalars := []*rapid.Generator[any]{
		rapid.Just[any](nil),
		rapid.Bool().AsAny(),
		rapid.Int64().AsAny(),
		rapid.Float64().AsAny(),
		rapid.String().AsAny(),
		rapid.SliceOf(rapid.Byte()).AsAny(),
		rapid.Custom(func(t *rapid.T) any { return new(big.Int).SetUint64(rapid.Uint64Min(1<<63).Draw(t, "high")) }),
		rapid.Custom(func(t *rapid.T) any {
			return codec.Extension{Type: rapid.Int8Min(0).Draw(t, "type"), Data: rapid.SliceOf(rapid.Byte()).Draw(t, "data")}
		}),
	}
	if depth == 0 {
		return rapid.OneOf(scalars...)
	}
	list := rapid.Custom(func(t *rapid.T) any {
		return rapid.SliceOfN(genMsgPack(depth-1), 0, 20).Draw(t, "list")
	})
	object := rapid.Custom(func(t *rapid.T) any {
		o := codec.Object{}
		for _, key := range rapid.SliceOfNDistinct(rapid.String(), 0, 20, rapid.ID).Draw(t, "keys") {
			o = append(o, codec.Member{Key: key, Value: genMsgPack(depth-1).Draw(t, "value")})
		}
		return o
	})
	pairs := rapid.Custom(func(t *rapid.T) any {
		var p codec.Pairs
		for _, key := range rapid.SliceOfNDistinct(rapid.Int64(), 1, 20, rapid.ID).Draw(t, "keys") {
			p = append(p, codec.Pair{Key: key, Value: genMsgPack(depth-1).Draw(t, "value")})
		}
		return p
	})
	return rapid.OneOf(append(scalars, list, object, pairs)...)
}

func TestMsgPackDecodeIsTheInverseOfAppend(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := genMsgPack(3).Draw(t, "value")
		data, err := codec.MsgPack.Append(nil, v)
		require.NoError(t, err)
		back, err := codec.MsgPack.Decode(data)
		require.NoError(t, err)
		require.Equal(t, v, back) // rapid makes no NaN
		again, err := codec.MsgPack.Append(nil, back)
		require.NoError(t, err)
		require.Equal(t, data, again)
	})
}

// A value keeps the kind of its numbers on its way through both codecs.
func TestKindsAcrossCodecs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.OneOf(
			rapid.Int64().AsAny(), rapid.Float64().AsAny(), rapid.String().AsAny(),
			rapid.Custom(func(t *rapid.T) any { return new(big.Int).SetUint64(rapid.Uint64Min(1<<63).Draw(t, "high")) }),
			rapid.Map(rapid.Int64(), func(n int64) any { return float64(n) }),
			rapid.SampledFrom([]any{math.Inf(1), math.Inf(-1), math.Copysign(0, -1), 0.0, true, nil}),
		).Draw(t, "value")
		for _, first := range bothCodecs {
			for _, second := range bothCodecs {
				data, err := first.Append(nil, v)
				require.NoError(t, err)
				between, err := first.Decode(data)
				require.NoError(t, err)
				data, err = second.Append(nil, between)
				require.NoError(t, err)
				got, err := second.Decode(data)
				require.NoError(t, err)
				require.Equal(t, v, got)
			}
		}
	})
	for _, c := range bothCodecs {
		data, err := c.Append(nil, math.NaN())
		require.NoError(t, err)
		got, err := c.Decode(data)
		require.NoError(t, err)
		require.True(t, math.IsNaN(got.(float64)))
	}
}

// The library vmihailenco/msgpack writes the same bytes and reads them alike, once
// it is told to.
func TestMsgPackAgainstTheLibrary(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.SliceOf(rapid.OneOf(
			rapid.Int64().AsAny(), rapid.Uint64().AsAny(), rapid.Float64().AsAny(), rapid.String().AsAny(), rapid.SliceOf(rapid.Byte()).AsAny(),
			rapid.Bool().AsAny(), rapid.MapOf(rapid.String(), rapid.Int64().AsAny()).AsAny(), rapid.Just[any](nil),
		)).Draw(t, "value")
		var buf bytes.Buffer
		enc := msgpack.NewEncoder(&buf)
		enc.UseCompactInts(true)
		enc.SetSortMapKeys(true)
		require.NoError(t, enc.Encode(v))
		got, err := codec.MsgPack.Append(nil, v)
		require.NoError(t, err)
		require.Equal(t, buf.Bytes(), got)

		dec := msgpack.NewDecoder(&buf)
		want, err := dec.DecodeInterface()
		require.NoError(t, err)
		decoded, err := codec.MsgPack.Decode(got)
		require.NoError(t, err)
		require.Equal(t, fromLibrary(want), decoded)
	})
}

// fromLibrary gives a value that the library decoded the types of codec.
func fromLibrary(v any) any {
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = fromLibrary(v[i])
		}
	case map[string]any:
		o := codec.Object{}
		for _, key := range slices.Sorted(maps.Keys(v)) {
			o = append(o, codec.Member{Key: key, Value: fromLibrary(v[key])})
		}
		return o
	}
	if n := reflect.ValueOf(v); n.CanInt() {
		return n.Int()
	} else if n.CanUint() && n.Uint() <= math.MaxInt64 {
		return int64(n.Uint())
	} else if n.CanUint() {
		return new(big.Int).SetUint64(n.Uint())
	}
	return v
}

// Decoding agrees with taking apart: what one accepts the other accepts.
func FuzzMsgPack(f *testing.F) {
	for _, seed := range []string{
		string(hotBytes), "\xdd\x7f\xff\xff\xff", "\xdf\x00\xff\xff\xff", strings.Repeat("\x91", 600), "\x82\x05\x01\xd1\x00\x05\x02",
		"\xc7\x03\xff\x01\x02\x03", "\xcf\xff\xff\xff\xff\xff\xff\xff\xff", "\xa2\xff\xfe", "\x81\x91\x80\x01", "\xd9\x01\x80",
		"\x81\xa8__type__\x92\x00\xaa2016-01-01",
	} {
		f.Add([]byte(seed))
	}
	types := typeList(f, codec.Date(), codec.Struct[point]())
	f.Fuzz(func(t *testing.T, data []byte) {
		v, err := codec.MsgPack.Decode(data)
		checkDecodeItems(t, codec.MsgPack, codec.MsgPack.DecodeItems, data)
		parts, errSplit := codec.MsgPack.Split(nil, append([]byte{0x91}, data...))
		if (err == nil) != (errSplit == nil) && !strings.Contains(fmt.Sprint(errSplit), "levels") {
			t.Fatalf("Decode(%x): %v; Split: %v", data, err, errSplit)
		}
		if err != nil {
			var syntax *codec.SyntaxError
			if !errors.As(err, &syntax) || syntax.Offset > len(data) {
				t.Fatalf("Decode(%x) fails with %v", data, err)
			}
			return
		}
		if errSplit == nil && !bytes.Equal(parts[0], data) {
			t.Fatalf("Split finds %x in a list of %x", parts[0], data)
		}
		_, _ = codec.MsgPack.WithTypes(types).Decode(data) // does not panic
		once, err := codec.MsgPack.Append(nil, v)
		if err != nil {
			if !strings.Contains(err.Error(), "only 0 to 127 are for applications") {
				t.Fatalf("decoded from %x: %v", data, err)
			}
			return
		}
		again, err := codec.MsgPack.Decode(once)
		if err != nil {
			t.Fatalf("decoding %x again: %v", once, err)
		}
		twice, err := codec.MsgPack.Append(nil, again)
		if err != nil || !bytes.Equal(once, twice) {
			t.Fatalf("%x becomes %x, then %x (%v)", data, once, twice, err)
		}
	})
}
