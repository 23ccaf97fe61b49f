package mosaik

import (
	"fmt"

	"github.com/simrun/simrun/codec"
	"github.com/simrun/simrun/rpc"
	"github.com/simrun/simrun/sim"
)

// outputs are the outputs of a program that anybody reads, by entity.
type outputs struct {
	request  *rpc.Request // get_data for all of them; nil if there are none
	entities []outputEntity
	byID     map[string]int
	attrs    int    // number of attributes
	round    uint64 // counts replies
}

type outputEntity struct {
	id     string
	attrs  []outputAttr
	byName map[string]int
}

type outputAttr struct {
	name   string
	output sim.Output
	event  bool
	round  uint64 // of the last reply that had it
	warned bool
}

func (s *Simulator) wireOutputs(wired []sim.WiredOutput) outputs {
	out := outputs{byID: map[string]int{}, attrs: len(wired)}
	for _, w := range wired {
		i, known := out.byID[w.Entity]
		if !known {
			i = len(out.entities)
			out.byID[w.Entity] = i
			out.entities = append(out.entities, outputEntity{id: w.Entity, byName: map[string]int{}})
		}
		e := &out.entities[i]
		e.byName[w.Attr] = len(e.attrs)
		a := outputAttr{name: w.Attr, output: w.Output}
		if m := s.models[w.Entity]; m != nil && m.Attr(w.Attr) != nil {
			a.event = m.Attr(w.Attr).Event
		}
		e.attrs = append(e.attrs, a)
	}
	if len(wired) > 0 {
		wanted := make(codec.Object, len(out.entities))
		for i := range out.entities {
			e := &out.entities[i]
			attrs := make([]string, len(e.attrs))
			for j := range e.attrs {
				attrs[j] = e.attrs[j].name
			}
			wanted[i] = codec.Member{Key: e.id, Value: attrs}
		}
		text, err := codec.JSON.Append(nil, wanted)
		if err != nil {
			panic("mosaik: names that came as JSON cannot be encoded: " + err.Error())
		}
		out.request = &rpc.Request{Path: "get_data", Args: []any{codec.Raw(text)}}
	}
	return out
}

// take puts the reply to get_data into the outputs.
func (s *Simulator) take(reply codec.Raw, step *sim.Step) error {
	o := &s.outputs
	o.round++
	var (
		nextEntity, nextAttr int // what comes if the program keeps to our order
		current              int
		found                int
	)
	err := eachValue(reply, func(eid, attr []byte, v codec.Raw) error {
		switch {
		case current < len(o.entities) && o.entities[current].id == string(eid):
		case nextEntity < len(o.entities) && o.entities[nextEntity].id == string(eid):
			current, nextAttr = nextEntity, 0
			nextEntity++
		default:
			i, known := o.byID[string(eid)]
			if !known {
				s.unasked(string(eid), string(attr))
				return nil
			}
			current, nextAttr, nextEntity = i, 0, i+1
		}
		e := &o.entities[current]
		i := nextAttr
		if i >= len(e.attrs) || e.attrs[i].name != string(attr) {
			var known bool
			if i, known = e.byName[string(attr)]; !known {
				s.unasked(e.id, string(attr))
				return nil
			}
		}
		nextAttr = i + 1
		a := &e.attrs[i]
		a.output.SetValue(sim.RawValue(v))
		if a.round != o.round {
			a.round = o.round
			found++
		}
		return nil
	}, func(raw codec.Raw) error {
		t, err := s.time(raw)
		if err != nil {
			return fmt.Errorf("the output time %w", err)
		}
		return step.SetOutputTime(t)
	})
	if err != nil || found == o.attrs {
		return err
	}
	s.fillIn()
	return nil
}

// fillIn makes the persistent attributes that the last reply lacks null, and
// triggers nobody, as mosaik does. An event that is not there has not happened.
func (s *Simulator) fillIn() {
	for i := range s.outputs.entities {
		e := &s.outputs.entities[i]
		for j := range e.attrs {
			a := &e.attrs[j]
			if a.event || a.round == s.outputs.round {
				continue
			}
			a.output.Omit()
			if !a.warned {
				a.warned = true
				s.warn("gives no value for %s of %s, which is persistent; its readers get null", a.name, e.id)
			}
		}
	}
}

// unasked deals with data that were not asked for: they are dropped, as mosaik does. Many programs
// return all they have, which is harmless; what they have not even declared may be a mistake. Of each
// kind the first is told.
func (s *Simulator) unasked(eid, attr string) {
	m := s.models[eid]
	switch warned := &s.warnedUnasked; {
	case m == nil && !warned.entity:
		warned.entity = true
		s.warn("gives data for an entity %q that it has not created (attribute %q); they are dropped", eid, attr)
	case m != nil && m.Attr(attr) == nil && !warned.undeclared:
		warned.undeclared = true
		s.warn("gives data for %q of %s, which its model %s does not have; they are dropped", attr, eid, m.Name)
	case m != nil && m.Attr(attr) != nil && !warned.declared:
		warned.declared = true
		s.warn("gives data that nobody asked for, such as %s of %s; they are dropped", attr, eid)
	}
}

func (s *Simulator) warn(format string, args ...any) {
	text := fmt.Sprintf("simulator %q ", s.env.ID) + fmt.Sprintf(format, args...)
	s.cfg.Logger.Warn(text)
	s.cfg.Warn(text)
}

// eachValue goes through {eid: {attr: value}}. The key "time" on the outer level
// is the output time; nil ignores it.
func eachValue(reply codec.Raw, value func(eid, attr []byte, v codec.Raw) error, time func(codec.Raw) error) error {
	if k := codec.JSON.Kind(reply); k != codec.Map {
		return fmt.Errorf("it answered get_data with %v instead of an object of entities: %s", k, excerpt(reply))
	}
	for entity, err := range codec.JSON.Members(reply) {
		if err != nil {
			return err
		}
		kind := codec.JSON.Kind(entity.Value)
		if string(entity.Key) == "time" && kind != codec.Map {
			if time != nil {
				if err := time(entity.Value); err != nil {
					return err
				}
			}
			continue
		}
		if kind != codec.Map {
			return fmt.Errorf("its data for entity %q are %v instead of an object of attributes: %s", entity.Key, kind, excerpt(entity.Value))
		}
		for attr, err := range codec.JSON.Members(entity.Value) {
			if err != nil {
				return err
			}
			if err := value(entity.Key, attr.Key, attr.Value); err != nil {
				return err
			}
		}
	}
	return nil
}
