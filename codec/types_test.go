package codec_test

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/simrun/simrun/codec"
	"github.com/simrun/simrun/internal/recordings"
)

type point struct {
	X int     `codec:"x"`
	Y float64 `codec:"y"`
}

type box struct {
	A     point `codec:"a"`
	B     point `codec:"b"`
	Label []string
	Cache func() `codec:"-"`
}

// service stands for what rpc sends as a reference.
type service struct{ path string }

type proxy struct{ path string }

func services() codec.Type {
	return codec.Fallback("services",
		func(v any) (any, bool, error) {
			s, ok := v.(*service)
			if ok && s.path == "" {
				return nil, true, errors.New("the service is not exposed")
			}
			if !ok {
				return nil, false, nil
			}
			return s.path, true, nil
		},
		func(data any) (any, error) { return proxy{data.(string)}, nil },
	)
}

func typeList(t testing.TB, list ...codec.Type) *codec.Types {
	t.Helper()
	types, err := codec.NewTypes(list...)
	require.NoError(t, err)
	return types
}

var bothCodecs = []codec.Codec{codec.JSON, codec.MsgPack}

func TestTypesTravel(t *testing.T) {
	types := typeList(t, codec.Date(), codec.Struct[point](), codec.Struct[box](), services())
	require.Equal(t, "0 time.Time, 1 codec_test.point, 2 codec_test.box, 3 services", types.String())
	b := box{A: point{X: 1, Y: 2}, B: point{X: 3, Y: 4.5}, Label: []string{"l"}}
	sent := []any{
		map[string]any{"at": time.Date(2016, 1, 1, 0, 0, 0, 0, time.UTC)},
		[]point{{X: -1, Y: 0.5}},
		b,
		codec.Object{{Key: "s", Value: &service{"agents/0"}}},
	}
	want := []any{
		codec.Object{{Key: "at", Value: time.Date(2016, 1, 1, 0, 0, 0, 0, time.UTC)}},
		[]any{point{X: -1, Y: 0.5}},
		b,
		codec.Object{{Key: "s", Value: proxy{"agents/0"}}},
	}
	for _, c := range bothCodecs {
		t.Run(c.Name(), func(t *testing.T) {
			bound := c.WithTypes(types)
			data, err := bound.Append(nil, sent)
			require.NoError(t, err)
			got, err := bound.Decode(data)
			require.NoError(t, err)
			require.Equal(t, want, got)

			plain, err := c.Decode(data)
			require.NoError(t, err)
			require.Equal(t, codec.Object{{Key: "__type__", Value: []any{int64(1), codec.Object{{Key: "x", Value: int64(-1)}, {Key: "y", Value: 0.5}}}}},
				plain.([]any)[1].([]any)[0], "without types it is an object")

			// The codec that an Array is given has the types, too.
			data, err = bound.Append(nil, &pair{1, point{X: 7}})
			require.NoError(t, err)
			got, err = bound.Decode(data)
			require.NoError(t, err)
			require.Equal(t, []any{int64(1), point{X: 7}}, got)
		})
	}
}

func TestTypedObjectsOnTheWire(t *testing.T) {
	types := typeList(t, codec.Date(), codec.Struct[point](), codec.NewType(
		func(n seconds) (any, error) { return []any{int64(n), point{X: 2}}, nil },
		func(data any) (seconds, error) { return seconds(data.([]any)[0].(int64)), nil },
	))
	data, err := codec.JSON.WithTypes(types).Append(nil, []any{seconds(5), codec.Raw(`{"__type__": [9, 9]}`)})
	require.NoError(t, err)
	require.Equal(t, `[{"__type__": [2, [5, {"__type__": [1, {"x": 2, "y": 0.0}]}]]}, {"__type__": [9, 9]}]`, string(data), "Raw is not touched")
	data, err = codec.MsgPack.WithTypes(types).Append(nil, seconds(5))
	require.NoError(t, err)
	require.Equal(t, "\x81\xa8__type__\x92\x02\x92\x05\x81\xa8__type__\x92\x01\x82\xa1x\x02\xa1y\xcb\x00\x00\x00\x00\x00\x00\x00\x00", string(data))
}

