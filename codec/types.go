package codec

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"reflect"
	"strings"
)

// typeKey is the key that marks a typed object on the wire.
const typeKey = "__type__"

// A Type says how the values of one Go type travel. Make one with [Date],
// [Struct], [NewType] or [Fallback], and put it into a list with [NewTypes].
type Type struct {
	name   string
	goType reflect.Type // nil in a fallback
	encode func(v any) (data any, ok bool, err error)
	decode func(data any) (any, error)
}

// NewType returns the Type of T. encode returns the data that stand for a value:
// anything the codec takes, values of other types of the list included. decode
// makes a value from decoded data, in which typed objects are already values.
func NewType[T any](encode func(v T) (data any, err error), decode func(data any) (T, error)) Type {
	goType := reflect.TypeFor[T]()
	return Type{
		name:   goType.String(),
		goType: goType,
		encode: func(v any) (any, bool, error) {
			data, err := encode(v.(T))
			return data, true, err
		},
		decode: func(data any) (any, error) { return decode(data) },
	}
}

// Fallback returns a Type for values whose Go type is not known beforehand, such
// as services: whatever has no Type of its own and none of the types listed in
// the package documentation is offered to encode, which returns ok false for what
// it does not take. A list has at most one. name stands for the type in messages.
func Fallback(name string, encode func(v any) (data any, ok bool, err error), decode func(data any) (any, error)) Type {
	return Type{name: name, encode: encode, decode: decode}
}

// Types is an ordered list of types, bound to a codec by WithTypes. A value of
// the n-th type travels as {"__type__": [n, data]}, counted from 0, as in aiomas
// 2.0.1: both sides of a connection must have equal lists.
//
// Encoding looks up the exact Go type: neither the type pointed to nor an
// underlying type counts. Decoding looks at every object, the innermost first;
// one with the key __type__ is a typed object, whatever other keys it has. There
// is no escape, so an object of the user with this key cannot be sent.
//
// A Types is immutable and may be used concurrently. The nil *Types is no list:
// such objects are plain objects then.
type Types struct {
	list     []Type
	index    map[reflect.Type]int
	fallback int // index of the fallback, -1 if there is none
}

// NewTypes returns the list of the given types, in this order. It fails if a type
// occurs twice, or is one that codecs encode by themselves.
func NewTypes(list ...Type) (*Types, error) { return (*Types)(nil).With(list...) }

// With returns a new list: that of t, and then the given types. It fails as
// NewTypes does.
func (t *Types) With(more ...Type) (*Types, error) {
	out := &Types{index: make(map[reflect.Type]int), fallback: -1}
	if t != nil {
		out.list = append(out.list, t.list...)
	}
	out.list = append(out.list, more...)
	for i, typ := range out.list {
		if typ.goType == nil {
			if out.fallback >= 0 {
				return nil, fmt.Errorf("codec: types %d and %d are both fallbacks; a list has at most one", out.fallback, i)
			}
			out.fallback = i
			continue
		}
		if first, twice := out.index[typ.goType]; twice {
			return nil, fmt.Errorf("codec: the type %s is in the list twice, at %d and %d", typ.name, first, i)
		}
		if err := checkRegistrable(typ.goType); err != nil {
			return nil, err
		}
		out.index[typ.goType] = i
	}
	return out, nil
}

// native are the types that every codec encodes before it looks at its list.
var native = map[reflect.Type]bool{
	reflect.TypeFor[bool]():               true,
	reflect.TypeFor[int]():                true,
	reflect.TypeFor[int64]():              true,
	reflect.TypeFor[uint64]():             true,
	reflect.TypeFor[float64]():            true,
	reflect.TypeFor[string]():             true,
	reflect.TypeFor[[]byte]():             true,
	reflect.TypeFor[[]any]():              true,
	reflect.TypeFor[[]string]():           true,
	reflect.TypeFor[[]float64]():          true,
	reflect.TypeFor[map[string]any]():     true,
	reflect.TypeFor[map[string]float64](): true,
	reflect.TypeFor[*big.Int]():           true,
	reflect.TypeFor[Raw]():                true,
	reflect.TypeFor[Object]():             true,
	reflect.TypeFor[Pairs]():              true,
	reflect.TypeFor[Extension]():          true,
}

func checkRegistrable(t reflect.Type) error {
	switch {
	case native[t]:
		return fmt.Errorf("codec: the type %s is encoded by itself; name a type of your own after it", t)
	case t.Implements(reflect.TypeFor[Array]()):
		return fmt.Errorf("codec: the type %s is a codec.Array, which is encoded as an array", t)
	case t.Kind() == reflect.Interface:
		return fmt.Errorf("codec: the type %s is an interface, but values are looked up by their exact type; use a Fallback", t)
	}
	return nil
}

