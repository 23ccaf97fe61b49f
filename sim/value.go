package sim

import (
	"fmt"
	"math"
	"math/big"
	"reflect"
	"slices"
	"strconv"

	"github.com/simrun/simrun/codec"
)

// Kind says what a Value holds.
type Kind uint8

// The kinds of values.
const (
	KindNull Kind = iota
	KindBool
	KindInt
	KindFloat
	KindText
	// KindRaw is a value of a foreign simulator in encoded (JSON) form. It is
	// forwarded as it came, digits, number kind and key order included, and
	// decoded only when a Go model reads it.
	KindRaw
	// KindAny is a list, a [codec.Object], or any other Go value that the JSON
	// codec can encode.
	KindAny
)

func (k Kind) String() string {
	return [...]string{"null", "bool", "int", "float", "text", "raw", "any"}[k]
}

// Value is what a connection carries. Numbers and booleans are held without
// allocation; the zero Value is null. Values are immutable: what a simulator
// puts into a Value it must not change afterwards.
type Value struct {
	num  uint64
	kind Kind
	ref  any // string, codec.Raw, or any other Go value, by kind
}

// Null is the value of an input whose source has not given one.
var Null Value

// Float returns a Value that holds f.
func Float(f float64) Value { return Value{kind: KindFloat, num: math.Float64bits(f)} }

// Int returns a Value that holds i.
func Int(i int64) Value { return Value{kind: KindInt, num: uint64(i)} }

// Bool returns a Value that holds b.
func Bool(b bool) Value {
	if b {
		return Value{kind: KindBool, num: 1}
	}
	return Value{kind: KindBool}
}

// Text returns a Value that holds s.
func Text(s string) Value { return Value{kind: KindText, ref: s} }

// RawValue returns a Value that holds one JSON value in encoded form. It must
// be valid; it is neither copied nor checked.
func RawValue(r codec.Raw) Value { return Value{kind: KindRaw, ref: r} }

// ValueOf returns a Value for v: numbers, booleans, strings and nil get their
// own kind, whatever Go type they have, and everything else is KindAny. Of integers, those
// beyond int64 are KindRaw, with all their digits.
func ValueOf(v any) Value {
	switch v := v.(type) {
	case nil:
		return Null
	case Value:
		return v
	case bool:
		return Bool(v)
	case int:
		return Int(int64(v))
	case int64:
		return Int(v)
	case float64:
		return Float(v)
	case string:
		return Text(v)
	case codec.Raw:
		return RawValue(v)
	case *big.Int:
		switch {
		case v == nil:
			return Null
		case v.IsInt64():
			return Int(v.Int64())
		}
		return RawValue(v.Append(nil, 10))
	}
	return valueOfKind(reflect.ValueOf(v))
}

// valueOfKind is ValueOf for the less common types of numbers, and for types that have been given a
// name.
func valueOfKind(v reflect.Value) Value {
	switch v.Kind() {
	case reflect.Bool:
		return Bool(v.Bool())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return Int(v.Int())
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		if v.Uint() > math.MaxInt64 {
			return RawValue(strconv.AppendUint(nil, v.Uint(), 10))
		}
		return Int(int64(v.Uint()))
	case reflect.Float32, reflect.Float64:
		return Float(v.Float())
	case reflect.String:
		return Text(v.String())
	}
	return Value{kind: KindAny, ref: v.Interface()}
}

// detached returns v without the message that it came in, so that keeping it
// does not keep that.
func (v Value) detached() Value {
	if v.kind == KindRaw {
		v.ref = slices.Clone(v.ref.(codec.Raw))
	}
	return v
}

// Kind says what v holds.
func (v Value) Kind() Kind { return v.kind }

// IsNull reports whether v is null, also a null of a foreign simulator.
func (v Value) IsNull() bool {
	if v.kind == KindRaw {
		return string(v.ref.(codec.Raw)) == "null"
	}
	return v.kind == KindNull
}

// Any returns v as a plain Go value: nil, bool, int64, float64, string, or what
// was put in. A raw value is decoded. What was put in as another list or map, such as []int, comes out of
// a program, or of a container in another process, as []any or [codec.Object]; put in
// these if readers are to see the same wherever they live.
func (v Value) Any() (any, error) {
	switch v.kind {
	case KindNull:
		return nil, nil
	case KindBool:
		return v.num != 0, nil
	case KindInt:
		return int64(v.num), nil
	case KindFloat:
		return math.Float64frombits(v.num), nil
	case KindRaw:
		return codec.JSON.Decode(v.ref.(codec.Raw))
	}
	return v.ref, nil
}

// Float64 returns v as a number. Integers and booleans (0, 1) convert;
// everything else is an error that shows the value.
func (v Value) Float64() (f float64, err error) {
	if v.kind == KindFloat { // in this form it is inlined
		f = math.Float64frombits(v.num)
	} else {
		f, err = v.converted()
	}
	return
}

// converted is Float64 of what is no KindFloat.
func (v Value) converted() (float64, error) {
	switch v.kind {
	case KindInt:
		return float64(int64(v.num)), nil
	case KindBool:
		return float64(v.num), nil
	case KindRaw:
		raw := v.ref.(codec.Raw)
		if f, err := codec.JSON.Float(raw); err == nil {
			return f, nil
		}
		switch string(raw) {
		case "true":
			return 1, nil
		case "false":
			return 0, nil
		}
	}
	return 0, fmt.Errorf("%s is not a number", v)
}

// Append appends v in JSON, as foreign simulators and recordings get it. The
// error names the Go type that cannot be encoded.
func (v Value) Append(dst []byte) ([]byte, error) {
	switch v.kind {
	case KindNull:
		return append(dst, "null"...), nil
	case KindBool:
		return strconv.AppendBool(dst, v.num != 0), nil
	case KindInt:
		return strconv.AppendInt(dst, int64(v.num), 10), nil
	case KindFloat:
		return codec.JSON.Append(dst, math.Float64frombits(v.num))
	case KindRaw:
		return append(dst, v.ref.(codec.Raw)...), nil
	}
	return codec.JSON.Append(dst, v.ref)
}

// String gives v in JSON, shortened to a length that fits an error message.
func (v Value) String() string {
	b, err := v.Append(nil)
	if err != nil {
		return fmt.Sprintf("(%T)", v.ref)
	}
	const most = 80
	if len(b) > most {
		return string(b[:most]) + "..."
	}
	return string(b)
}
