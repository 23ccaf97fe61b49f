package sim

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/simrun/simrun/internal/unit"
)

// fields is what the struct tags of an entity type declare:
//
//	Rated    float64    `param:"rated" unit:"kW" default:"2" doc:"rated power"`
//	Setpoint sim.Input  `attr:"setpoint,trigger" unit:"degC" doc:"what to aim at"`
//	Power    sim.Output `attr:"power" unit:"kW" doc:"what it takes"`
//
// Options of an input are trigger, quiet (no trigger, where trigger is the
// default), single and required; of an output, event.
type fields struct {
	params []paramField
	attrs  []attrField
}

type paramField struct {
	Param
	required bool
	index    []int
	typ      reflect.Type
}

type attrField struct {
	Attr
	index []int
}

var (
	inputType    = reflect.TypeFor[Input]()
	outputType   = reflect.TypeFor[Output]()
	durationType = reflect.TypeFor[time.Duration]()
)

// fieldsOf reads the tags of struct type t. triggers is what inputs do that do
// not say. A mistake in the tags is the programmer's, so it panics.
func fieldsOf(t reflect.Type, triggers bool) *fields {
	if t.Kind() != reflect.Struct {
		panic(fmt.Sprintf("sim: entity type %v is not a struct", t))
	}
	fs := &fields{}
	for _, f := range reflect.VisibleFields(t) {
		if err := fs.add(f, triggers); err != nil {
			panic(fmt.Sprintf("sim: field %s of entity type %v: %v", f.Name, t, err))
		}
	}
	return fs
}

// add reads the tags of a field.
func (fs *fields) add(f reflect.StructField, triggers bool) error {
	param, isParam := f.Tag.Lookup("param")
	attr, isAttr := f.Tag.Lookup("attr")
	switch {
	case !isParam && !isAttr:
		if f.Type == inputType || f.Type == outputType {
			return fmt.Errorf("a %v needs a tag with its name, like `attr:\"power\"`", f.Type)
		}
		return nil
	case !f.IsExported():
		return errors.New("only fields that begin with a capital letter can be parameters and attributes")
	}
	if u := f.Tag.Get("unit"); u != "" {
		if _, err := unit.Parse(u); err != nil {
			return err
		}
	}
	if isParam {
		return fs.addParam(f, param)
	}
	return fs.addAttr(f, attr, triggers)
}

func (fs *fields) addParam(f reflect.StructField, name string) error {
	def, hasDefault := f.Tag.Lookup("default")
	p := paramField{index: f.Index, typ: f.Type, required: !hasDefault,
		Param: Param{Name: name, Doc: f.Tag.Get("doc"), Unit: f.Tag.Get("unit"), Default: def}}
	switch {
	case name == "":
		return errors.New("the parameter has no name")
	case slices.ContainsFunc(fs.params, func(o paramField) bool { return o.Name == name }):
		return fmt.Errorf("there is a parameter %q already", name)
	case !settable(f.Type):
		return fmt.Errorf("no parameter can be a %v; it must be a float64, int, bool, string, time.Duration or a slice of one of these", f.Type)
	}
	if hasDefault {
		if err := p.set(reflect.New(f.Type).Elem(), def); err != nil {
			return fmt.Errorf("default: %w", err)
		}
	}
	fs.params = append(fs.params, p)
	return nil
}

func (fs *fields) addAttr(f reflect.StructField, tag string, triggers bool) error {
	name, opts, _ := strings.Cut(tag, ",")
	a := attrField{index: f.Index, Attr: Attr{Name: name, Doc: f.Tag.Get("doc"), Unit: f.Tag.Get("unit")}}
	switch {
	case name == "":
		return errors.New("the attribute has no name")
	case slices.ContainsFunc(fs.attrs, func(o attrField) bool { return o.Name == name }):
		return fmt.Errorf("there is an attribute %q already", name)
	case f.Type == inputType:
		a.Input, a.Trigger = true, triggers
	case f.Type == outputType:
		a.Output = true
	default:
		return errors.New("an attribute must be a sim.Input or a sim.Output")
	}
	for opt := range strings.SplitSeq(opts, ",") {
		switch {
		case opt == "":
		case opt == "trigger" && a.Input:
			a.Trigger = true
		case opt == "quiet" && a.Input:
			a.Trigger = false
		case opt == "single" && a.Input:
			a.Single = true
		case opt == "required" && a.Input:
			a.Required = true
		case opt == "event" && a.Output:
			a.Event = true
		default:
			return fmt.Errorf("unknown option %q of %v", opt, f.Type)
		}
	}
	fs.attrs = append(fs.attrs, a)
	return nil
}

