package codec

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"maps"
	"math"
	"math/big"
	"reflect"
	"slices"
	"unicode/utf8"
)

// append appends v, which lies inside depth arrays and objects. Only the types of
// hot messages are handled here, for the sake of a small stack frame.
func (c MsgPackCodec) append(dst []byte, v any, depth int) ([]byte, error) {
	if depth > MaxDepth {
		return dst, &EncodeError{"msgpack", "$", fmt.Sprintf("nested deeper than %d levels (does it contain itself?)", MaxDepth)}
	}
	switch v := v.(type) {
	case nil:
		return append(dst, mpNil), nil
	case bool:
		return appendMPBool(dst, v), nil
	case int:
		return appendMPInt(dst, int64(v)), nil
	case int64:
		return appendMPInt(dst, v), nil
	case float64:
		return appendMPFloat(dst, v), nil
	case string:
		return appendMPString(dst, v)
	case Raw:
		if len(v) == 0 {
			return dst, &EncodeError{"msgpack", "$", "an empty codec.Raw is no value"}
		}
		return append(dst, v...), nil
	case Object:
		return c.appendObject(dst, v, depth)
	case []any:
		return c.appendList(dst, v, depth)
	case *Call:
		return c.appendCall(dst, v)
	case Array:
		return c.appendArray(dst, v)
	}
	return c.appendMore(dst, v, depth)
}

// appendMore appends a value of one of the other types that every codec takes.
func (c MsgPackCodec) appendMore(dst []byte, v any, depth int) ([]byte, error) {
	switch v := v.(type) {
	case uint64:
		return appendMPUint(dst, v), nil
	case *big.Int:
		return appendMPBig(dst, v)
	case []byte:
		return appendMPBytes(dst, v), nil
	case []string:
		return appendMPList(dst, v, appendMPString)
	case []float64:
		return appendMPList(dst, v, func(dst []byte, f float64) ([]byte, error) { return appendMPFloat(dst, f), nil })
	case map[string]any:
		return appendMPMap(c, dst, v, func(dst []byte, v any) ([]byte, error) { return c.append(dst, v, depth+1) })
	case map[string]float64:
		return appendMPMap(c, dst, v, func(dst []byte, f float64) ([]byte, error) { return appendMPFloat(dst, f), nil })
	case Pairs:
		return c.appendPairs(dst, v, depth)
	case Extension:
		return appendMPExtension(dst, v)
	}
	return c.appendOther(dst, v, depth)
}

func (c MsgPackCodec) appendArray(dst []byte, a Array) ([]byte, error) {
	n := a.Len()
	dst = appendMPListHeader(dst, n)
	for i := range n {
		var err error
		if dst, err = a.AppendElement(dst, c, i); err != nil {
			return dst, atIndex(err, i)
		}
	}
	return dst, nil
}

func (c MsgPackCodec) appendList(dst []byte, list []any, depth int) ([]byte, error) {
	dst = appendMPListHeader(dst, len(list))
	for i := range list {
		var err error
		if dst, err = c.append(dst, list[i], depth+1); err != nil {
			return dst, atIndex(err, i)
		}
	}
	return dst, nil
}

func (c MsgPackCodec) appendObject(dst []byte, o Object, depth int) ([]byte, error) {
	dst = appendMPMapHeader(dst, len(o))
	for i := range o {
		var err error
		if dst, err = c.appendKey(dst, o[i].Key); err != nil {
			return dst, err
		}
		if dst, err = c.append(dst, o[i].Value, depth+1); err != nil {
			return dst, atKey(err, o[i].Key)
		}
	}
	return dst, nil
}

func appendMPList[T any](dst []byte, list []T, item func([]byte, T) ([]byte, error)) ([]byte, error) {
	dst = appendMPListHeader(dst, len(list))
	for i, v := range list {
		var err error
		if dst, err = item(dst, v); err != nil {
			return dst, atIndex(err, i)
		}
	}
	return dst, nil
}

func appendMPMap[T any](c MsgPackCodec, dst []byte, m map[string]T, item func([]byte, T) ([]byte, error)) ([]byte, error) {
	dst = appendMPMapHeader(dst, len(m))
	for _, key := range slices.Sorted(maps.Keys(m)) {
		var err error
		if dst, err = c.appendKey(dst, key); err != nil {
			return dst, err
		}
		if dst, err = item(dst, m[key]); err != nil {
			return dst, atKey(err, key)
		}
	}
	return dst, nil
}

func (c MsgPackCodec) appendKey(dst []byte, key string) ([]byte, error) {
	if c.types != nil && key == typeKey {
		return dst, reservedKey(c)
	}
	return appendMPString(dst, key)
}

