package scenarios

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/simrun/simrun/internal/pattern"
	"github.com/simrun/simrun/internal/suggest"
	"github.com/simrun/simrun/sim"
)

// kept is an output in the results. Its mean is kept apart from its values.
type kept struct {
	entity *sim.Entity
	attr   string
	mean   bool
}

// record makes the recordings. An output that several of them mean is the last
// one's.
func (a *assembly) record() {
	refs := make([][]sim.Ref, len(a.s.recordings))
	broken := make([]bool, len(refs))
	last := make(map[kept]int)
	for i, r := range a.s.recordings {
		before := len(a.problems)
		for _, v := range r.values {
			refs[i] = append(refs[i], a.refs(v, r.means)...)
		}
		broken[i] = len(a.problems) > before
		for _, ref := range refs[i] {
			last[kept{ref.Entity, ref.Attr, r.means}] = i
		}
	}
	for i, r := range a.s.recordings {
		own := make([]sim.Ref, 0, len(refs[i]))
		for _, ref := range refs[i] {
			if k := (kept{ref.Entity, ref.Attr, r.means}); last[k] == i {
				own = append(own, ref)
				last[k] = -1 // once
			}
		}
		if broken[i] || len(own) == 0 && len(refs[i]) > 0 {
			continue
		}
		record := a.world.Record
		if r.means {
			record = a.world.RecordMeans
		}
		if err := record(a.sink(), r.every, own...); err != nil {
			a.bad(r.at, "", "%v", err)
		}
	}
}

// refs lists what a pattern means, as far as it is known, and reports one that means
// nothing.
func (a *assembly) refs(v *recorded, means bool) []sim.Ref {
	if v.in == nil {
		return a.matching(v, means)
	}
	e, m := *v.in, a.members[v.in.group]
	if e.attr == "" && !e.indexed { // the whole group
		e.all, e.indexed = true, m.size != 1
	}
	ok := a.fits(&e, m.size, "record")
	var attrs []string
	if e.attr == "" || strings.Contains(e.attr, "*") {
		attrs = a.outputs(v, m, means)
	} else if a.hasOutput(&e, m, "record") {
		attrs = []string{e.attr}
	}
	if !ok || !m.known {
		return nil
	}
	var refs []sim.Ref
	for i := range e.size(m.size) {
		for _, attr := range attrs {
			refs = append(refs, sim.Ref{Entity: m.entities[e.first+i], Attr: attr, Name: e.entityName(e.first + i)})
		}
	}
	return refs
}

// recordable lists the outputs that a pattern may mean: those that have a mean if
// means are taken. Where inputs cannot be told from outputs, attributes to which something is
// connected are left out: many programs fail when they are asked for an input.
func (a *assembly) recordable(m *members, means bool) []string {
	fed := make(map[string]bool)
	if m.foreign {
		for _, c := range a.s.connections {
			if a.members[c.to.group].model == m.model {
				fed[c.to.attr] = true
			}
		}
		for _, c := range a.s.connections {
			if a.members[c.from.group].model == m.model {
				delete(fed, c.from.attr)
			}
		}
	}
	return attrsOf(m.model, func(attr sim.Attr) bool {
		return attr.Output && !(means && attr.Event) && !(attr.Input && fed[attr.Name])
	})
}

// outputs lists the attributes of a group that a pattern means, and reports if there are
// none.
func (a *assembly) outputs(v *recorded, m *members, means bool) []string {
	if m.model == nil {
		return nil
	}
	all := a.recordable(m, means)
	if v.in.attr == "" && len(all) > 0 {
		return all
	}
	var attrs []string
	for _, attr := range all {
		if pattern.Match(v.in.attr, attr) {
			attrs = append(attrs, attr)
		}
	}
	if len(attrs) == 0 {
		what := "output"
		if means {
			what = "output that has a mean over time"
		}
		if v.in.attr != "" {
			what += fmt.Sprintf(" like %q", v.in.attr)
		}
		a.badIn(v.node, v.in.attrAt, suggest.Sentence("", all), "record: %s has no %s", v.in.group.name, what)
	}
	return attrs
}

