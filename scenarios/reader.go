package scenarios

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
	"time"

	yaml "go.yaml.in/yaml/v4"

	"github.com/simrun/simrun/internal/suggest"
	"github.com/simrun/simrun/sim"
)

// reader turns YAML nodes into values, and notes everything that is wrong
// instead of stopping at the first. Its methods return false, or a zero value,
// where they noted something.
type reader struct {
	*source
	scope *scope
	dir   string // of the file
}

// fields checks that n is a mapping with no other keys than those given, and
// returns the values by key. path says where we are: "simulators.house".
func (r *reader) fields(n *yaml.Node, path string, keys []string) map[string]*yaml.Node {
	if n.Kind != yaml.MappingNode {
		r.bad(n, "its keys are "+strings.Join(keys, ", "), "%s: must be a mapping, this is %s", path, kindOf(n))
		return nil
	}
	by := make(map[string]*yaml.Node)
	for key, value := range pairsOf(n) {
		if !slices.Contains(keys, key.Value) {
			r.bad(key, instead(key.Value, keys), "%sno key %q here", prefix(path), key.Value)
			continue
		}
		by[key.Value] = value
	}
	return by
}

// instead says what to write in the place of a key that is none of those given.
func instead(key string, keys []string) string {
	if name, value, ok := strings.Cut(key, ":"); ok && slices.Contains(keys, name) {
		return fmt.Sprintf("write \"%s: %s\", with a space after the colon", name, value)
	}
	return suggest.Sentence(key, keys)
}

func prefix(path string) string {
	if path == "" {
		return ""
	}
	return path + ": "
}

// pairsOf iterates over the keys and values of a mapping.
func pairsOf(n *yaml.Node) func(yield func(key, value *yaml.Node) bool) {
	return func(yield func(key, value *yaml.Node) bool) {
		for i := 0; i+1 < len(n.Content); i += 2 {
			if !yield(n.Content[i], n.Content[i+1]) {
				return
			}
		}
	}
}

