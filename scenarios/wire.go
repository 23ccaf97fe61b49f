package scenarios

import (
	"errors"
	"strings"

	"github.com/simrun/simrun/internal/suggest"
	"github.com/simrun/simrun/scheduler"
	"github.com/simrun/simrun/sim"
	"github.com/simrun/simrun/sim/random"
)

// connect makes the connections of one line, as far as both ends are known.
func (a *assembly) connect(c *connection) {
	from, to := a.members[c.from.group], a.members[c.to.group]
	ok := a.fits(c.from, from.size, "connect")
	ok = a.fits(c.to, to.size, "connect") && ok
	ok = a.hasOutput(c.from, from, "connect") && ok
	ok = a.hasInput(c.to, to) && ok
	options := c.options
	if ok && c.initial != nil {
		options.Initial, ok = a.initial(c, from, to)
	}
	if !ok {
		a.spare(c)
		return
	}
	if c.transform != nil {
		options.Transform = c.transform.function()
	}
	n, m := c.from.size(from.size), c.to.size(to.size)
	if n == unknown || m == unknown {
		_ = a.link(c) // what is wrong is reported
		a.use(c.to, to)
		return
	}
	list, err := pairs(n, m, c.pick, random.New(a.s.Seed, "connect", c.text))
	if err != nil {
		do := `use "pick: round-robin", or give both the same number`
		if c.pick == pickAll {
			do = "connect fewer"
		}
		a.bad(c.at, do, "connect: %s to %s: %v", c.from.text, c.to.text, err)
		a.spare(c)
		return
	}
	if len(list) == 0 {
		return
	}
	if !a.link(c) {
		a.spare(c)
		return
	}
	if !from.known || !to.known {
		a.use(c.to, to)
		return
	}
	before := len(a.world.Warnings())
	for i, pair := range list {
		src, dst := from.entities[c.from.first+pair[0]], to.entities[c.to.first+pair[1]]
		if c.from.attr == "" {
			a.world.ConnectAsync(src, dst)
			continue
		}
		if err := a.world.Connect(src, c.from.attr, dst, c.to.attr, options); err != nil {
			a.bad(c.at, "", "%s", a.inFileTerms(err.Error())) // the same is wrong with the others
			a.spare(c)
			break
		}
		a.used[input{dst, c.to.attr}] = true
		if i == 0 { // the others are like it
			for _, text := range a.world.Warnings()[before:] {
				a.warnings = append(a.warnings, a.warning(c.at, "", "%s", a.inFileTerms(text)))
			}
		}
	}
}

// use takes the inputs for connected, as far as they are known: which of them
// will be is seen only when all simulators run.
func (a *assembly) use(e *endpoint, m *members) {
	if m.known {
		for i := range e.size(m.size) {
			a.used[input{m.entities[e.first+i], e.attr}] = true
		}
	}
}

func attrsOf(m *sim.Model, keep func(sim.Attr) bool) []string {
	var names []string
	for _, attr := range m.Attrs {
		if keep(attr) {
			names = append(names, attr.Name)
		}
	}
	return names
}

func isInput(attr sim.Attr) bool  { return attr.Input }
func isOutput(attr sim.Attr) bool { return attr.Output }

func (a *assembly) hasOutput(e *endpoint, m *members, where string) bool {
	if m.model == nil || e.attr == "" {
		return true
	}
	attr := m.model.Attr(e.attr)
	if attr != nil && attr.Output {
		return true
	}
	do := otherwise(attr, "it is an input", e.attr, attrsOf(m.model, isOutput))
	a.badIn(e.node, e.attrAt, do, "%s: %s has no output %q", where, e.group.name, e.attr)
	return false
}

func (a *assembly) hasInput(e *endpoint, m *members) bool {
	if m.model == nil || m.model.AnyInputs || e.attr == "" {
		return true
	}
	attr := m.model.Attr(e.attr)
	if attr != nil && attr.Input {
		return true
	}
	do := otherwise(attr, "it is an output", e.attr, attrsOf(m.model, isInput))
	a.badIn(e.node, e.attrAt, do, "connect: %s has no input %q", e.group.name, e.attr)
	return false
}

// otherwise says what a name may have meant that is not of the right kind, or
// nothing.
func otherwise(attr *sim.Attr, isWrong, name string, known []string) string {
	switch {
	case attr == nil:
		return suggest.Sentence(name, known)
	case len(known) == 0:
		return isWrong
	}
	return isWrong + "; " + suggest.Sentence("", known)
}

// maxCycles is how many cycles are reported.
const maxCycles = 10

// checkCycles reports cycles of connections without a shift, by the rules of
// the run itself. Simulators that are not started count too.
func (a *assembly) checkCycles() {
	links := a.links
	for range maxCycles {
		coord, lps := scheduler.NewCoordinator(), make(map[string]scheduler.LP)
		for _, sm := range a.s.simulators {
			if _, ok := lps[sm.name]; !ok {
				lps[sm.name] = coord.Add(sm.name)
			}
		}
		for _, l := range links {
			coord.Link(lps[l.from], lps[l.to], l.delay, false)
		}
		var cycle *scheduler.CycleError
		if !errors.As(coord.Start(1), &cycle) {
			return
		}
		links = a.reportCycle(cycle.Path, links)
	}
}

// reportCycle reports a cycle at its last connection in the file, and returns
// the links without those that close it.
func (a *assembly) reportCycle(path []string, links []link) []link {
	on := func(l link) bool {
		for i := range len(path) - 1 {
			if l.from == path[i] && l.to == path[i+1] {
				return true
			}
		}
		return false
	}
	var last link
	for _, l := range links {
		if on(l) {
			last = l
		}
	}
	a.bad(last.by.at, `shift one of them in time, like "`+last.by.text+`: {shift: 15m, initial: 0}"`,
		"connect: the simulators %s wait for each other in a cycle", strings.Join(path, " -> "))
	var rest []link
	for _, l := range links {
		if l.from != last.from || l.to != last.to {
			rest = append(rest, l)
		}
	}
	return rest
}
