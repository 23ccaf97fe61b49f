package scenarios

import (
	"fmt"
	"slices"

	"github.com/simrun/simrun/sim"
)

// spare takes for connected what a connection with a problem may have been
// meant to connect, so that nothing is said to be unconnected because of it: the
// input that it names, in all entities of the group, or all inputs if it names
// none that there is. The two ends may have been swapped.
func (a *assembly) spare(c *connection) {
	for _, e := range []*endpoint{c.from, c.to} {
		m := a.members[e.group]
		if !m.known {
			continue
		}
		inputs := attrsOf(m.model, isInput)
		if slices.Contains(inputs, e.attr) {
			inputs = []string{e.attr}
		} else if e == c.from {
			continue
		}
		for _, entity := range m.entities {
			for _, attr := range inputs {
				a.used[input{entity, attr}] = true
			}
		}
	}
}

// checkUnconnected reports required inputs that nothing leads to, and warns of
// others, where inputs can be told from outputs. An input that adds up any number
// of sources may well have none, as long as the entity has others.
func (a *assembly) checkUnconnected() {
	if a.s.connectBroken {
		return // whatever is missing may stand in a line that could not be read
	}
	seen := make(map[*sim.Entity]bool)
	for _, g := range a.s.groups {
		m := a.members[g]
		if !m.known || m.foreign {
			continue
		}
		missing := make(map[string]int)
		inputs := attrsOf(m.model, isInput)
		for _, e := range m.entities {
			if seen[e] {
				continue
			}
			seen[e] = true
			any := slices.ContainsFunc(inputs, func(attr string) bool { return a.used[input{e, attr}] })
			for _, name := range inputs {
				attr := m.model.Attr(name)
				if !a.used[input{e, name}] && (!any || attr.Single || attr.Required) {
					missing[name]++
				}
			}
		}
		for _, attr := range inputs {
			if missing[attr] > 0 {
				a.unconnected(g, m, attr, missing[attr])
			}
		}
	}
}

// unconnected reports an input of some entities of a group.
func (a *assembly) unconnected(g *group, m *members, attr string, missing int) {
	what := fmt.Sprintf("%s: nothing is connected to the input %q", g.name, attr)
	to := g.name
	if m.size > 1 {
		to += "[*]"
		if missing == m.size {
			what += fmt.Sprintf(" of its %d entities", missing)
		} else {
			what += fmt.Sprintf(" of %d of its %d entities", missing, m.size)
		}
	}
	if !m.model.Attr(attr).Required {
		a.warnings = append(a.warnings, a.warning(g.at, "", "%s", what))
		return
	}
	a.bad(g.at, fmt.Sprintf("%s cannot do without: add a connection like \"source.attribute -> %s.%s\"", m.model.Name, to, attr), "%s", what)
}

// inFileTerms gives entities the names that the file has for them, in a text
// that has those of the world: roof[3] for pv.PV-3.
func (a *assembly) inFileTerms(text string) string {
	for _, g := range a.s.groups {
		m := a.members[g]
		if m == nil || !m.known {
			continue
		}
		for i, e := range m.entities {
			name := g.name
			if m.size > 1 {
				name = fmt.Sprintf("%s[%d]", g.name, i)
			}
			text = replaceName(text, e.FullID(), name)
		}
	}
	return text
}