var nameForm = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_-]*$`)

// named iterates over a section that gives things names: simulators, entities,
// agents.
func (r *reader) named(n *yaml.Node, section string) func(yield func(key, value *yaml.Node) bool) {
	return func(yield func(key, value *yaml.Node) bool) {
		if n == nil || isNull(n) {
			return
		}
		if n.Kind != yaml.MappingNode {
			r.bad(n, `write "name: {...}", one a line`, "%s: must be a mapping of names, this is %s", section, kindOf(n))
			return
		}
		for key, value := range pairsOf(n) {
			if !nameForm.MatchString(key.Value) {
				r.bad(key, "use letters, digits, _ and -, and begin with a letter", "%s: %q cannot be a name", section, key.Value)
				continue
			}
			if !yield(key, value) {
				return
			}
		}
	}
}

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" }

// value returns what a node holds, in the types of sim.Params, expressions
// computed.
func (r *reader) value(n *yaml.Node, sc *scope) (any, bool) {
	switch n.Kind {
	case yaml.SequenceNode:
		list, ok := make([]any, len(n.Content)), true
		for i, item := range n.Content {
			var itemOK bool
			list[i], itemOK = r.value(item, sc)
			ok = ok && itemOK
		}
		return list, ok
	case yaml.MappingNode:
		m, ok := make(map[string]any), true
		for key, value := range pairsOf(n) {
			v, valueOK := r.value(value, sc)
			m[key.Value] = v
			ok = ok && valueOK
		}
		return m, ok
	}
	return r.scalar(n, sc)
}

// leadingZero matches numbers that some read as octal.
var leadingZero = regexp.MustCompile(`^[+-]?0[0-9_]`)

func (r *reader) scalar(n *yaml.Node, sc *scope) (any, bool) {
	switch n.ShortTag() {
	case "!!null":
		return nil, true
	case "!!str", "!!timestamp":
		v, err := sc.fill(n.Value)
		var e *exprError
		if errors.As(err, &e) {
			r.badIn(n, e.offset, e.do, "expression: %s", e.what)
		}
		return v, err == nil
	case "!!bool":
		var b bool
		if err := n.Decode(&b); err == nil {
			return b, true
		}
	case "!!int":
		var i int64
		if leadingZero.MatchString(n.Value) {
			r.bad(n, "leave the zero out, or put it in quotes if it is text", "%s begins with a zero, which some read as octal", n.Value)
			return nil, false
		}
		if err := n.Decode(&i); err == nil {
			return i, true
		}
	case "!!float":
		var f float64
		if err := n.Decode(&f); err == nil && !math.IsNaN(f) && !math.IsInf(f, 0) {
			return f, true
		}
		r.bad(n, "give a number", "%s is not a finite number", n.Value)
		return nil, false
	}
	r.bad(n, "leave the tag out", "cannot read %s with the tag %s", kindOf(n), n.ShortTag())
	return nil, false
}

// want reads a value of a given kind. where is the path of keys, for messages.
func want[T any](r *reader, n *yaml.Node, where, kind string) (T, bool) {
	v, ok := r.value(n, r.scope)
	if !ok {
		var zero T
		return zero, false
	}
	t, ok := v.(T)
	if !ok {
		r.bad(n, "", "%s: must be %s, this is %s", where, kind, describe(v))
	}
	return t, ok
}

// describe names a value for an error message.
func describe(v any) string {
	switch v := v.(type) {
	case nil:
		return "empty"
	case map[string]any:
		return "a mapping"
	case []any:
		return "a list"
	case string:
		return kindOf(&yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: v})
	case int64, float64:
		return fmt.Sprintf("the number %v", v)
	}
	return fmt.Sprint(v)
}

func (r *reader) text(n *yaml.Node, where string) (string, bool) {
	return want[string](r, n, where, "text")
}

func (r *reader) boolean(n *yaml.Node, where string) (bool, bool) {
	return want[bool](r, n, where, "true or false")
}

// count reads a whole number from 0 to most.
func (r *reader) count(n *yaml.Node, where string, most int64) (int64, bool) {
	v, ok := r.value(n, r.scope)
	if !ok {
		return 0, false
	}
	if f, isFloat := v.(float64); isFloat && f == math.Trunc(f) && math.Abs(f) < 1<<53 {
		v = int64(f) // 20/2 is 10.0 in an expression
	}
	i, ok := v.(int64)
	if !ok || i < 0 || i > most {
		r.bad(n, "", "%s: must be a whole number from 0 to %d, this is %s", where, most, describe(v))
		return 0, false
	}
	return i, true
}

func (r *reader) params(n *yaml.Node, where string, sc *scope) (sim.Params, bool) {
	if n == nil || isNull(n) {
		return nil, true
	}
	if n.Kind != yaml.MappingNode {
		r.bad(n, `write "name: value", one a line`, "%s: must be a mapping of names, this is %s", where, kindOf(n))
		return nil, false
	}
	v, ok := r.value(n, sc)
	m, _ := v.(map[string]any)
	return m, ok
}

// duration reads a length of time. Numbers without a unit are refused.
func (r *reader) duration(n *yaml.Node, where string) (time.Duration, bool) {
	v, ok := r.value(n, r.scope)
	if !ok {
		return 0, false
	}
	switch v := v.(type) {
	case string:
		d, err := sim.ParseDuration(v)
		if err != nil {
			r.bad(n, "", "%s: %v", where, err)
			return 0, false
		}
		return d, true
	case int64, float64:
		r.bad(n, fmt.Sprintf("write %vs for seconds", v), "%s: %v has no unit of time", where, v)
		return 0, false
	}
	r.bad(n, "write it like 7d, 1h30m, 900s or 500ms", "%s: must be a length of time, this is %s", where, describe(v))
	return 0, false
}

// positive is duration for what cannot be zero.
func (r *reader) positive(n *yaml.Node, where string) (time.Duration, bool) {
	d, ok := r.duration(n, where)
	if ok && d == 0 {
		r.bad(n, "give a length of time above 0", "%s: must not be 0", where)
		return 0, false
	}
	return d, ok
}

// dateOf reads a date, with or without a time of day. Without, it is midnight UTC.
func dateOf(text string) (time.Time, bool) {
	for _, layout := range []string{time.RFC3339Nano, time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC(), true
		}
	}
	return time.Time{}, false
}
