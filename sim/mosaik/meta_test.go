package mosaik

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/codec"
	"github.com/simrun/simrun/sim"
)

// show gives the attributes of a model in short: i input, o output, T trigger,
// E event.
func show(m *sim.Model) string {
	var parts []string
	if m.AnyInputs {
		parts = append(parts, map[bool]string{false: "*:i", true: "*:iT"}[m.AnyInputsTrigger])
	}
	for _, a := range m.Attrs {
		s := a.Name + ":"
		for _, flag := range []struct {
			set  bool
			mark string
		}{{a.Input, "i"}, {a.Output, "o"}, {a.Trigger, "T"}, {a.Event, "E"}} {
			if flag.set {
				s += flag.mark
			}
		}
		parts = append(parts, s)
	}
	return strings.Join(parts, " ")
}

func TestAttributes(t *testing.T) {
	for _, c := range []struct {
		typ, model string
		want       string
		err        string
	}{
		// Defaults by type.
		{typ: "time-based", model: `{"attrs": ["a", "b"]}`, want: "a:io b:io"},
		{typ: "event-based", model: `{"attrs": ["a", "b"]}`, want: "a:ioTE b:ioTE"},
		{typ: "hybrid", model: `{"attrs": ["a", "b"]}`, want: "a:io b:io"},
		{typ: "time-based", model: `{}`, want: ""},
		{typ: "time-based", model: `{"attrs": ["a", "a"]}`, want: "a:io"},
		// What is not said follows.
		{typ: "hybrid", model: `{"attrs": ["a", "b"], "trigger": ["a"]}`, want: "a:ioT b:io"},
		{typ: "hybrid", model: `{"attrs": ["a", "b"], "non-trigger": ["a"]}`, want: "a:io b:ioT"},
		{typ: "hybrid", model: `{"attrs": ["a", "b"], "non-persistent": ["a"]}`, want: "a:ioE b:io"},
		{typ: "hybrid", model: `{"attrs": ["a", "b"], "persistent": ["a"]}`, want: "a:io b:ioE"},
		{typ: "hybrid", model: `{"attrs": ["a", "b"], "trigger": ["a"], "non-trigger": ["b"]}`, want: "a:ioT b:io"},
		{typ: "hybrid", model: `{"trigger": ["a"], "non-trigger": ["b"], "persistent": ["c"], "non-persistent": ["a"]}`, want: "a:ioTE b:i c:o"},
		{typ: "time-based", model: `{"attrs": ["a"], "trigger": [], "non-trigger": ["a"]}`, want: "a:io"},
		// Without attrs.
		{typ: "time-based", model: `{"non-trigger": ["a"], "persistent": ["b"]}`, want: "a:i b:o"},
		{typ: "event-based", model: `{"trigger": ["a"], "non-persistent": ["b"]}`, want: "a:iT b:oE"},
		{typ: "hybrid", model: `{"trigger": ["a"], "non-trigger": [], "persistent": ["b"]}`, want: "a:iT b:o"},
		{typ: "hybrid", model: `{"any_inputs": true, "persistent": ["b"]}`, want: "*:i b:io"},
		// Any inputs.
		{typ: "time-based", model: `{"any_inputs": true}`, want: "*:i"},
		{typ: "event-based", model: `{"any_inputs": true, "attrs": []}`, want: "*:iT"},
		{typ: "event-based", model: `{"any_inputs": true, "attrs": ["a"]}`, want: "*:iT a:ioTE"},
		{typ: "hybrid", model: `{"any_inputs": true, "attrs": ["o"], "trigger": ["t"]}`, want: "*:i o:io t:iT"},
		{typ: "hybrid", model: `{"any_inputs": true, "attrs": ["o"], "non-trigger": ["n"]}`, want: "*:iT o:ioT n:i"},

		{typ: "time-based", model: `{"attrs": ["a"], "trigger": ["a"]}`, err: `model "M": a: trigger, but all attributes of a time-based simulator are non-trigger; correct the list, or make the simulator hybrid`},
		{typ: "time-based", model: `{"attrs": ["a"], "non-trigger": []}`, err: `a: trigger, but`},
		{typ: "time-based", model: `{"attrs": ["a"], "non-persistent": ["a"]}`, err: `a: non-persistent, but`},
		{typ: "event-based", model: `{"attrs": ["a", "b"], "trigger": ["a"]}`, err: `b: non-trigger, but all attributes of a event-based`},
		{typ: "event-based", model: `{"attrs": ["a"], "persistent": ["a"]}`, err: `a: persistent, but`},
		{typ: "event-based", model: `{"any_inputs": true, "non-trigger": []}`, want: "*:iT"},
		{typ: "event-based", model: `{"any_inputs": true, "trigger": []}`, err: `every input: non-trigger, but`},
		{typ: "hybrid", model: `{"attrs": ["a"], "trigger": ["x"]}`, err: `model "M": trigger lists "x", which is not among the attrs`},
		{typ: "hybrid", model: `{"attrs": ["a"], "trigger": ["a"], "non-trigger": ["a"]}`, err: `"a" is listed as non-trigger and as trigger`},
		{typ: "hybrid", model: `{"attrs": ["a", "b"], "trigger": ["a"], "non-trigger": []}`, err: `"b" is listed neither as non-trigger nor as trigger`},
		{typ: "hybrid", model: `{"any_inputs": true, "trigger": ["a"], "non-trigger": ["b"]}`, err: `with any_inputs, list non-trigger or trigger, not both`},
		{typ: "hybrid", model: `{"trigger": ["a"]}`, err: `without attrs, both non-trigger and trigger must be listed`},
		{typ: "hybrid", model: `{"trigger": ["a"], "non-trigger": []}`, err: `without attrs, both persistent and non-persistent must be listed`},
		{typ: "hybrid", model: `{"attrs": "a"}`, err: `attrs must be a list of names`},
		{typ: "hybrid", model: `{"attrs": [1]}`, err: `attrs must be a list of names, but has the item 1`},
		{typ: "hybrid", model: `[]`, err: `model "M" must be described by an object`},
		{typ: "hybrid", model: `{"public": 1}`, err: `model "M": public must be true or false`},
		{typ: "hybrid", model: `{"params": {}}`, err: `model "M": params must be a list of names`},
	} {
		m, _, err := parseMeta(codec.Raw(`{"api_version": "3.0", "type": "`+c.typ+`", "models": {"M": `+c.model+`}}`), nil)
		if c.err != "" {
			require.ErrorContains(t, err, c.err, c.model)
			continue
		}
		require.NoError(t, err, c.model)
		require.Equal(t, c.want, show(&m.Models[0]), "%s %s", c.typ, c.model)
	}
}