// recordedPoint and recordedPair are the classes of aiomas' agent_custom_serializer.
// Their members are not converted, as the recording has integers and floats.
type (
	recordedPoint struct {
		X any `codec:"x"`
		Y any `codec:"y"`
	}
	recordedPair struct {
		A recordedPoint `codec:"a"`
		B recordedPoint `codec:"b"`
	}
)

// Dates and objects that aiomas sent become Go values, and the same bytes again.
func TestRecordedTypes(t *testing.T) {
	found := map[string]int{}
	lists := map[string]*codec.Types{
		"agent_arrow":             typeList(t, codec.Date(), services()),
		"agent_custom_serializer": typeList(t, codec.Date(), codec.Struct[recordedPoint](), codec.Struct[recordedPair](), references()),
	}
	for _, r := range append(recordings.All(), recordings.MsgPack()...) {
		types := lists[r.Name]
		if types == nil {
			continue
		}
		var c codec.Codec = codec.JSON
		if r.Lines[0].Payload[0] != '[' {
			c = codec.MsgPack
		}
		bound := c.WithTypes(types)
		for _, line := range r.Lines {
			if line.Payload == "" {
				continue
			}
			v, err := bound.Decode([]byte(line.Payload))
			require.NoError(t, err)
			again, err := bound.Append(nil, v)
			require.NoError(t, err)
			require.Equal(t, line.Payload, string(again))
			countTypes(found, v)
		}
	}
	require.Equal(t, map[string]int{"codec_test.proxy": 2, "codec_test.recordedPair": 4, "codec_test.recordedPoint": 4, "time.Time": 24}, found)
}

// references is services, but for what is received, which is sent back.
func references() codec.Type {
	return codec.NewType(
		func(p proxy) (any, error) { return p.path, nil },
		func(data any) (proxy, error) { return proxy{data.(string)}, nil },
	)
}

func countTypes(found map[string]int, v any) {
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			countTypes(found, item)
		}
	case time.Time, recordedPoint, recordedPair, proxy:
		found[fmt.Sprintf("%T", v)]++
	}
}

func TestWhatIsNoTypedObject(t *testing.T) {
	types := typeList(t, codec.Date(), codec.Struct[point]())
	for _, tt := range []struct{ json, want string }{
		{`[0, {"__type__": [7, 1]}]`, `cannot decode the typed object $[1]: there is no type 7; the types are: 0 time.Time, 1 codec_test.point (both sides need equal lists)`},
		{`{"a": {"__type__": [-1, 1]}}`, `cannot decode the typed object $["a"]: there is no type -1; the types are: 0 time.Time, 1 codec_test.point (both sides need equal lists)`},
		{`{"__type__": 1}`, `cannot decode the typed object $: what stands under __type__ is not a list of a number and the data`},
		{`{"__type__": ["1", 1]}`, `cannot decode the typed object $: found the string "1" as the number of a type`},
		{`{"__type__": [0.5, 1]}`, `cannot decode the typed object $: found a float as the number of a type`},
		{`{"__type__": [0, "soon"]}`, `cannot decode the typed object $ as a time.Time: the text "soon" is no date such as 2016-01-01T00:00:00+00:00`},
		{`{"__type__": [1, {"x": 1}]}`, `cannot decode the typed object $ as a codec_test.point: the field "y" is missing`},
		{`{"__type__": [1, {"x": 1, "y": 2, "z": 3}]}`, `cannot decode the typed object $ as a codec_test.point: there is no field "z"; the fields are "x", "y"`},
		{`[{"__type__": [1, {"x": 1.5, "y": 2}]}]`, `cannot decode the typed object $[0] as a codec_test.point: at $["x"]: found a float instead of the Go type int`},
		{`{"__type__": [1, {"x": {"__type__": [0, true]}, "y": 1}]}`, `cannot decode the typed object $["__type__"][1]["x"] as a time.Time: found a boolean instead of a date`},
	} {
		_, err := codec.JSON.WithTypes(types).Decode([]byte(tt.json))
		assert.EqualError(t, err, tt.want, tt.json)
		var typeError *codec.TypeError
		assert.ErrorAs(t, err, &typeError, tt.json)
	}
	for _, text := range []string{`{"__type__": [1.0, {"x": 1, "y": 2}], "more": 1}`, `{"__type__": [true, {"y": 2.0, "x": 1}]}`} {
		got, err := codec.JSON.WithTypes(types).Decode([]byte(text))
		require.NoError(t, err, text)
		require.Equal(t, point{X: 1, Y: 2}, got, text)
	}
	got, err := codec.MsgPack.WithTypes(types).Decode([]byte("\x82\x01\x02\xa8__type__\x92\x00\x00"))
	require.NoError(t, err)
	require.Equal(t, time.Unix(0, 0).UTC(), got, "in a map with other keys as well")
}

