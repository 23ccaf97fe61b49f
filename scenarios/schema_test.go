package scenarios_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"
	yaml "go.yaml.in/yaml/v4"

	"github.com/simrun/simrun/scenarios"
)

func compileSchema(t testing.TB) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(scenarios.Schema()))
	require.NoError(t, err)
	c := jsonschema.NewCompiler()
	require.NoError(t, c.AddResource("scenario.schema.json", doc))
	s, err := c.Compile("scenario.schema.json")
	require.NoError(t, err)
	return s
}

// asJSON reads YAML as an editor does for a schema: dates are text.
func asJSON(t testing.TB, text []byte) any {
	t.Helper()
	var doc yaml.Node
	require.NoError(t, yaml.Load(text, &doc))
	var convert func(n *yaml.Node) any
	convert = func(n *yaml.Node) any {
		switch n.Kind {
		case yaml.MappingNode:
			m := map[string]any{}
			for i := 0; i < len(n.Content); i += 2 {
				m[n.Content[i].Value] = convert(n.Content[i+1])
			}
			return m
		case yaml.SequenceNode:
			list := []any{}
			for _, item := range n.Content {
				list = append(list, convert(item))
			}
			return list
		}
		if tag := n.ShortTag(); tag == "!!str" || tag == "!!timestamp" {
			return n.Value
		}
		var v any
		require.NoError(t, n.Decode(&v))
		return v
	}
	// The schema library wants the numbers of encoding/json.
	b, err := json.Marshal(convert(doc.Content[0]))
	require.NoError(t, err)
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	require.NoError(t, err)
	return v
}

// TestSchemaAcceptsShipped validates every scenario that comes with simrun.
func TestSchemaAcceptsShipped(t *testing.T) {
	schema := compileSchema(t)
	for _, info := range scenarios.Builtin() {
		text, err := scenarios.Source("builtin:" + info.Name)
		require.NoError(t, err)
		require.NoError(t, schema.Validate(asJSON(t, text)), info.Name)
	}
}

// TestSchemaRefuses: the bad files whose keys or types are wrong do not pass the
// schema either. (It cannot know names.)
func TestSchemaRefuses(t *testing.T) {
	schema := compileSchema(t)
	for _, name := range []string{"head", "version", "types", "unknown_keys", "missing", "nothing", "text", "list", "selections", "network"} {
		text, err := os.ReadFile(filepath.Join("testdata/bad", name+".yaml"))
		require.NoError(t, err)
		require.Error(t, schema.Validate(asJSON(t, text)), name)
	}
}

// place is a mapping of the format: a scenario in which %s stands for one key
// and its value, and what the schema calls it.
type place struct{ def, scenario string }

const frame = "simrun: 1\nname: x\nuntil: 1d\nstart: 2026-06-01\nsimulators:\n  sun: {model: sun}\n  battery: {model: battery}\n"

var places = []place{
	{"", frame + "%s\n"},
	{"modelSimulator", frame + "  new: {model: sun, %s}\n"},
	{"commandSimulator", frame + "  new: {command: 'x {addr}', %s}\n"},
	{"connectSimulator", frame + "  new: {connect: 'localhost:1', %s}\n"},
	{"timeouts", frame + "  new: {connect: 'localhost:1', timeouts: {%s}}\n"},
	{"container", frame + "containers:\n  new: {%s}\n"},
	{"commandContainer", frame + "containers:\n  new: {command: 'x {addr}', %s}\n"},
	{"connectContainer", frame + "containers:\n  new: {connect: 'tcp://localhost:1', %s}\n"},
	{"tls", frame + "containers:\n  new: {transport: tcp, tls: {%s}}\n"},
	{"containerTimeouts", frame + "containers:\n  new: {timeouts: {%s}}\n"},
	{"agents", frame + "containers: {x: {}}\nagents:\n  new: {type: Clerk, %s}\n"},
	{"network", frame + "agents:\n  new: {type: Clerk}\nnetwork: {%s}\n"},
	{"entities", frame + "entities:\n  all: {of: battery.Battery}\n  new: {of: battery.Battery, %s}\n"},
	{"connectionOptions", frame + "connect:\n  - battery.soc -> battery.setpoint: {%s}\n"},
	{"recording", frame + "record: {values: [sun.ghi], %s}\n"},
}

// samples are values of all sorts. Whether a key exists is asked with all of
// them.
var samples = []string{`3`, `true`, `x`, `1d`, `{}`, `[]`, `"${3}"`, `2026-06-02`, `{a: 1}`, `fast`, `null`, `-1`, `1.5`, `all`}

// TestSchemaAndLoaderAgree gives every key of the schema, and some that are in
// none, values of all sorts at every place, and compares: the loader knows the key
// exactly if the schema does, and refuses a value that the schema refuses.
func TestSchemaAndLoaderAgree(t *testing.T) {
	schema := compileSchema(t)
	var raw struct {
		Properties map[string]any
		Defs       map[string]struct{ Properties map[string]any } `json:"$defs"`
	}
	require.NoError(t, json.Unmarshal(scenarios.Schema(), &raw))
	path := filepath.Join(t.TempDir(), "test.yaml")
	keys := map[string]bool{"nonsense": true}
	for key := range raw.Properties {
		keys[key] = true
	}
	for _, def := range raw.Defs {
		for key := range def.Properties {
			keys[key] = true
		}
	}
	for _, p := range places {
		properties := raw.Properties
		if p.def != "" {
			properties = raw.Defs[p.def].Properties
		}
		for key := range keys {
			if strings.Contains(p.scenario, " "+key+":") || strings.Contains(p.scenario, "\n"+key+":") || key == "simrun" {
				continue // it is there already
			}
			if p.def == "modelSimulator" && (key == "command" || key == "connect") ||
				p.def == "commandSimulator" && (key == "model" || key == "connect") ||
				p.def == "connectSimulator" && (key == "model" || key == "command") ||
				p.def == "container" && (key == "command" || key == "connect") ||
				p.def == "commandContainer" && key == "connect" || p.def == "connectContainer" && key == "command" {
				continue // makes it another kind
			}
			for _, value := range samples {
				text := fmt.Sprintf(p.scenario, key+": "+value)
				require.NoError(t, os.WriteFile(path, []byte(text), 0o666))
				_, err := scenarios.Read(path, scenarios.ReadOptions{Registry: testRegistry()})
				var found []string
				if err != nil {
					found = texts(t, err)
				}
				_, inSchema := properties[key]
				unknown := slices.ContainsFunc(found, func(s string) bool { return strings.Contains(s, fmt.Sprintf("no key %q here", key)) })
				require.Equal(t, inSchema, !unknown, "key %s of %q, in the file:\n%s\n%v", key, p.def, text, found)
				if schema.Validate(asJSON(t, []byte(text))) != nil {
					require.NotEmpty(t, found, "the schema refuses what the loader accepts:\n%s", text)
				}
			}
		}
	}
}
