package mosaikimport_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/internal/mosaikimport"
	"github.com/simrun/simrun/internal/peertest"
	"github.com/simrun/simrun/internal/worldtest"
)

var (
	randomWorlds = flag.Int("random.worlds", 6, "random worlds to import and run")
	randomFirst  = flag.Uint64("random.seed", 1, "seed of the first of them")
)

// step is what a simulator gets to see in a step. The values of inputs are JSON.
type step struct {
	Time, MaxAdvance int64
	Inputs           map[string]map[string]map[string]any
}

// A script that composes a random world, with groups, shifts, weak connections, initial values
// and events, is translated to a scenario in which all simulators make the steps
// that the rules say.
func TestRandomWorlds(t *testing.T) {
	python := peertest.Python(t)
	generic, err := os.ReadFile(filepath.Join("..", "..", "sim", "mosaik", "testdata", "conformance", "generic.py"))
	require.NoError(t, err)
	scripts, err := filepath.Abs(filepath.Join("testdata", "scripts"))
	require.NoError(t, err)
	for i := range *randomWorlds {
		seed := *randomFirst + uint64(i)
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Chdir(t.TempDir())
			for _, name := range []string{"random_world.py", "logged.py"} {
				text, err := os.ReadFile(filepath.Join(scripts, name))
				require.NoError(t, err)
				require.NoError(t, os.WriteFile(name, text, 0o600))
			}
			require.NoError(t, os.WriteFile("generic.py", generic, 0o600))
			w := worldtest.New(seed, worldtest.Options{Mosaik: true, Shift: 4})
			spec, err := json.Marshal(w)
			require.NoError(t, err)
			require.NoError(t, os.WriteFile("world.json", spec, 0o600))
			recording, err := mosaikimport.Record(t.Context(), mosaikimport.Config{Scratch: t.TempDir(), Script: "random_world.py", Args: []string{"world.json"}, Python: python, World: 1})
			require.NoError(t, err)
			result, err := mosaikimport.Translate(recording, mosaikimport.Options{Script: "random_world.py", Python: "python3", Dir: "."})
			require.NoError(t, err)
			run(t, "random_world.yaml", result, python)

			outcome, err := w.Interpret(w.Generic)
			require.NoError(t, err)
			for i, s := range w.Sims {
				want := []step{}
				for _, made := range outcome.Steps[i] {
					want = append(want, stepOf(t, made))
				}
				assert.Equal(t, want, logged(t, s.Name), "%s: -random.seed=%d -random.worlds=1\n%s\n%s", s.Name, seed, w, result.Text)
			}
		})
	}
}

func stepOf(t *testing.T, made worldtest.Step) step {
	t.Helper()
	s := step{made.Time, made.MaxAdvance, map[string]map[string]map[string]any{}}
	for _, in := range made.Inputs {
		entity := fmt.Sprintf("m%d", in.Entity)
		if s.Inputs[entity] == nil {
			s.Inputs[entity] = map[string]map[string]any{}
		}
		if s.Inputs[entity][in.Attr] == nil {
			s.Inputs[entity][in.Attr] = map[string]any{}
		}
		var v any
		require.NoError(t, json.Unmarshal([]byte(in.Value), &v))
		s.Inputs[entity][in.Attr][in.Source] = v
	}
	return s
}

// logged are the steps that a simulator has written down.
func logged(t *testing.T, name string) []step {
	t.Helper()
	text, err := os.ReadFile(name + ".json")
	require.NoError(t, err)
	var all [][]json.RawMessage
	require.NoError(t, json.Unmarshal(text, &all))
	steps := []step{}
	for _, parts := range all {
		var s step
		require.Len(t, parts, 3)
		require.NoError(t, json.Unmarshal(parts[0], &s.Time))
		require.NoError(t, json.Unmarshal(parts[1], &s.Inputs))
		require.NoError(t, json.Unmarshal(parts[2], &s.MaxAdvance))
		steps = append(steps, s)
	}
	return steps
}