func TestWhatHasNoType(t *testing.T) {
	types := typeList(t, codec.Struct[point](), services())
	for _, c := range bothCodecs {
		bound := c.WithTypes(types)
		format := map[string]string{"json": "JSON", "msgpack": "MsgPack"}[c.Name()]
		for _, tt := range []struct {
			v    any
			want string
		}{
			{[]any{&point{}}, `$[0]: the Go type *codec_test.point has no ` + format + ` form (codec_test.point is registered: pass the value, not a pointer)`},
			{map[string]any{"a": box{}}, `$["a"]: the Go type codec_test.box has no ` + format + ` form and is not registered (registered are: 0 codec_test.point, 1 services); give its fields as a map or a list`},
			{[]any{1, &service{}}, `$[1]: the Go type *codec_test.service: the service is not exposed`},
			{[]any{map[string]any{"__type__": 1}}, `$[0]: the key "__type__" marks values of registered types and cannot be used by others; rename it`},
			{codec.Object{{Key: "__type__"}}, `$: the key "__type__" marks values of registered types and cannot be used by others; rename it`},
		} {
			got, err := bound.Append([]byte("before"), tt.v)
			assert.EqualError(t, err, c.Name()+": cannot encode "+tt.want)
			assert.Equal(t, "before", string(got))
		}
	}
}

func TestTypeListsThatCannotBe(t *testing.T) {
	for _, tt := range []struct {
		list []codec.Type
		want string
	}{
		{[]codec.Type{codec.Date(), codec.Struct[point](), codec.Date()}, "codec: the type time.Time is in the list twice, at 0 and 2"},
		{[]codec.Type{services(), services()}, "codec: types 0 and 1 are both fallbacks; a list has at most one"},
		{[]codec.Type{anyType[string]()}, "codec: the type string is encoded by itself; name a type of your own after it"},
		{[]codec.Type{anyType[*pair]()}, "codec: the type *codec_test.pair is a codec.Array, which is encoded as an array"},
		{[]codec.Type{anyType[error]()}, "codec: the type error is an interface, but values are looked up by their exact type; use a Fallback"},
	} {
		_, err := codec.NewTypes(tt.list...)
		assert.EqualError(t, err, tt.want)
	}
	first := typeList(t, codec.Date())
	second, err := first.With(services())
	require.NoError(t, err)
	require.Equal(t, 1, first.Len(), "a list does not change")
	require.Equal(t, 2, second.Len())
	require.PanicsWithValue(t, "codec: Struct of int, which is not a struct", func() { codec.Struct[int]() })
	require.PanicsWithValue(t, `codec: two fields of struct { A int; B int "codec:\"A\"" } have the name "A"`, func() {
		codec.Struct[struct {
			A int
			B int `codec:"A"`
		}]()
	})
}

func anyType[T any]() codec.Type {
	return codec.NewType(func(T) (any, error) { return nil, nil }, func(any) (v T, err error) { return v, nil })
}

