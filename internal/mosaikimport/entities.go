package mosaikimport

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"strconv"
	"strings"
)

// group is a number of entities that can be one group of the file: what a batch
// creates, or the children of one model of all entities of another group.
type group struct {
	name     string
	of       string // SIMULATOR.MODEL, or the name of the group that it is selected from
	size     int
	params   string // YAML; "" without
	selects  string // model of the children that it selects; or ""
	selected []*group
	inFile   bool // selections are only if somebody is connected to them
}

// place is where an entity is in the file.
type place struct {
	group *group
	index int
}

// batch are creations that make one group: those of one line of the script, in a
// loop, between which the simulator creates nothing else.
type batch []creation

// entities makes the groups of what the script creates.
func (t *translator) entities() {
	var batches []*batch
	last := make(map[string]*batch) // by simulator
	for _, c := range t.Creations {
		if len(c.Entities) == 0 {
			continue
		}
		if b := last[c.Simulator]; b != nil && b.takes(c) {
			*b = append(*b, c)
			continue
		}
		b := &batch{c}
		batches = append(batches, b)
		last[c.Simulator] = b
	}
	used := make(names)
	for _, b := range batches {
		switch joined := len(*b) > 1 && b.alike(); {
		case joined && t.Apart:
			for _, c := range *b {
				t.group(batch{c}, used)
			}
			continue
		case joined:
			t.joined = true
		}
		t.group(*b, used)
	}
}

// alike reports whether all creations have the same parameters: then a scenario
// file makes one call of them.
func (b batch) alike() bool {
	for _, c := range b[1:] {
		if !maps.EqualFunc(c.Params, b[0].Params, func(v, w json.RawMessage) bool { return bytes.Equal(v, w) }) {
			return false
		}
	}
	return true
}

// takes reports whether a creation is one more of the same.
func (b batch) takes(c creation) bool {
	first := b[0]
	if first.Place != c.Place || first.Model != c.Model || len(first.Entities) != 1 || len(c.Entities) != 1 || len(first.Params) != len(c.Params) {
		return false
	}
	for name := range first.Params {
		if _, ok := c.Params[name]; !ok {
			return false
		}
	}
	return true
}

func (t *translator) group(b batch, used names) {
	first := b[0]
	name := strings.ToLower(first.Model)
	if first.Variable != "" && !first.OfChildren {
		name = first.Variable
	}
	g := &group{name: used.add(name), of: t.simulators[first.Simulator] + "." + first.Model, inFile: true}
	t.groups = append(t.groups, g)
	var parts []string
	for _, key := range sortedKeys(first.Params) {
		parts = append(parts, literal(key)+": "+t.param(g, b, key))
	}
	if len(parts) > 0 {
		g.params = "{" + strings.Join(parts, ", ") + "}"
	}
	for _, c := range b {
		t.add(g, c.Entities)
	}
	g.nameSelections(first, used)
}

// add puts entities into a group, and their children into selections from it.
func (t *translator) add(g *group, entities []entity) {
	for _, e := range entities {
		t.places[e.Handle] = place{g, g.size}
		g.size++
		for _, child := range e.Children {
			t.add(g.selection(child.Type), []entity{child})
		}
	}
}

// selection returns the group of the children of a model.
func (g *group) selection(model string) *group {
	for _, s := range g.selected {
		if s.selects == model {
			return s
		}
	}
	s := &group{selects: model}
	g.selected = append(g.selected, s)
	return s
}

// nameSelections names the selections after their group, or after the variable
// of the script that holds the children.
func (g *group) nameSelections(made creation, used names) {
	for _, s := range g.selected {
		name := g.name + "_" + strings.ToLower(s.selects)
		if made.OfChildren && made.Variable != "" {
			name = made.Variable
			if len(g.selected) > 1 {
				name += "_" + strings.ToLower(s.selects)
			}
		}
		s.of, s.name = g.name, used.add(name)
		s.nameSelections(creation{}, used)
	}
}

// use sees to it that a group is in the file, and those that it is selected from.
func (t *translator) use(g *group) {
	if g.inFile {
		return
	}
	g.inFile = true
	for _, other := range t.allGroups() {
		if g.selects != "" && other.name == g.of {
			t.use(other)
		}
	}
}

// allGroups lists groups, each before the selections from it.
func (t *translator) allGroups() []*group {
	var all []*group
	var walk func(groups []*group)
	walk = func(groups []*group) {
		for _, g := range groups {
			all = append(all, g)
			walk(g.selected)
		}
	}
	walk(t.groups)
	return all
}

// param writes a parameter of a group: one value for all, or one for each.
func (t *translator) param(g *group, b batch, key string) string {
	values := make([]json.RawMessage, len(b))
	same := true
	for i, c := range b {
		values[i] = c.Params[key]
		same = same && string(values[i]) == string(values[0])
	}
	if same {
		return flow(values[0])
	}
	if first, step, ok := progression(values); ok {
		return `"${` + linear(first, step) + `}"`
	}
	name := strings.ReplaceAll(g.name+"_"+key, "-", "_")
	taken := make(names)
	for _, p := range t.parameters {
		taken[p.name] = true
	}
	name = strings.ReplaceAll(taken.unique("", name), "-", "_")
	list := make([]string, len(values))
	for i, v := range values {
		list[i] = flow(v)
	}
	t.parameters = append(t.parameters, parameter{name, "[" + strings.Join(list, ", ") + "]"})
	return fmt.Sprintf(`"${%s[i]}"`, name)
}

// progression reports whether values are integers with equal steps.
func progression(values []json.RawMessage) (first, step int64, ok bool) {
	numbers := make([]int64, len(values))
	for i, v := range values {
		n, err := strconv.ParseInt(string(v), 10, 32) // sums stay far from the limit
		if err != nil {
			return 0, 0, false
		}
		numbers[i] = n
	}
	first, step = numbers[0], numbers[1]-numbers[0]
	for i, n := range numbers {
		if n != first+int64(i)*step {
			return 0, 0, false
		}
	}
	return first, step, true
}

// linear writes first + step * i.
func linear(first, step int64) string {
	term := "i"
	if n := max(step, -step); n != 1 {
		term = fmt.Sprintf("%d * i", n)
	}
	switch {
	case step < 0:
		return fmt.Sprintf("%d - %s", first, term)
	case first != 0:
		return fmt.Sprintf("%d + %s", first, term)
	}
	return term
}