// Len is the number of types: the number that the next type would have.
func (t *Types) Len() int {
	if t == nil {
		return 0
	}
	return len(t.list)
}

// String lists the types with their numbers: "0 time.Time, 1 grid.Offer". Equal
// lists on two Go sides have equal strings.
func (t *Types) String() string {
	if t.Len() == 0 {
		return "none"
	}
	var b strings.Builder
	for i, typ := range t.list {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%d %s", i, typ.name)
	}
	return b.String()
}

// Encode returns the number and the data that stand for v, and whether v has a
// type in the list. It is for the authors of codecs, which call it for a v that
// is none of the types listed in the package documentation, before they look at
// its underlying type. The data still have to be encoded.
func (t *Types) Encode(v any) (number int, data any, ok bool, err error) {
	if t == nil || v == nil {
		return 0, nil, false, nil
	}
	number, ok = t.index[reflect.TypeOf(v)]
	if !ok {
		if number = t.fallback; number < 0 {
			return 0, nil, false, nil
		}
	}
	data, ok, err = t.list[number].encode(v)
	return number, data, ok, err
}

// Resolve replaces the typed objects in v, a decoded value, by values of their
// types, the innermost first. It is for the authors of codecs. It changes lists
// and objects in place. Its error is a *TypeError.
func (t *Types) Resolve(v any) (any, error) {
	if t == nil {
		return v, nil
	}
	switch v := v.(type) {
	case []any:
		for i := range v {
			var err error
			if v[i], err = t.Resolve(v[i]); err != nil {
				return nil, atIndex(err, i)
			}
		}
	case Object:
		for i := range v {
			var err error
			if v[i].Value, err = t.Resolve(v[i].Value); err != nil {
				return nil, atKey(err, v[i].Key)
			}
		}
		if content, ok := v.Get(typeKey); ok {
			return t.decode(content)
		}
	case Pairs:
		for i := range v {
			var err error
			if v[i].Value, err = t.Resolve(v[i].Value); err != nil {
				return nil, atAnyKey(err, v[i].Key)
			}
		}
		if content, ok := v.Get(typeKey); ok {
			return t.decode(content)
		}
	}
	return v, nil
}

// decode makes a value of what stood under the key __type__.
func (t *Types) decode(content any) (any, error) {
	pair, ok := content.([]any)
	if !ok || len(pair) != 2 {
		return nil, &TypeError{Path: "$", Err: errors.New("what stands under __type__ is not a list of a number and the data")}
	}
	number, ok := typeNumber(pair[0])
	if !ok {
		return nil, &TypeError{Path: "$", Err: fmt.Errorf("found %s as the number of a type", describe(pair[0]))}
	}
	if number < 0 || number >= int64(len(t.list)) {
		return nil, &TypeError{Path: "$", Err: fmt.Errorf("there is no type %d; the types are: %s (both sides need equal lists)", number, t)}
	}
	typ := t.list[number]
	v, err := typ.decode(pair[1])
	if err != nil {
		return nil, &TypeError{Path: "$", Type: typ.name, Err: err}
	}
	return v, nil
}

// typeNumber reads the number of a type as Python does, to whom 1, 1.0 and True
// are one key of a dict.
func typeNumber(v any) (int64, bool) {
	switch v := v.(type) {
	case int64:
		return v, true
	case float64:
		return int64(v), v == math.Trunc(v) && math.Abs(v) < 1<<53
	case bool:
		if v {
			return 1, true
		}
		return 0, true
	}
	return 0, false
}

// reservedKey is the error for an object of the user that would be taken for a
// typed object.
func reservedKey(c Codec) error {
	return &EncodeError{c.Name(), "$", `the key "__type__" marks values of registered types and cannot be used by others; rename it`}
}

// noForm says that values of type t cannot be encoded, and what could be meant.
func noForm(format string, t reflect.Type, types *Types) string {
	msg := fmt.Sprintf("the Go type %s has no %s form", t, format)
	if types == nil {
		return msg
	}
	if t.Kind() == reflect.Pointer {
		if _, ok := types.index[t.Elem()]; ok {
			return msg + fmt.Sprintf(" (%s is registered: pass the value, not a pointer)", t.Elem())
		}
	}
	msg += fmt.Sprintf(" and is not registered (registered are: %s)", types)
	if t.Kind() == reflect.Struct {
		msg += "; give its fields as a map or a list"
	}
	return msg
}