// settable reports whether a parameter can be a field of type t: see paramField.set.
func settable(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Float64, reflect.Int, reflect.Bool, reflect.String:
		return true
	case reflect.Slice:
		return settable(t.Elem())
	}
	return t == durationType
}

// model describes the entity type.
func (fs *fields) model(name, doc string) Model {
	m := Model{Name: name, Doc: doc}
	for _, p := range fs.params {
		m.Params = append(m.Params, p.Param)
	}
	for _, a := range fs.attrs {
		m.Attrs = append(m.Attrs, a.Attr)
	}
	return m
}

// fill sets the parameters of a new entity, v being the struct, and returns
// the pointers to its handles.
func (fs *fields) fill(v reflect.Value, params Params) (map[string]*Input, map[string]*Output, error) {
	for _, p := range fs.params {
		given, ok := params[p.Name]
		if !ok && p.required {
			return nil, nil, fmt.Errorf("parameter %q is missing; give %s", p.Name, p.describe())
		}
		if !ok {
			given = p.Default
		}
		if err := p.set(v.FieldByIndex(p.index), given); err != nil {
			return nil, nil, fmt.Errorf("parameter %q (%s): %w", p.Name, p.describe(), err)
		}
	}
	inputs, outputs := make(map[string]*Input), make(map[string]*Output)
	for _, a := range fs.attrs {
		switch h := v.FieldByIndex(a.index).Addr().Interface().(type) {
		case *Input:
			inputs[a.Name] = h
		case *Output:
			outputs[a.Name] = h
		}
	}
	return inputs, outputs, nil
}

// describe says what the parameter is: "a number in kW, rated power".
func (p *paramField) describe() string {
	d := "text"
	switch {
	case p.typ == durationType:
		d = "a duration"
	case p.typ.Kind() == reflect.Float64:
		d = "a number"
	case p.typ.Kind() == reflect.Int:
		d = "a whole number"
	case p.typ.Kind() == reflect.Bool:
		d = "true or false"
	case p.typ.Kind() == reflect.Slice:
		d = "a list"
	}
	if p.Unit != "" && p.Unit != "1" {
		d += " in " + p.Unit
	}
	if p.Doc != "" {
		d += ", " + p.Doc
	}
	return d
}

// set converts a parameter as a scenario gives it to the field's type.
func (p *paramField) set(field reflect.Value, given any) error {
	if field.Type() == durationType {
		switch g := given.(type) {
		case time.Duration:
			field.SetInt(int64(g))
			return nil
		case string:
			d, err := ParseDuration(g)
			field.SetInt(int64(d))
			return err
		case int, int64, float64:
			return fmt.Errorf("%v has no unit of time; write %vs for seconds", given, given)
		}
		return fmt.Errorf("%v is not a duration; write it like 15m or 1h30m", given)
	}
	switch field.Kind() {
	case reflect.Float64:
		f, err := p.number(given)
		field.SetFloat(f)
		return err
	case reflect.Int:
		f, err := p.number(given)
		if err == nil && (f != math.Trunc(f) || math.Abs(f) > 1<<53) {
			return fmt.Errorf("%v is not a whole number", given)
		}
		field.SetInt(int64(f))
		return err
	case reflect.Bool:
		switch g := given.(type) {
		case bool:
			field.SetBool(g)
			return nil
		case string:
			b, err := strconv.ParseBool(g)
			if err != nil {
				return fmt.Errorf("%q is neither true nor false", g)
			}
			field.SetBool(b)
			return nil
		}
		return fmt.Errorf("%v is neither true nor false", given)
	case reflect.String:
		g, ok := given.(string)
		if !ok {
			return fmt.Errorf("%v is not text; put it in quotes", given)
		}
		field.SetString(g)
		return nil
	case reflect.Slice:
		return p.setList(field, given)
	}
	panic(fmt.Sprintf("sim: parameter %q: no parameter can be a %v", p.Name, field.Type()))
}

