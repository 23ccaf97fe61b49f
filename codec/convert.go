package codec

import (
	"fmt"
	"math"
	"math/big"
	"reflect"
	"strconv"
)

// Convert returns a decoded value as a T. Beyond what has the type already:
//
//   - an integer becomes any integer type it fits into, any float type, or a *big.Int;
//   - a float becomes any float type; not an integer, even if it is whole;
//   - booleans, strings and bytes become types of the same kind;
//   - a list becomes a slice, or an array of the same length; an object or [Pairs]
//     becomes a map. Their items are converted;
//   - null becomes a nil pointer, slice, map or interface; anything else becomes
//     a pointer to the converted value.
//
// Its error is a *ConvertError.
func Convert[T any](v any) (T, error) {
	var out T
	err := convert(reflect.ValueOf(&out).Elem(), v)
	return out, err
}

// ConvertTo is Convert for a type that is known at run time only.
func ConvertTo(v any, t reflect.Type) (reflect.Value, error) {
	out := reflect.New(t).Elem()
	err := convert(out, v)
	return out, err
}

// convert sets dst to v.
func convert(dst reflect.Value, v any) error {
	t := dst.Type()
	if v == nil {
		switch t.Kind() {
		case reflect.Pointer, reflect.Slice, reflect.Map, reflect.Interface:
			dst.SetZero()
			return nil
		}
		return mismatch(v, t)
	}
	if src := reflect.ValueOf(v); src.Type().AssignableTo(t) {
		dst.Set(src)
		return nil
	}
	switch t.Kind() {
	case reflect.Bool:
		if b, ok := v.(bool); ok {
			dst.SetBool(b)
			return nil
		}
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		switch n := v.(type) {
		case int64:
			if dst.OverflowInt(n) {
				return outOfRange(strconv.FormatInt(n, 10), t)
			}
			dst.SetInt(n)
			return nil
		case *big.Int:
			return outOfRange(n.String(), t)
		}
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		switch n := v.(type) {
		case int64:
			if n < 0 || dst.OverflowUint(uint64(n)) {
				return outOfRange(strconv.FormatInt(n, 10), t)
			}
			dst.SetUint(uint64(n))
			return nil
		case *big.Int:
			if !n.IsUint64() || dst.OverflowUint(n.Uint64()) {
				return outOfRange(n.String(), t)
			}
			dst.SetUint(n.Uint64())
			return nil
		}
	case reflect.Float32, reflect.Float64:
		var f float64
		switch n := v.(type) {
		case float64:
			f = n
		case int64:
			f = float64(n)
		case *big.Int:
			f, _ = new(big.Float).SetInt(n).Float64()
			if math.IsInf(f, 0) {
				return outOfRange(excerpt([]byte(n.String())), t)
			}
		default:
			return mismatch(v, t)
		}
		if dst.OverflowFloat(f) {
			return outOfRange(strconv.FormatFloat(f, 'g', -1, 64), t)
		}
		dst.SetFloat(f)
		return nil
	case reflect.String:
		if s, ok := v.(string); ok {
			dst.SetString(s)
			return nil
		}
	case reflect.Slice, reflect.Array:
		switch list := v.(type) {
		case []any:
			return convertList(dst, list)
		case []byte:
			if t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8 {
				dst.SetBytes(list)
				return nil
			}
		}
	case reflect.Map:
		switch m := v.(type) {
		case Object:
			return convertMap(dst, len(m), func(i int) (any, any) { return m[i].Key, m[i].Value })
		case Pairs:
			return convertMap(dst, len(m), func(i int) (any, any) { return m[i].Key, m[i].Value })
		}
	case reflect.Pointer:
		if n, ok := v.(int64); ok && t == reflect.TypeFor[*big.Int]() {
			dst.Set(reflect.ValueOf(big.NewInt(n)))
			return nil
		}
		target := reflect.New(t.Elem())
		if err := convert(target.Elem(), v); err != nil {
			return err
		}
		dst.Set(target)
		return nil
	}
	return mismatch(v, t)
}

func convertList(dst reflect.Value, list []any) error {
	t := dst.Type()
	if t.Kind() == reflect.Slice {
		dst.Set(reflect.MakeSlice(t, len(list), len(list)))
	} else if len(list) != t.Len() {
		return &ConvertError{"$", fmt.Sprintf("found a list of %d instead of %d items (Go type %s)", len(list), t.Len(), t)}
	}
	for i, v := range list {
		if err := convert(dst.Index(i), v); err != nil {
			return atIndex(err, i)
		}
	}
	return nil
}

func convertMap(dst reflect.Value, n int, member func(i int) (key, value any)) error {
	t := dst.Type()
	m := reflect.MakeMapWithSize(t, n)
	for i := range n {
		k, v := member(i)
		key, value := reflect.New(t.Key()).Elem(), reflect.New(t.Elem()).Elem()
		if err := convert(key, k); err != nil {
			return within(err, "[%s] (the key)", keyText(k))
		}
		if !key.Comparable() {
			return within(&ConvertError{"$", "found " + describe(k) + ", which cannot be the key of a Go map"}, "[%s] (the key)", keyText(k))
		}
		if err := convert(value, v); err != nil {
			return atAnyKey(err, k)
		}
		m.SetMapIndex(key, value)
	}
	dst.Set(m)
	return nil
}

func mismatch(v any, t reflect.Type) error {
	return &ConvertError{"$", fmt.Sprintf("found %s instead of the Go type %s", describe(v), t)}
}

func outOfRange(number string, t reflect.Type) error {
	return &ConvertError{"$", fmt.Sprintf("the number %s does not fit into the Go type %s", excerpt([]byte(number)), t)}
}

// describe names what a decoded value is, for error messages.
func describe(v any) string {
	switch v := v.(type) {
	case nil:
		return Null.String()
	case bool:
		return Bool.String()
	case int64, *big.Int:
		return Int.String()
	case float64:
		return Float.String()
	case string:
		return "the string " + strconv.QuoteToASCII(excerpt([]byte(v)))
	case []byte:
		return Bytes.String()
	case []any:
		return List.String()
	case Object, Pairs:
		return Map.String()
	case Extension:
		return Ext.String()
	}
	return fmt.Sprintf("a value of the Go type %T", v)
}
