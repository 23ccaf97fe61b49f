package mosaik

import (
	"slices"

	"github.com/simrun/simrun/codec"
	"github.com/simrun/simrun/sim"
)

// servedAPI is the version of the API that a served simulator speaks if it is not told.
const servedAPI = "3.0"

// servedType is the type by which mosaik lets a simulator have its attributes:
// the inputs of a time-based one must not trigger nor its outputs be events, all
// those of an event-based one must. Others are hybrid.
func servedType(m *sim.Meta) sim.Type {
	for i := range m.Models {
		model := &m.Models[i]
		events := m.Type == sim.EventBased
		fits := !model.AnyInputs || model.AnyInputsTrigger == events
		for _, a := range model.Attrs {
			fits = fits && (!a.Input || a.Trigger == events) && (!a.Output || a.Event == events)
		}
		if !fits {
			return sim.Hybrid
		}
	}
	return m.Type
}

// servedMeta is the reply to init. From version 3 on it has no "attrs": these would be
// inputs as well as outputs, which Go models tell apart.
func servedMeta(m *sim.Meta, typ sim.Type, v version) codec.Object {
	models := codec.Object{}
	for i := range m.Models {
		model := &m.Models[i]
		params := []string{}
		for _, p := range model.Params {
			params = append(params, p.Name)
		}
		o := codec.Object{{Key: "public", Value: !model.Hidden}, {Key: "params", Value: params}}
		if !v.hasType() {
			attrs := attrsWhere(model, func(*sim.Attr) bool { return true })
			models = append(models, codec.Member{Key: model.Name, Value: append(o, codec.Member{Key: "any_inputs", Value: model.AnyInputs}, codec.Member{Key: "attrs", Value: attrs})})
			continue
		}
		trigger := attrsWhere(model, func(a *sim.Attr) bool { return a.Input && a.Trigger })
		quiet := attrsWhere(model, func(a *sim.Attr) bool { return a.Input && !a.Trigger })
		if model.AnyInputs {
			o = append(o, codec.Member{Key: "any_inputs", Value: true})
		}
		// With any_inputs, what is not among one of these is among the other.
		if !model.AnyInputsTrigger {
			o = append(o, codec.Member{Key: "trigger", Value: trigger})
		}
		if !model.AnyInputs || model.AnyInputsTrigger {
			o = append(o, codec.Member{Key: "non-trigger", Value: quiet})
		}
		models = append(models, codec.Member{Key: model.Name, Value: append(o,
			codec.Member{Key: "persistent", Value: attrsWhere(model, func(a *sim.Attr) bool { return a.Output && !a.Event })},
			codec.Member{Key: "non-persistent", Value: attrsWhere(model, func(a *sim.Attr) bool { return a.Output && a.Event })})})
	}
	reply := codec.Object{{Key: "api_version", Value: v.String()}}
	if v.hasType() {
		reply = append(reply, codec.Member{Key: "type", Value: typ.String()})
	}
	return append(reply, codec.Member{Key: "models", Value: models},
		codec.Member{Key: "extra_methods", Value: slices.Concat([]string{}, m.ExtraMethods)})
}

func attrsWhere(m *sim.Model, is func(*sim.Attr) bool) []string {
	names := []string{}
	for i := range m.Attrs {
		if is(&m.Attrs[i]) {
			names = append(names, m.Attrs[i].Name)
		}
	}
	return names
}

// servedEntities is the reply to create.
func servedEntities(made []*sim.Entity) []any {
	list := make([]any, len(made))
	for i, e := range made {
		o := codec.Object{{Key: "eid", Value: e.ID()}, {Key: "type", Value: e.Model().Name}}
		if rel := e.Related(); len(rel) > 0 {
			o = append(o, codec.Member{Key: "rel", Value: rel})
		}
		if children := e.Children(); len(children) > 0 {
			o = append(o, codec.Member{Key: "children", Value: servedEntities(children)})
		}
		if extra := e.Extra(); extra != nil {
			o = append(o, codec.Member{Key: "extra_info", Value: extra})
		}
		list[i] = o
	}
	return list
}