func TestMeta(t *testing.T) {
	m, v, err := parseMeta(codec.Raw(`{"api_version": "3.0.16", "type": "hybrid", "extra_methods": ["add"], "models": {
		"Z": {"public": false}, "A": {"params": ["p", "q"], "attrs": ["x"]}}}`), version{3})
	require.NoError(t, err)
	require.Equal(t, "3.0.16", v.String())
	require.Equal(t, sim.Meta{Type: sim.Hybrid, API: "3.0.16", ExtraMethods: []string{"add"}, Models: []sim.Model{
		{Name: "Z", Hidden: true},
		{Name: "A", Params: []sim.Param{{Name: "p"}, {Name: "q"}}, Attrs: []sim.Attr{{Name: "x", Input: true, Output: true}}},
	}}, m)

	for text, want := range map[string]string{
		`[]`: "it answered init with an array instead of an object",
		`{"api_version": "3.0", "type": "agile", "models": {}}`:                             `the type "agile" is not one of`,
		`{"api_version": "3.0", "models": {}}`:                                              "there must be a type",
		`{"api_version": "2.2", "type": 3, "models": {}}`:                                   "there must be a type",
		`{"api_version": "3.0", "type": "hybrid"}`:                                          "there must be models",
		`{"api_version": "3.0", "type": "hybrid", "models": {"step": {}}}`:                  `model "step" has the name of a method of the API`,
		`{"api_version": "3.0", "type": "hybrid", "models": {}, "extra_methods": ["stop"]}`: `the extra method "stop" has the name`,
		`{"api_version": "3.0", "type": "hybrid", "models": {"A": 1, "B": 2}}`:              `model "B" must be described`,
		`{"api_version": "4.0", "type": "hybrid", "models": {}}`:                            "4.0 is not supported",
		`{"api_version": "0.9", "models": {}}`:                                              "0.9 is not supported",
		`{"api_version": null, "models": {}}`:                                               "is not a version",
		`{"api_version": "3.-1", "models": {}}`:                                             "is not a version",
		`{"api_version": "3.0", "type": "hybrid", "models": {}`:                             "meta data: ",
	} {
		_, _, err := parseMeta(codec.Raw(text), nil)
		require.ErrorContains(t, err, want, text)
	}

	for _, c := range []struct{ reported, expected, got, err string }{
		{`"3.0"`, "3", "3.0", ""},
		{`"3.0.16"`, "3.0", "3.0.16", ""},
		{`"3.0"`, "3.0.16", "", "it speaks API version 3.0, but is expected to speak 3.0.16"},
		{`2.2`, "2.2", "2.2", ""},
		{`3`, "", "3", ""},
		{``, "", "1", ""},
		{``, "2.2", "2.2", ""},
	} {
		text := `{"models": {}, "type": "time-based"`
		if c.reported != "" {
			text += `, "api_version": ` + c.reported
		}
		var expected version
		if c.expected != "" {
			expected, err = parseVersion(c.expected)
			require.NoError(t, err)
		}
		m, _, err := parseMeta(codec.Raw(text+"}"), expected)
		if c.err != "" {
			require.ErrorContains(t, err, c.err)
			continue
		}
		require.NoError(t, err)
		require.Equal(t, c.got, m.API)
	}
}

