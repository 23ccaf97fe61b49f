package codec

import (
	"fmt"
	"maps"
	"math/big"
	"reflect"
	"slices"
	"strconv"
)

// append appends v, which lies inside depth arrays and objects. The types
// of hot messages are handled here; appendOther takes the rest.
func (c JSONCodec) append(dst []byte, v any, depth int) ([]byte, error) {
	if depth > MaxDepth {
		return dst, &EncodeError{"json", "$", fmt.Sprintf("nested deeper than %d levels (does it contain itself?)", MaxDepth)}
	}
	switch v := v.(type) {
	case nil:
		return append(dst, "null"...), nil
	case bool:
		return strconv.AppendBool(dst, v), nil
	case int:
		return strconv.AppendInt(dst, int64(v), 10), nil
	case int64:
		return strconv.AppendInt(dst, v, 10), nil
	case uint64:
		return strconv.AppendUint(dst, v, 10), nil
	case float64:
		return appendJSONFloat(dst, v), nil
	case string:
		return JSON.AppendString(dst, v)
	case Raw:
		if len(v) == 0 {
			return dst, &EncodeError{"json", "$", "an empty codec.Raw is no value"}
		}
		return append(dst, v...), nil
	case *big.Int:
		if v == nil {
			return dst, &EncodeError{"json", "$", "the *big.Int is nil"}
		}
		return v.Append(dst, 10), nil
	case Object:
		return c.appendObject(dst, v, depth)
	case []any:
		return appendJSONList(dst, v, func(dst []byte, v any) ([]byte, error) { return c.append(dst, v, depth+1) })
	case []string:
		return appendJSONList(dst, v, JSON.AppendString)
	case []float64:
		return appendJSONList(dst, v, func(dst []byte, f float64) ([]byte, error) { return appendJSONFloat(dst, f), nil })
	case map[string]any:
		return appendJSONMap(c, dst, v, func(dst []byte, v any) ([]byte, error) { return c.append(dst, v, depth+1) })
	case map[string]float64:
		return appendJSONMap(c, dst, v, func(dst []byte, f float64) ([]byte, error) { return appendJSONFloat(dst, f), nil })
	case Pairs:
		return dst, &EncodeError{"json", "$", "keys must be strings, and those of codec.Pairs need not be; send a codec.Object"}
	case *Call:
		return c.appendCall(dst, v)
	case Array:
		return c.appendArray(dst, v)
	}
	return c.appendOther(dst, v, depth)
}

func appendJSONList[T any](dst []byte, list []T, item func([]byte, T) ([]byte, error)) ([]byte, error) {
	dst = append(dst, '[')
	for i, v := range list {
		if i > 0 {
			dst = append(dst, ", "...)
		}
		var err error
		if dst, err = item(dst, v); err != nil {
			return dst, atIndex(err, i)
		}
	}
	return append(dst, ']'), nil
}

func (c JSONCodec) appendArray(dst []byte, a Array) ([]byte, error) {
	dst = append(dst, '[')
	for i := range a.Len() {
		if i > 0 {
			dst = append(dst, ", "...)
		}
		var err error
		if dst, err = a.AppendElement(dst, c, i); err != nil {
			return dst, atIndex(err, i)
		}
	}
	return append(dst, ']'), nil
}

func (c JSONCodec) appendObject(dst []byte, o Object, depth int) ([]byte, error) {
	dst = append(dst, '{')
	for i := range o {
		var err error
		if dst, err = c.appendKey(dst, o[i].Key, i == 0); err != nil {
			return dst, err
		}
		if dst, err = c.append(dst, o[i].Value, depth+1); err != nil {
			return dst, atKey(err, o[i].Key)
		}
	}
	return append(dst, '}'), nil
}

func appendJSONMap[T any](c JSONCodec, dst []byte, m map[string]T, item func([]byte, T) ([]byte, error)) ([]byte, error) {
	dst = append(dst, '{')
	for i, key := range slices.Sorted(maps.Keys(m)) {
		var err error
		if dst, err = c.appendKey(dst, key, i == 0); err != nil {
			return dst, err
		}
		if dst, err = item(dst, m[key]); err != nil {
			return dst, atKey(err, key)
		}
	}
	return append(dst, '}'), nil
}

func (c JSONCodec) appendKey(dst []byte, key string, first bool) ([]byte, error) {
	if !first {
		dst = append(dst, ", "...)
	}
	if c.types != nil && key == typeKey {
		return dst, reservedKey(c)
	}
	dst, err := JSON.AppendString(dst, key)
	if err != nil {
		return dst, err
	}
	return append(dst, ": "...), nil
}

// appendOther appends a value of a registered type, or of no type known here.
func (c JSONCodec) appendOther(dst []byte, v any, depth int) ([]byte, error) {
	number, data, ok, err := c.types.Encode(v)
	if err != nil {
		return dst, &EncodeError{"json", "$", fmt.Sprintf("the Go type %T: %v", v, err)}
	}
	if !ok {
		return c.appendReflected(dst, reflect.ValueOf(v), depth)
	}
	dst = append(dst, `{"__type__": [`...)
	dst = strconv.AppendInt(dst, int64(number), 10)
	dst = append(dst, ", "...)
	if dst, err = c.append(dst, data, depth+2); err != nil {
		return dst, err
	}
	return append(dst, "]}"...), nil
}

// appendReflected handles named types, the less common numbers, and slices and
// maps of any of the types that are supported.
func (c JSONCodec) appendReflected(dst []byte, v reflect.Value, depth int) ([]byte, error) {
	switch v.Kind() {
	case reflect.Bool:
		return strconv.AppendBool(dst, v.Bool()), nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return strconv.AppendInt(dst, v.Int(), 10), nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return strconv.AppendUint(dst, v.Uint(), 10), nil
	case reflect.Float32, reflect.Float64:
		// A float32 is written with the digits of its exact value, as the peer
		// reads a float64.
		return appendJSONFloat(dst, v.Float()), nil
	case reflect.String:
		return JSON.AppendString(dst, v.String())
	case reflect.Slice, reflect.Array:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return dst, &EncodeError{"json", "$", fmt.Sprintf("JSON has no bytes (Go type %s)", v.Type())}
		}
		dst = append(dst, '[')
		for i := range v.Len() {
			if i > 0 {
				dst = append(dst, ", "...)
			}
			var err error
			if dst, err = c.append(dst, v.Index(i).Interface(), depth+1); err != nil {
				return dst, atIndex(err, i)
			}
		}
		return append(dst, ']'), nil
	case reflect.Map:
		if v.Type().Key().Kind() != reflect.String {
			return dst, &EncodeError{"json", "$", fmt.Sprintf("keys must be strings (Go type %s)", v.Type())}
		}
		m := make(map[string]any, v.Len())
		for it := v.MapRange(); it.Next(); {
			m[it.Key().String()] = it.Value().Interface()
		}
		return c.append(dst, m, depth)
	}
	return dst, &EncodeError{"json", "$", noForm("JSON", v.Type(), c.types)}
}