// appendOther appends a value of a registered type, or of no type known here.
func (c MsgPackCodec) appendOther(dst []byte, v any, depth int) ([]byte, error) {
	number, data, ok, err := c.types.Encode(v)
	if err != nil {
		return dst, &EncodeError{"msgpack", "$", fmt.Sprintf("the Go type %T: %v", v, err)}
	}
	if !ok {
		return c.appendReflected(dst, reflect.ValueOf(v), depth)
	}
	dst = append(appendMPMapHeader(dst, 1), mpFixStr|byte(len(typeKey)))
	dst = append(dst, typeKey...)
	dst = appendMPInt(appendMPListHeader(dst, 2), int64(number))
	return c.append(dst, data, depth+2)
}

// appendReflected handles named types, the less common numbers, and slices and
// maps of any of the types that are supported.
func (c MsgPackCodec) appendReflected(dst []byte, v reflect.Value, depth int) ([]byte, error) {
	switch v.Kind() {
	case reflect.Bool:
		return appendMPBool(dst, v.Bool()), nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return appendMPInt(dst, v.Int()), nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return appendMPUint(dst, v.Uint()), nil
	case reflect.Float32, reflect.Float64:
		return appendMPFloat(dst, v.Float()), nil
	case reflect.String:
		return appendMPString(dst, v.String())
	case reflect.Slice, reflect.Array:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return appendMPBytes(dst, bytesOf(v)), nil
		}
		dst = appendMPListHeader(dst, v.Len())
		for i := range v.Len() {
			var err error
			if dst, err = c.append(dst, v.Index(i).Interface(), depth+1); err != nil {
				return dst, atIndex(err, i)
			}
		}
		return dst, nil
	case reflect.Map:
		return c.appendReflectedMap(dst, v, depth)
	}
	return dst, &EncodeError{"msgpack", "$", noForm("MsgPack", v.Type(), c.types)}
}

// bytesOf returns the elements of a slice or array of a byte type.
func bytesOf(v reflect.Value) []byte {
	if v.Kind() == reflect.Array && !v.CanAddr() {
		addressable := reflect.New(v.Type()).Elem()
		addressable.Set(v)
		v = addressable
	}
	return v.Bytes()
}

// appendReflectedMap sorts strings as such, and integers by their value.
func (c MsgPackCodec) appendReflectedMap(dst []byte, v reflect.Value, depth int) ([]byte, error) {
	keys := v.MapKeys()
	switch key := reflect.Zero(v.Type().Key()); {
	case key.Kind() == reflect.String:
		slices.SortFunc(keys, func(a, b reflect.Value) int { return cmp.Compare(a.String(), b.String()) })
	case key.CanInt():
		slices.SortFunc(keys, func(a, b reflect.Value) int { return cmp.Compare(a.Int(), b.Int()) })
	case key.CanUint():
		slices.SortFunc(keys, func(a, b reflect.Value) int { return cmp.Compare(a.Uint(), b.Uint()) })
	default:
		return dst, &EncodeError{"msgpack", "$", fmt.Sprintf("keys must be strings or integers (Go type %s)", v.Type())}
	}
	dst = appendMPMapHeader(dst, len(keys))
	for _, key := range keys {
		var err error
		switch {
		case key.CanInt():
			dst = appendMPInt(dst, key.Int())
		case key.CanUint():
			dst = appendMPUint(dst, key.Uint())
		default:
			if dst, err = c.appendKey(dst, key.String()); err != nil {
				return dst, err
			}
		}
		if dst, err = c.append(dst, v.MapIndex(key).Interface(), depth+1); err != nil {
			return dst, atAnyKey(err, key.Interface())
		}
	}
	return dst, nil
}

func appendMPBool(dst []byte, b bool) []byte {
	if b {
		return append(dst, mpTrue)
	}
	return append(dst, mpFalse)
}

// appendMPInt appends the shortest form; of a positive number, an unsigned one.
func appendMPInt(dst []byte, n int64) []byte {
	switch {
	case n >= 0:
		return appendMPUint(dst, uint64(n))
	case n >= -32:
		return append(dst, byte(n))
	case n >= math.MinInt8:
		return append(dst, mpInt8, byte(n))
	case n >= math.MinInt16:
		return append(dst, mpInt16, byte(n>>8), byte(n))
	case n >= math.MinInt32:
		return binary.BigEndian.AppendUint32(append(dst, mpInt32), uint32(n))
	}
	return binary.BigEndian.AppendUint64(append(dst, mpInt64), uint64(n))
}

