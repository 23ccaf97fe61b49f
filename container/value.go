package container

import (
	"fmt"
	"math/big"
	"reflect"
	"unicode/utf8"

	"github.com/simrun/simrun/codec"
)

// copyOf returns what arrives of a value that is sent.
func copyOf(v any) (any, error) {
	switch v := v.(type) {
	case nil, bool, int64, float64:
		return v, nil
	case int:
		return int64(v), nil
	case string:
		if utf8.ValidString(v) {
			return v, nil
		}
	}
	encoded, err := codec.JSON.Append(nil, v)
	if err != nil {
		return nil, err
	}
	return codec.JSON.Decode(encoded)
}

// As gives the result of a call a type. It takes the two results of [Agent.Call],
// or those of a [Reply]:
//
//	price, err := container.As[float64](a.Call(ctx, "seller", "offer", 3))
//
// R may be any type that a parameter of an exposed method may have.
func As[R any](value any, err error) (R, error) {
	var r R
	if err != nil {
		return r, err
	}
	t := reflect.TypeFor[R]()
	if !convertible(t) {
		return r, fmt.Errorf("a %v cannot be the result of a call; no message can carry it", t)
	}
	v, err := convert(value, t)
	if err != nil {
		return r, fmt.Errorf("the result: %w", err)
	}
	reflect.ValueOf(&r).Elem().Set(v)
	return r, nil
}

// convertible reports whether convert knows the type.
func convertible(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Bool, reflect.String, reflect.Float32, reflect.Float64,
		reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return true
	case reflect.Interface:
		return t.NumMethod() == 0
	case reflect.Slice:
		return convertible(t.Elem())
	case reflect.Map:
		return t.Key().Kind() == reflect.String && convertible(t.Elem())
	}
	return false
}

// convert gives a value in the terms of package codec another type. Integers
// become floats, but floats do not become integers; null becomes an empty slice,
// map, or any.
func convert(v any, t reflect.Type) (reflect.Value, error) {
	r := reflect.New(t).Elem()
	mismatch := func() (reflect.Value, error) {
		return r, fmt.Errorf("%s is not a %v", describe(v), t)
	}
	switch t.Kind() {
	case reflect.Interface:
		if v != nil {
			r.Set(reflect.ValueOf(v))
		}
		return r, nil
	case reflect.Bool:
		b, ok := v.(bool)
		if !ok {
			return mismatch()
		}
		r.SetBool(b)
	case reflect.String:
		s, ok := v.(string)
		if !ok {
			return mismatch()
		}
		r.SetString(s)
	case reflect.Float32, reflect.Float64:
		switch n := v.(type) {
		case float64:
			r.SetFloat(n)
		case int64:
			r.SetFloat(float64(n))
		case *big.Int:
			f, _ := new(big.Float).SetInt(n).Float64()
			r.SetFloat(f)
		default:
			return mismatch()
		}
	case reflect.Slice:
		return convertSlice(v, t)
	case reflect.Map:
		return convertMap(v, t)
	default:
		return convertInteger(v, t)
	}
	return r, nil
}

func convertInteger(v any, t reflect.Type) (reflect.Value, error) {
	r := reflect.New(t).Elem()
	n, ok := new(big.Int), true
	switch v := v.(type) {
	case int64:
		n.SetInt64(v)
	case *big.Int:
		n = v
	default:
		return r, fmt.Errorf("%s is not a %v", describe(v), t)
	}
	if r.CanInt() {
		if ok = n.IsInt64() && !r.OverflowInt(n.Int64()); ok {
			r.SetInt(n.Int64())
		}
	} else if ok = n.IsUint64() && !r.OverflowUint(n.Uint64()); ok {
		r.SetUint(n.Uint64())
	}
	if !ok {
		return r, fmt.Errorf("%v is out of the range of %v", n, t)
	}
	return r, nil
}

func convertSlice(v any, t reflect.Type) (reflect.Value, error) {
	items, ok := v.([]any)
	if !ok && v != nil {
		return reflect.Value{}, fmt.Errorf("%s is not a %v", describe(v), t)
	}
	r := reflect.MakeSlice(t, len(items), len(items))
	for i, item := range items {
		e, err := convert(item, t.Elem())
		if err != nil {
			return r, fmt.Errorf("item %d: %w", i+1, err)
		}
		r.Index(i).Set(e)
	}
	return r, nil
}

func convertMap(v any, t reflect.Type) (reflect.Value, error) {
	members, ok := v.(codec.Object)
	if !ok && v != nil {
		return reflect.Value{}, fmt.Errorf("%s is not a %v", describe(v), t)
	}
	r := reflect.MakeMapWithSize(t, len(members))
	for _, m := range members {
		e, err := convert(m.Value, t.Elem())
		if err != nil {
			return r, fmt.Errorf("member %q: %w", m.Key, err)
		}
		r.SetMapIndex(reflect.ValueOf(m.Key).Convert(t.Key()), e)
	}
	return r, nil
}

// describe shows a value in an error: in JSON, not too long.
func describe(v any) string {
	const most = 60
	b, err := codec.JSON.Append(nil, v)
	if err != nil {
		return fmt.Sprintf("a %T", v)
	}
	if len(b) > most {
		return string(b[:most]) + "..."
	}
	return string(b)
}