func (p *paramField) setList(field reflect.Value, given any) error {
	var items []any
	switch g := given.(type) {
	case []any:
		items = g
	case string: // a default: "1, 2"
		for s := range strings.SplitSeq(g, ",") {
			if s = strings.TrimSpace(s); s != "" {
				items = append(items, s)
			}
		}
	default:
		v := reflect.ValueOf(given)
		if !v.IsValid() || v.Kind() != reflect.Slice {
			return fmt.Errorf("%v is not a list", given)
		}
		for i := range v.Len() {
			items = append(items, v.Index(i).Interface())
		}
	}
	list := reflect.MakeSlice(field.Type(), len(items), len(items))
	for i, item := range items {
		if err := p.set(list.Index(i), item); err != nil {
			return fmt.Errorf("item %d: %w", i+1, err)
		}
	}
	field.Set(list)
	return nil
}

// number reads a number of whatever Go type, or a quantity.
func (p *paramField) number(given any) (float64, error) {
	if text, ok := given.(string); ok {
		return p.quantity(text)
	}
	switch v := reflect.ValueOf(given); {
	case v.IsValid() && v.Type() == durationType:
		return 0, fmt.Errorf("%v is a length of time, not a number", given)
	case v.CanInt():
		return float64(v.Int()), nil
	case v.CanUint():
		return float64(v.Uint()), nil
	case v.CanFloat():
		return finite(v.Float())
	}
	return 0, fmt.Errorf("%v is not a number", ValueOf(given)) // as in JSON: null
}

// quantity reads a number in a text, perhaps with a unit that converts to the
// parameter's.
func (p *paramField) quantity(text string) (float64, error) {
	if f, err := strconv.ParseFloat(text, 64); err == nil {
		return finite(f)
	}
	f, from, err := unit.ParseQuantity(text)
	if err != nil {
		return 0, err
	}
	if p.Unit == "" {
		return 0, fmt.Errorf("%q has a unit, the parameter has none; give the number alone", text)
	}
	to, err := unit.Parse(p.Unit)
	if err != nil {
		return 0, err
	}
	conv, err := unit.Convert(from, to)
	if err != nil {
		return 0, err
	}
	return finite(conv.Apply(f))
}

func finite(f float64) (float64, error) {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return 0, fmt.Errorf("%v is not a finite number", f)
	}
	return f, nil
}

// ParseDuration reads a duration of virtual time as scenario files write it:
// "7d", "1h30m", "900s", "500ms". It is Go's notation, with d for days of 24
// hours in front. It must not be negative, nor longer than 292 years.
func ParseDuration(s string) (time.Duration, error) {
	bad := func() (time.Duration, error) {
		return 0, fmt.Errorf("%q is not a duration; write it like 7d, 1h30m, 900s or 500ms", s)
	}
	tooLong := func() (time.Duration, error) {
		return 0, fmt.Errorf("%q is more than 292 years, the longest duration; give a shorter one", s)
	}
	rest := strings.TrimSpace(s)
	var days time.Duration
	if i := strings.IndexByte(rest, 'd'); i > 0 {
		n, err := strconv.ParseInt(rest[:i], 10, 64)
		switch {
		case errors.Is(err, strconv.ErrRange) && n > 0, n > int64(math.MaxInt64/(24*time.Hour)):
			return tooLong()
		case err != nil || n < 0:
			return bad()
		}
		days, rest = time.Duration(n)*24*time.Hour, rest[i+1:]
		if rest == "" {
			return days, nil
		}
	}
	d, err := time.ParseDuration(rest)
	switch {
	case err != nil && written(rest):
		return tooLong()
	case err != nil || d < 0:
		return bad()
	case days+d < days:
		return tooLong()
	}
	return days + d, nil
}

// written reports whether s is written like a duration of Go without a sign, whatever
// its numbers are.
func written(s string) bool {
	zeros := strings.Map(func(r rune) rune {
		if '0' <= r && r <= '9' {
			return '0'
		}
		return r
	}, s)
	_, err := time.ParseDuration("00" + zeros) // alone, 0 needs no unit
	return err == nil
}

// checkParams reports the names in params that are not among the known.
func checkParams(params Params, known []Param) error {
	for _, name := range sortedKeys(params) {
		if !slices.ContainsFunc(known, func(p Param) bool { return p.Name == name }) {
			names := make([]string, len(known))
			for i, p := range known {
				names[i] = p.Name
			}
			return fmt.Errorf("no parameter %q; %s", name, didYouMean(name, names))
		}
	}
	return nil
}
