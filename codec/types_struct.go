package codec

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// Struct returns the Type of a struct, which travels as an object of its exported
// fields, in their order:
//
//	type Offer struct {
//		Price  float64 `codec:"price"`
//		Amount int     `codec:"amount"`
//		Notes  string  `codec:"-"` // does not travel
//	}
//
// A field without a tag has its Go name. As aiomas calls the constructor with the
// members of the object as keyword arguments, so decoding wants exactly the
// fields, and converts their values as [Convert] does.
//
// Struct panics if T is not a struct, or if two fields have one name.
func Struct[T any]() Type {
	t := reflect.TypeFor[T]()
	if t.Kind() != reflect.Struct {
		panic("codec: Struct of " + t.String() + ", which is not a struct")
	}
	fields := structFields(t)
	return NewType(
		func(v T) (any, error) { return structObject(fields, reflect.ValueOf(v)), nil },
		func(data any) (T, error) {
			var v T
			err := setStruct(fields, reflect.ValueOf(&v).Elem(), data)
			return v, err
		},
	)
}

// A structField is a field that travels.
type structField struct {
	name  string
	index int
}

func structFields(t reflect.Type) []structField {
	var fields []structField
	for i := range t.NumField() {
		f := t.Field(i)
		name, tagged := f.Tag.Lookup("codec")
		if !f.IsExported() || name == "-" {
			continue
		}
		if !tagged {
			name = f.Name
		}
		if slices.ContainsFunc(fields, func(other structField) bool { return other.name == name }) {
			panic(fmt.Sprintf("codec: two fields of %s have the name %q", t, name))
		}
		fields = append(fields, structField{name, i})
	}
	return fields
}

func structObject(fields []structField, v reflect.Value) Object {
	o := make(Object, len(fields))
	for i, f := range fields {
		o[i] = Member{f.name, v.Field(f.index).Interface()}
	}
	return o
}

func setStruct(fields []structField, v reflect.Value, data any) error {
	o, ok := data.(Object)
	if !ok {
		return errors.New("found " + describe(data) + " instead of an object with the fields")
	}
	for _, m := range o {
		if !slices.ContainsFunc(fields, func(f structField) bool { return f.name == m.Key }) {
			return fmt.Errorf("there is no field %q; the fields are %s", m.Key, fieldNames(fields))
		}
	}
	for _, f := range fields {
		value, ok := o.Get(f.name)
		if !ok {
			return fmt.Errorf("the field %q is missing", f.name)
		}
		if err := convert(v.Field(f.index), value); err != nil {
			return atKey(err, f.name)
		}
	}
	return nil
}

func fieldNames(fields []structField) string {
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = strconv.Quote(f.name)
	}
	return strings.Join(names, ", ")
}
