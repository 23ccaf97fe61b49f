package mosaik

import (
	"errors"
	"fmt"
	"slices"

	"github.com/simrun/simrun/codec"
	"github.com/simrun/simrun/sim"
)

// parseMeta reads what a program answers to init. expected is the version that
// it is known to speak, or nil.
func parseMeta(reply codec.Raw, expected version) (sim.Meta, version, error) {
	if k := codec.JSON.Kind(reply); k != codec.Map {
		return sim.Meta{}, nil, fmt.Errorf("it answered init with %v instead of an object, its meta data: %s", k, excerpt(reply))
	}
	v, err := reportedVersion(reply)
	if err != nil {
		return sim.Meta{}, nil, err
	}
	switch {
	case v == nil && expected != nil:
		v = expected
	case v == nil:
		v = version{1} // as mosaik does
	case expected != nil && !expected.covers(v):
		return sim.Meta{}, nil, fmt.Errorf("it speaks API version %v, but is expected to speak %v; correct the expected version, or use another program", v, expected)
	}
	if err := v.supported(); err != nil {
		return sim.Meta{}, nil, fmt.Errorf("%w; use a release of the program that speaks one of them", err)
	}
	decoded, err := codec.JSON.Decode(reply)
	if err != nil {
		return sim.Meta{}, nil, fmt.Errorf("meta data: %w", err)
	}
	m, err := metaOf(decoded.(codec.Object), v)
	if err != nil {
		return sim.Meta{}, nil, fmt.Errorf("meta data: %w", err)
	}
	m.API = v.String()
	return m, v, nil
}

// reportedVersion returns the api_version, nil if there is none. It is a text,
// but some programs give a number, of which the digits count.
func reportedVersion(reply codec.Raw) (version, error) {
	members, err := codec.JSON.SplitMap(nil, reply)
	if err != nil {
		return nil, fmt.Errorf("meta data: %w", err)
	}
	var raw codec.Raw
	for _, m := range members {
		if string(m.Key) == "api_version" {
			raw = m.Value
		}
	}
	if raw == nil {
		return nil, nil
	}
	text := string(raw)
	if codec.JSON.Kind(raw) == codec.String {
		if text, err = codec.JSON.String(raw); err != nil {
			return nil, fmt.Errorf("meta data: %w", err)
		}
	}
	v, err := parseVersion(text)
	if err != nil {
		return nil, fmt.Errorf("meta data: %w", err)
	}
	return v, nil
}

var types = map[string]sim.Type{"time-based": sim.TimeBased, "event-based": sim.EventBased, "hybrid": sim.Hybrid}

func metaOf(o codec.Object, v version) (sim.Meta, error) {
	var m sim.Meta
	typ, given := o.Get("type")
	if name, isText := typ.(string); isText {
		t, known := types[name]
		if !known {
			return m, fmt.Errorf("the type %q is not one of time-based, event-based and hybrid", name)
		}
		m.Type = t
	} else if given || v.hasType() {
		return m, errors.New("there must be a type: time-based, event-based or hybrid")
	}
	var errs []error
	extra, err := names(o, "extra_methods", "the meta data")
	if err != nil {
		errs = append(errs, err)
	}
	for _, name := range extra {
		if slices.Contains(apiMethods, name) {
			errs = append(errs, fmt.Errorf("the extra method %q has the name of a method of the API; rename it", name))
		}
	}
	m.ExtraMethods = extra
	models, _ := o.Get("models")
	object, isObject := models.(codec.Object)
	if !isObject {
		return m, errors.Join(append(errs, errors.New("there must be models, an object with a description for each name"))...)
	}
	for _, member := range object {
		model, err := modelOf(member.Key, member.Value, m.Type)
		if err != nil {
			errs = append(errs, err)
		}
		m.Models = append(m.Models, model)
	}
	return m, errors.Join(errs...)
}

// apiMethods are the methods of the API, which nothing else may be called.
var apiMethods = []string{"init", "create", "setup_done", "step", "get_data", "finalize", "stop"}

func modelOf(name string, description any, typ sim.Type) (sim.Model, error) {
	m := sim.Model{Name: name}
	who := fmt.Sprintf("model %q", name)
	if slices.Contains(apiMethods, name) {
		return m, fmt.Errorf("%s has the name of a method of the API; rename it", who)
	}
	o, isObject := description.(codec.Object)
	if !isObject {
		return m, fmt.Errorf("%s must be described by an object", who)
	}
	public, err := flag(o, "public", true, who)
	if err != nil {
		return m, err
	}
	m.Hidden = !public
	if m.AnyInputs, err = flag(o, "any_inputs", false, who); err != nil {
		return m, err
	}
	params, err := names(o, "params", who)
	if err != nil {
		return m, err
	}
	for _, p := range params {
		m.Params = append(m.Params, sim.Param{Name: p})
	}
	if err := attributes(&m, o, typ); err != nil {
		return m, fmt.Errorf("%s: %w", who, err)
	}
	return m, nil
}

func flag(o codec.Object, key string, absent bool, who string) (bool, error) {
	v, given := o.Get(key)
	if !given {
		return absent, nil
	}
	b, isBool := v.(bool)
	if !isBool {
		return absent, fmt.Errorf("%s: %s must be true or false", who, key)
	}
	return b, nil
}

// names returns the list of names at key, without repetitions; nil if there is
// none, which is not the same as an empty one.
func names(o codec.Object, key, who string) ([]string, error) {
	v, given := o.Get(key)
	if !given || v == nil {
		return nil, nil
	}
	list, isList := v.([]any)
	if !isList {
		return nil, fmt.Errorf("%s: %s must be a list of names", who, key)
	}
	out := []string{}
	for _, item := range list {
		name, isText := item.(string)
		if !isText {
			return nil, fmt.Errorf("%s: %s must be a list of names, but has the item %v", who, key, item)
		}
		if !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out, nil
}
