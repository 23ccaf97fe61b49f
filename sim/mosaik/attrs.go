package mosaik

import (
	"fmt"
	"slices"
	"strings"

	"github.com/simrun/simrun/codec"
	"github.com/simrun/simrun/sim"
)

// nameSet is a set of attribute names: those listed or, with others, all names
// but those listed.
type nameSet struct {
	names  []string
	others bool
}

func (s nameSet) has(name string) bool { return slices.Contains(s.names, name) != s.others }
func (s nameSet) empty() bool          { return !s.others && len(s.names) == 0 }

// minus returns the names of s that are not among names.
func (s nameSet) minus(names []string) nameSet {
	if s.others {
		return nameSet{names: append(slices.Clone(s.names), names...), others: true}
	}
	var rest []string
	for _, name := range s.names {
		if !slices.Contains(names, name) {
			rest = append(rest, name)
		}
	}
	return nameSet{names: rest}
}

// attributes reads the attributes of a model. attrs are both inputs (with
// any_inputs, all names are) and outputs. The inputs are divided into trigger and
// non-trigger, the outputs into persistent and non-persistent; what is not said
// about a division follows from the rest or from the type of the simulator.
func attributes(m *sim.Model, o codec.Object, typ sim.Type) error {
	lists := map[string][]string{}
	for _, key := range []string{"attrs", "trigger", "non-trigger", "persistent", "non-persistent"} {
		var err error
		if lists[key], err = names(o, key, "attributes"); err != nil {
			return err
		}
	}
	in := division{typ: typ, steadyName: "non-trigger", eventName: "trigger",
		steady: lists["non-trigger"], events: lists["trigger"]}
	out := division{typ: typ, steadyName: "persistent", eventName: "non-persistent",
		steady: lists["persistent"], events: lists["non-persistent"]}
	attrs := lists["attrs"]
	if attrs == nil && out.unsaid() && (in.unsaid() || m.AnyInputs) {
		// A model that says nothing has no attributes. (mosaik wants an empty
		// list then, which the example of mosaik-api 2 lacks.)
		attrs = []string{}
	}
	if attrs != nil {
		in.all, out.all = &nameSet{names: attrs}, &nameSet{names: attrs}
	}
	if m.AnyInputs {
		in.all = &nameSet{others: true}
	}
	triggers, err := in.divide()
	if err != nil {
		return err
	}
	events, err := out.divide()
	if err != nil {
		return err
	}
	m.AnyInputsTrigger = m.AnyInputs && triggers.others
	for _, key := range []string{"attrs", "trigger", "non-trigger", "persistent", "non-persistent"} {
		for _, name := range lists[key] {
			if m.Attr(name) == nil {
				m.Attrs = append(m.Attrs, sim.Attr{Name: name, Input: in.all.has(name), Output: out.all.has(name),
					Trigger: in.all.has(name) && triggers.has(name), Event: out.all.has(name) && events.has(name)})
			}
		}
	}
	return nil
}

// division divides the inputs or the outputs of a model into those that hold a
// value (steady) and those that receive or send events.
type division struct {
	typ                   sim.Type
	all                   *nameSet // nil if not said: then it is steady and events
	steadyName, eventName string
	steady, events        []string // nil if not said
}

func (d *division) unsaid() bool { return d.steady == nil && d.events == nil }

// divide returns the events.
func (d *division) divide() (nameSet, error) {
	if d.all == nil {
		d.implied()
		if d.steady == nil || d.events == nil {
			return nameSet{}, fmt.Errorf("without attrs, both %s and %s must be listed", d.steadyName, d.eventName)
		}
		d.all = &nameSet{names: slices.Concat(d.steady, d.events)}
	}
	for i, list := range [][]string{d.steady, d.events} {
		key := []string{d.steadyName, d.eventName}[i]
		for _, name := range list {
			if !d.all.has(name) {
				return nameSet{}, fmt.Errorf("%s lists %q, which is not among the attrs", key, name)
			}
		}
	}
	var steady, events nameSet
	switch {
	case d.unsaid() && d.typ == sim.EventBased:
		events = *d.all
	case d.unsaid():
		steady = *d.all
	case d.events == nil:
		steady = nameSet{names: d.steady}
		events = d.all.minus(d.steady)
	case d.steady == nil:
		events = nameSet{names: d.events}
		steady = d.all.minus(d.events)
	default:
		steady, events = nameSet{names: d.steady}, nameSet{names: d.events}
		for _, name := range d.steady {
			if events.has(name) {
				return nameSet{}, fmt.Errorf("%q is listed as %s and as %s; remove it from one", name, d.steadyName, d.eventName)
			}
		}
		if rest := d.all.minus(d.steady).minus(d.events); rest.others {
			return nameSet{}, fmt.Errorf("with any_inputs, list %s or %s, not both: the other one is all the rest", d.steadyName, d.eventName)
		} else if !rest.empty() {
			return nameSet{}, fmt.Errorf("%q is listed neither as %s nor as %s; add it to one, or leave out one of the lists", rest.names[0], d.steadyName, d.eventName)
		}
	}
	if d.typ == sim.TimeBased && !events.empty() {
		return nameSet{}, d.wrongType(events, d.eventName, d.steadyName)
	}
	if d.typ == sim.EventBased && !steady.empty() {
		return nameSet{}, d.wrongType(steady, d.steadyName, d.eventName)
	}
	return events, nil
}

// implied completes the parts where there are no attrs to tell the rest: types
// whose attributes are all alike have none of the other part, and outputs are
// persistent where nothing else is said.
func (d *division) implied() {
	switch {
	case d.unsaid():
	case d.steady == nil && d.typ == sim.EventBased:
		d.steady = []string{}
	case d.events == nil && (d.typ == sim.TimeBased || d.typ == sim.Hybrid && d.eventName == "non-persistent"):
		d.events = []string{}
	}
}

func (d *division) wrongType(set nameSet, is, mustBe string) error {
	what := strings.Join(set.names, ", ")
	if set.others {
		what = "every input"
	}
	return fmt.Errorf("%s: %s, but all attributes of a %v simulator are %s; correct the list, or make the simulator hybrid", what, is, d.typ, mustBe)
}