func TestEntities(t *testing.T) {
	made, err := parseEntities(codec.Raw(`[{"eid": "a", "type": "A", "rel": ["b"], "extra_info": {"y": 1, "x": [2.5]},
		"children": [{"eid": "a/c", "type": "C"}]}, {"eid": "b", "type": "A", "rel": [], "children": null}]`))
	require.NoError(t, err)
	require.Equal(t, []sim.NewEntity{
		{ID: "a", Model: "A", Related: []string{"b"}, Children: []sim.NewEntity{{ID: "a/c", Model: "C"}},
			Extra: codec.Object{{Key: "y", Value: int64(1)}, {Key: "x", Value: []any{2.5}}}},
		{ID: "b", Model: "A", Related: []string{}},
	}, made)
	for text, want := range map[string]string{
		`null`:                      "it answered null instead of a list of entities",
		`[1]`:                       "item 0 is 1 instead of an object",
		`[{"type": "A"}]`:           "entity 0: it has no eid",
		`[{"eid": 1, "type": "A"}]`: "entity 0: its eid is 1 instead of a text",
		`[{"eid": "a"}]`:            "entity 0: it has no type",
		`[{"eid": "a", "type": "A", "rel": "b"}]`:       "rel must be a list of names",
		`[{"eid": "a", "type": "A", "children": [{}]}]`: "entity 0: entity 0: it has no eid",
		`[{"eid": "a", "type": "A", "children": {}}]`:   "entity a: children are",
	} {
		_, err := parseEntities(codec.Raw(text))
		require.ErrorContains(t, err, want, text)
	}
}

// FuzzMeta: whatever a program answers, there is a meta or an error, and the
// meta keeps the rules of its type.
func FuzzMeta(f *testing.F) {
	f.Add(`{"api_version": "3.0", "type": "hybrid", "models": {"M": {"attrs": ["a", "b"], "trigger": ["a"], "any_inputs": true}}}`)
	f.Add(`{"api_version": 2.2, "models": {"M": {"public": false, "trigger": [], "non-trigger": ["a"], "persistent": ["a"], "non-persistent": []}}}`)
	f.Fuzz(func(t *testing.T, text string) {
		m, v, err := parseMeta(codec.Raw(text), nil)
		if err != nil {
			return
		}
		require.NoError(t, v.supported())
		for i := range m.Models {
			for _, a := range m.Models[i].Attrs {
				require.True(t, a.Input || a.Output, a.Name)
				require.False(t, m.Type == sim.TimeBased && (a.Trigger || a.Event), a.Name)
				require.False(t, m.Type == sim.EventBased && (a.Input && !a.Trigger || a.Output && !a.Event), a.Name)
			}
		}
	})
}

// FuzzEntities: whatever a program answers to create, there are entities or an
// error.
func FuzzEntities(f *testing.F) {
	f.Add(`[{"eid": "a", "type": "A", "rel": ["b"], "extra_info": {}, "children": [{"eid": "a/c", "type": "C"}]}]`)
	f.Fuzz(func(t *testing.T, text string) {
		if _, err := parseEntities(codec.Raw(text)); err != nil {
			require.NotEmpty(t, err.Error())
		}
	})
}