func appendMPUint(dst []byte, n uint64) []byte {
	switch {
	case n < mpFixMap:
		return append(dst, byte(n))
	case n <= math.MaxUint8:
		return append(dst, mpUint8, byte(n))
	case n <= math.MaxUint16:
		return append(dst, mpUint16, byte(n>>8), byte(n))
	case n <= math.MaxUint32:
		return binary.BigEndian.AppendUint32(append(dst, mpUint32), uint32(n))
	}
	return binary.BigEndian.AppendUint64(append(dst, mpUint64), n)
}

func appendMPBig(dst []byte, n *big.Int) ([]byte, error) {
	switch {
	case n == nil:
		return dst, &EncodeError{"msgpack", "$", "the *big.Int is nil"}
	case n.IsInt64():
		return appendMPInt(dst, n.Int64()), nil
	case n.IsUint64():
		return appendMPUint(dst, n.Uint64()), nil
	}
	return dst, &EncodeError{"msgpack", "$", fmt.Sprintf("the integer %s is not in -2^63 to 2^64-1, as MsgPack needs; send a string or a float", excerpt(n.Append(nil, 10)))}
}

func appendMPFloat(dst []byte, f float64) []byte {
	if f != f {
		f = nan
	}
	return binary.BigEndian.AppendUint64(append(dst, mpFloat64), math.Float64bits(f))
}

// The lengths below are taken to fit into 32 bits: what does not is longer than a
// frame can be, so that it is refused there.

func appendMPString(dst []byte, s string) ([]byte, error) {
	n := len(s)
	if n < mpNil-mpFixStr {
		dst = append(append(dst, mpFixStr|byte(n)), s...)
		if isASCII(dst[len(dst)-n:]) || utf8.ValidString(s) {
			return dst, nil
		}
		return dst, invalidUTF8("msgpack", s)
	}
	if !utf8.ValidString(s) {
		return dst, invalidUTF8("msgpack", s)
	}
	switch {
	case n <= math.MaxUint8:
		dst = append(dst, mpStr8, byte(n))
	case n <= math.MaxUint16:
		dst = append(dst, mpStr16, byte(n>>8), byte(n))
	default:
		dst = binary.BigEndian.AppendUint32(append(dst, mpStr32), uint32(n))
	}
	return append(dst, s...), nil
}

func appendMPBytes(dst, data []byte) []byte {
	switch n := len(data); {
	case n <= math.MaxUint8:
		dst = append(dst, mpBin8, byte(n))
	case n <= math.MaxUint16:
		dst = append(dst, mpBin16, byte(n>>8), byte(n))
	default:
		dst = binary.BigEndian.AppendUint32(append(dst, mpBin32), uint32(n))
	}
	return append(dst, data...)
}

// appendMPExtension refuses MsgPack's own types: the Python of aiomas' time
// cannot read them.
func appendMPExtension(dst []byte, x Extension) ([]byte, error) {
	if x.Type < 0 {
		return dst, &EncodeError{"msgpack", "$", fmt.Sprintf("an extension of type %d, but only 0 to 127 are for applications; send dates as a registered type", x.Type)}
	}
	switch n := len(x.Data); {
	case n == 1 || n == 2 || n == 4 || n == 8 || n == 16:
		code := byte(mpFixExt1)
		for ; n > 1; n /= 2 {
			code++
		}
		dst = append(dst, code)
	case n <= math.MaxUint8:
		dst = append(dst, mpExt8, byte(n))
	case n <= math.MaxUint16:
		dst = append(dst, mpExt16, byte(n>>8), byte(n))
	default:
		dst = binary.BigEndian.AppendUint32(append(dst, mpExt32), uint32(n))
	}
	return append(append(dst, byte(x.Type)), x.Data...), nil
}

func appendMPListHeader(dst []byte, n int) []byte {
	switch {
	case n < mpFixStr-mpFixList:
		return append(dst, mpFixList|byte(n))
	case n <= math.MaxUint16:
		return append(dst, mpList16, byte(n>>8), byte(n))
	}
	return binary.BigEndian.AppendUint32(append(dst, mpList32), uint32(n))
}

func appendMPMapHeader(dst []byte, n int) []byte {
	switch {
	case n < mpFixList-mpFixMap:
		return append(dst, mpFixMap|byte(n))
	case n <= math.MaxUint16:
		return append(dst, mpMap16, byte(n>>8), byte(n))
	}
	return binary.BigEndian.AppendUint32(append(dst, mpMap32), uint32(n))
}
