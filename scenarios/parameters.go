package scenarios

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	yaml "go.yaml.in/yaml/v4"

	"github.com/simrun/simrun/internal/diag"
	"github.com/simrun/simrun/internal/suggest"
	"github.com/simrun/simrun/sim"
)

const maxParameters = 1000 // at the top level

// reserved are the names that expressions know without parameters.
var reserved = []string{"i", "n", "start", "seed"}

var identifier = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// override is one --set.
type override struct {
	flag string // as it was given, for messages
	path []string
	node *yaml.Node
	used bool
}

// overrides reads the --set flags, "a.b=3".
func (r *reader) overrides(set []string) []*override {
	var list []*override
	for _, text := range set {
		flag := "--set " + text
		bad := func(what, do string) {
			r.problems = append(r.problems, diag.Problem{File: flag, What: what, Do: do})
		}
		path, value, found := strings.Cut(text, "=")
		if !found || path == "" {
			bad("a parameter is set by name=value", "write it like --set houses=3")
			continue
		}
		var doc yaml.Node
		node := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str"}
		if strings.TrimSpace(value) != "" {
			if err := yaml.Load([]byte(value), &doc); err == nil {
				node = doc.Content[0]
			} else {
				node.Value = value // text that happens not to be YAML
			}
		}
		if node.Kind != yaml.ScalarNode {
			bad("a parameter can be set to a number, true, false or text only", "put it in quotes if it is text")
			continue
		}
		list = append(list, &override{flag: flag, path: strings.Split(path, "."), node: node})
	}
	return list
}

// parameters reads the section, applying what was set, and defines the
// parameters in the scope. One may use those above it.
func (r *reader) parameters(n *yaml.Node, overrides []*override) sim.Params {
	params := sim.Params{}
	if n != nil && !isNull(n) {
		if n.Kind != yaml.MappingNode {
			r.bad(n, `write "name: value", one a line`, "parameters: must be a mapping of names, this is %s", kindOf(n))
			return params
		}
		if len(n.Content)/2 > maxParameters {
			r.bad(n, "put data into files", "parameters: more than %d", maxParameters)
			return params
		}
		for key, value := range pairsOf(n) {
			name := key.Value
			switch {
			case slices.Contains(reserved, name):
				r.bad(key, "choose another name", "parameters: %q has a meaning of its own in expressions", name)
				continue
			case !identifier.MatchString(name):
				r.bad(key, "use letters, digits and _, and begin with a letter", "parameters: %q cannot be used in expressions", name)
				continue
			}
			before := len(r.problems)
			params[name] = r.parameter(value, []string{name}, overrides)
			r.scope.define(name, params[name])
			r.scope.broken[name] = len(r.problems) > before
		}
	}
	for _, o := range overrides {
		if !o.used {
			r.problems = append(r.problems, diag.Problem{File: o.flag, What: "no such parameter", Do: unknownParameter(params, o.path)})
		}
	}
	return params
}

// parameter computes one parameter, or takes it from the overrides: the last
// one given wins.
func (r *reader) parameter(n *yaml.Node, path []string, overrides []*override) any {
	var last *override
	for _, o := range overrides {
		if slices.Equal(o.path, path) {
			o.used = true
			last = o
		}
	}
	if last != nil {
		if n.Kind != yaml.ScalarNode {
			r.problems = append(r.problems, diag.Problem{File: last.flag, What: fmt.Sprintf("the parameter is %s, not a single value", kindOf(n)), Do: "set one of the values in it"})
			return nil
		}
		return r.overridden(n, last)
	}
	if n.Kind == yaml.MappingNode {
		m := make(map[string]any)
		for key, value := range pairsOf(n) {
			m[key.Value] = r.parameter(value, append(slices.Clone(path), key.Value), overrides)
		}
		return m
	}
	v, _ := r.value(n, r.scope)
	return v
}

// overridden computes a parameter that is n in the file.
func (r *reader) overridden(n *yaml.Node, o *override) any {
	at := len(r.problems)
	var v any = ""
	ok := true
	if o.node.Value != "" {
		v, ok = r.scalar(o.node, newScope())
	}
	if tag := n.ShortTag(); ok && (tag == "!!int" || tag == "!!float") && !perhapsNumber(v) {
		r.bad(n, fmt.Sprintf("write it like --set %s=%s", strings.Join(o.path, "."), n.Value), "the parameter is %s in the file, this is %s", kindOf(n), describe(v))
		v = nil
	}
	for i := range r.problems[at:] { // they are of the flag, not of the file
		p := &r.problems[at+i]
		p.File, p.Line, p.Column, p.Source = o.flag, 0, 0, ""
	}
	return v
}

// perhapsNumber reports whether a value may stand for a number: null, and a text that
// begins like one and has a unit perhaps, may.
func perhapsNumber(v any) bool {
	switch v := v.(type) {
	case bool:
		return false
	case string:
		return strings.IndexAny(strings.TrimLeft(v, " +-."), "0123456789") == 0
	}
	return true
}

// unknownParameter says what a path may have meant.
func unknownParameter(params map[string]any, path []string) string {
	var known []string
	var walk func(m map[string]any, at string)
	walk = func(m map[string]any, at string) {
		for name, v := range m {
			if nested, ok := v.(map[string]any); ok {
				walk(nested, at+name+".")
			} else {
				known = append(known, at+name)
			}
		}
	}
	walk(params, "")
	slices.Sort(known)
	return suggest.Sentence(strings.Join(path, "."), known)
}