func TestDates(t *testing.T) {
	c := codec.JSON.WithTypes(typeList(t, codec.Date()))
	utc := func(nano int) time.Time { return time.Date(2016, 2, 29, 23, 59, 59, nano, time.UTC) }
	zone := func(seconds int) time.Time {
		return time.Date(2016, 2, 29, 23, 59, 59, 0, time.FixedZone("", seconds))
	}
	for _, tt := range []struct {
		date time.Time
		want string
	}{
		{utc(0), "2016-02-29T23:59:59+00:00"},
		{utc(500_000_000), "2016-02-29T23:59:59.500000+00:00"},
		{utc(1_499), "2016-02-29T23:59:59.000001+00:00"},
		{utc(999_999_600), "2016-03-01T00:00:00+00:00"},
		{zone(-(11*60 + 30) * 60), "2016-02-29T23:59:59-11:30"},
		{zone(53*60 + 28), "2016-02-29T23:06:31+00:00"}, // local mean time, before there were zones
		{zone(24 * 60 * 60), "2016-02-28T23:59:59+00:00"},
	} {
		data, err := c.Append(nil, tt.date)
		require.NoError(t, err)
		require.Equal(t, `{"__type__": [0, "`+tt.want+`"]}`, string(data))
		back, err := c.Decode(data)
		require.NoError(t, err)
		require.True(t, back.(time.Time).Equal(tt.date.Round(time.Microsecond)), "%s", back)
	}
	for _, year := range []int{0, 10000} {
		_, err := c.Append(nil, time.Date(year, 6, 1, 0, 0, 0, 0, time.UTC))
		require.ErrorContains(t, err, "json: cannot encode $: the Go type time.Time: the year of")
	}
	for _, tt := range []struct {
		data string
		want time.Time
	}{
		{`"2016-02-29T23:59:59"`, utc(0)},
		{`"2016-02-29T23:59:59Z"`, utc(0)},
		{`"2016-02-29T23:59:59.5"`, utc(500_000_000)},
		{`"2016-02-29T23:59:59.123456789Z"`, utc(123_457_000)},
		{`"2016-02-29T23:59:59.123+0000"`, utc(123_000_000)},
		{`"2016-02-29"`, time.Date(2016, 2, 29, 0, 0, 0, 0, time.UTC)},
		{`1456790399`, utc(0)},
	} {
		got, err := c.Decode([]byte(`{"__type__": [0, ` + tt.data + `]}`))
		require.NoError(t, err, tt.data)
		require.Equal(t, tt.want, got, tt.data)
	}
	for _, data := range []string{`"2016-02-30"`, `""`, `null`, `1.5`, `253402300800`, `"1456790399"`, `[]`} {
		_, err := c.Decode([]byte(`{"__type__": [0, ` + data + `]}`))
		require.Error(t, err, data)
	}
}

// A date keeps its offset and does not pick up the zone of this machine.
func TestDatesKeepTheirOffset(t *testing.T) {
	local := time.Local
	time.Local = time.FixedZone("here", 3600)
	t.Cleanup(func() { time.Local = local })
	c := codec.MsgPack.WithTypes(typeList(t, codec.Date()))
	rapid.Check(t, func(t *rapid.T) {
		offset := rapid.IntRange(-23*60-59, 23*60+59).Draw(t, "offset") * 60
		date := time.UnixMicro(rapid.Int64Range(-62e15, 253e15).Draw(t, "microseconds")).In(time.FixedZone("", offset))
		data, err := c.Append(nil, date)
		require.NoError(t, err)
		got, err := c.Decode(data)
		require.NoError(t, err)
		require.True(t, date.Equal(got.(time.Time)))
		name, back := got.(time.Time).Zone()
		require.Equal(t, offset, back)
		require.NotEqual(t, "here", name)
	})
}