// matching lists what a pattern means in any group.
func (a *assembly) matching(v *recorded, means bool) []sim.Ref {
	p := pattern.New(v.text)
	var refs []sim.Ref
	var others []string
	found := p.Empty()
	for _, g := range a.s.groups {
		m := a.members[g]
		if m.model == nil || !m.known {
			found = found || p.MayMean(g.name)
			continue
		}
		attrs := a.recordable(m, means)
		for _, attr := range attrs {
			if m.size == 1 {
				others = append(others, g.name+"."+attr)
			} else {
				others = append(others, g.name+"[*]."+attr)
			}
		}
		if !p.MayMean(g.name) {
			continue
		}
		for i := range max(1, m.size) { // in a group of none that may be some
			names := namesOf(g, m, i)
			for _, attr := range attrs {
				at := slices.IndexFunc(names, func(name string) bool { return p.Matches(name, attr) })
				if at < 0 {
					continue
				}
				if found = true; i < m.size {
					refs = append(refs, sim.Ref{Entity: m.entities[i], Attr: attr, Name: names[at]})
				}
			}
		}
	}
	if !found {
		what := "nothing"
		if means {
			what = "nothing that has a mean over time"
		}
		a.badIn(v.node, v.at, suggest.Sentence(v.text, others), "record: %s is like %q", what, v.text)
	}
	return refs
}

// namesOf lists what entity i of a group may be called; that of a group of one has a name
// without and one with its index.
func namesOf(g *group, m *members, i int) []string {
	indexed := fmt.Sprintf("%s[%d]", g.name, i)
	if m.size == 1 {
		return []string{g.name, indexed}
	}
	return []string{indexed}
}

// checkRecorded warns of a run without results, unless the file says that there
// are to be none: an empty list.
func (a *assembly) checkRecorded() {
	if a.s.recordGiven || len(a.problems) > 0 {
		return
	}
	do := `add the line 'record: ["*"]' to record everything`
	if len(a.s.External()) > 0 { // which may not be asked for everything
		do = `add a section record`
		if i := slices.IndexFunc(a.s.connections, func(c *connection) bool { return c.from.attr != "" }); i >= 0 {
			do += fmt.Sprintf(`, such as 'record: [%q]'`, a.s.connections[i].from.text)
		}
	}
	p := a.problemAt(0, 0, do+`, or the line 'record: []' if nothing is to be`, "nothing is recorded")
	p.Warning = true
	a.warnings = append(a.warnings, p)
}

// asked adds to the error of a program that was asked for data the patterns that may have asked
// for what it does not have.
func (s *Scenario) asked(err error) error {
	se, ok := errors.AsType[*sim.SimulatorError](err)
	if !ok || s.simulatorNamed[se.Sim] == nil || s.simulatorNamed[se.Sim].external == nil || !strings.HasPrefix(se.Err.Error(), "get_data: ") {
		return err
	}
	for _, r := range s.recordings {
		for _, v := range r.values {
			if s.asksMuch(v, se.Sim) {
				p := s.source.problem(v.node, "name those that it has", "record: %q asks %s for all attributes like that", v.text, se.Sim)
				err = fmt.Errorf("%w\n%w", err, p)
			}
		}
	}
	return err
}

// asksMuch reports whether a pattern does not name the attributes of a simulator's
// entities.
func (s *Scenario) asksMuch(v *recorded, simulator string) bool {
	if v.in != nil {
		return v.in.group.sim.name == simulator && (v.in.attr == "" || strings.Contains(v.in.attr, "*"))
	}
	p := pattern.New(v.text)
	return slices.ContainsFunc(s.groups, func(g *group) bool { return g.sim.name == simulator && p.MayMean(g.name) })
}