func TestConvert(t *testing.T) {
	list, err := codec.Convert[map[name][]float32]([]any{})
	require.EqualError(t, err, "found an array instead of the Go type map[codec_test.name][]float32", "%v", list)
	m, err := codec.Convert[map[name][]float32](codec.Object{{Key: "a", Value: []any{int64(1), 2.5}}})
	require.NoError(t, err)
	require.Equal(t, map[name][]float32{"a": {1, 2.5}}, m)
	numbered, err := codec.Convert[map[int8]*bool](codec.Pairs{{Key: int64(-3), Value: true}, {Key: int64(4), Value: nil}})
	require.NoError(t, err)
	require.True(t, *numbered[-3])
	require.Nil(t, numbered[4])
	u, err := codec.Convert[uint64](bigInt("18446744073709551615"))
	require.NoError(t, err)
	require.Equal(t, uint64(math.MaxUint64), u)
	n, err := codec.Convert[*big.Int](int64(5))
	require.NoError(t, err)
	require.Equal(t, big.NewInt(5), n)
	v, err := codec.Convert[any](nil)
	require.NoError(t, err)
	require.Nil(t, v)
	triple, err := codec.Convert[[3]uint8]([]any{int64(1), int64(2), int64(255)})
	require.NoError(t, err)
	require.Equal(t, [3]uint8{1, 2, 255}, triple)
	raw, err := codec.Convert[[]byte]([]byte{1})
	require.NoError(t, err)
	require.Equal(t, []byte{1}, raw)

	for want, f := range map[string]func() error{
		"found null instead of the Go type int":                              func() error { _, err := codec.Convert[int](nil); return err },
		"found a float instead of the Go type int":                           func() error { _, err := codec.Convert[int](2.0); return err },
		"the number 256 does not fit into the Go type uint8":                 func() error { _, err := codec.Convert[uint8](int64(256)); return err },
		"the number -1 does not fit into the Go type uint":                   func() error { _, err := codec.Convert[uint](int64(-1)); return err },
		"the number 9223372036854775808 does not fit into the Go type int64": func() error { _, err := codec.Convert[int64](bigInt("9223372036854775808")); return err },
		"the number 1e+300 does not fit into the Go type float32":            func() error { _, err := codec.Convert[float32](1e300); return err },
		`at $[1]["k"]: found the string "x" instead of the Go type bool`: func() error {
			_, err := codec.Convert[[]map[string]bool]([]any{nil, codec.Object{{Key: "k", Value: "x"}}})
			return err
		},
		"found a list of 1 instead of 2 items (Go type [2]int)":                       func() error { _, err := codec.Convert[[2]int]([]any{int64(1)}); return err },
		"at $[null] (the key): found null instead of the Go type string":              func() error { _, err := codec.Convert[map[string]int](codec.Pairs{{}}); return err },
		"found a value of the Go type codec_test.proxy instead of the Go type string": func() error { _, err := codec.Convert[string](proxy{}); return err },
		"at $[[]interface {}{1}] (the key): found an array, which cannot be the key of a Go map": func() error {
			_, err := codec.Convert[map[any]int](codec.Pairs{{Key: []any{1}, Value: int64(1)}})
			return err
		},
	} {
		var convertError *codec.ConvertError
		err := f()
		if assert.ErrorAs(t, err, &convertError, want) {
			assert.Equal(t, want, err.Error())
		}
	}
}

func ExampleTypes() {
	type Offer struct {
		Price  float64 `codec:"price"`
		Amount int     `codec:"amount"`
	}
	types, err := codec.NewTypes(codec.Date(), codec.Struct[Offer]())
	if err != nil {
		panic(err)
	}
	c := codec.JSON.WithTypes(types)
	data, err := c.Append(nil, Offer{0.25, 3})
	if err != nil {
		panic(err)
	}
	fmt.Println(string(data))
	v, err := c.Decode(data)
	if err != nil {
		panic(err)
	}
	fmt.Printf("%+v\n", v)
	// Output:
	// {"__type__": [1, {"price": 0.25, "amount": 3}]}
	// {Price:0.25 Amount:3}
}
