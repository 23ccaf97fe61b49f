package mosaikimport_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/simrun/simrun/internal/mosaikimport"
	"github.com/simrun/simrun/internal/peertest"
	"github.com/simrun/simrun/scenarios"
	"github.com/simrun/simrun/sim"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var update = flag.Bool("update", false, "rewrite the scenario files in testdata/golden")

// scripts are those in testdata/scripts, of the shape of mosaik's tutorials, and
// what they are run with.
var scripts = map[string][]string{
	"demo_1":       nil,                    // a class, a command, connect_many_to_one
	"demo_2":       nil,                    // feedback over shifted connections
	"demo_2_async": nil,                    // feedback by asynchronous requests
	"pushing":      nil,                    // asynchronous requests with no connection of attributes
	"demo_3":       nil,                    // a loop at one time
	"events":       nil,                    // initial events, steps of half a minute
	"external":     nil,                    // external events in real time
	"drawn":        {"7"},                  // random connections, children, get_data, an extra method
	"starters":     nil,                    // AsyncWorld, starters, nested groups, initial data
	"guarded":      {"--count", "5"},       // the class is in the script
	"solver":       {"--count", "3", "-x"}, // mosaik's own basic simulators, folders
	"transforms":   nil,                    // lambdas and functions on connections
	"samples":      nil,                    // all that they may be written with
	"street":       nil,                    // unmodified simulators from PyPI
}

// The scenario file of a script gives the values that the script gives in the
// real mosaik: the collector of the scripts writes down every step that it makes.
func TestSameValuesAsMosaik(t *testing.T) {
	python := peertest.Python(t)
	for name, args := range scripts {
		t.Run(name, func(t *testing.T) {
			want := collected(t, func() {
				out, err := exec.Command(python, append([]string{name + ".py"}, args...)...).CombinedOutput()
				require.NoError(t, err, "%s", out)
			})
			require.NotEmpty(t, want)
			got := collected(t, func() {
				result := translated(t, name, python, args)
				golden(t, name, result.Text)
				run(t, name+".yaml", result, python)
			})
			assert.Equal(t, want, got)
		})
	}
}

// collected returns the lines that the collector writes in a folder of its own, with
// a copy of the scripts.
func collected(t *testing.T, run func()) []string {
	t.Helper()
	dir := t.TempDir()
	for _, from := range []string{filepath.Join("testdata", "scripts"), filepath.Join("..", "..", "scenarios", "data", "street")} {
		require.NoError(t, os.CopyFS(dir, os.DirFS(from)))
	}
	back, err := os.Getwd()
	require.NoError(t, err)
	t.Chdir(dir)
	run()
	text, err := os.ReadFile("collected.jsonl")
	require.NoError(t, err)
	t.Chdir(back)
	return strings.Split(string(text), "\n")
}

// translated is the scenario of a script, with entities created one by one if there is
// no other way.
func translated(t *testing.T, name, python string, args []string) *mosaikimport.Result {
	t.Helper()
	recording, err := mosaikimport.Record(t.Context(), mosaikimport.Config{Scratch: t.TempDir(), Script: name + ".py", Args: args, Python: python, World: 1})
	require.NoError(t, err)
	assert.NoFileExists(t, "collected.jsonl", "the script was run further than World.run")
	o := mosaikimport.Options{Script: name + ".py", Args: args, Python: "python3", Dir: "."}
	o.Apart = name == "events" // as its collector wants it
	result, err := mosaikimport.Translate(recording, o)
	require.NoError(t, err)
	again, err := mosaikimport.Translate(recording, o)
	require.NoError(t, err)
	assert.Equal(t, result.Text, again.Text)
	return result
}

func run(t *testing.T, path string, result *mosaikimport.Result, python string) {
	t.Helper()
	require.NoError(t, os.WriteFile(path, []byte(result.Text), 0o600))
	s, err := scenarios.Read(path, scenarios.ReadOptions{Set: []string{"python=" + python}})
	require.NoError(t, err)
	w, err := s.Build(t.Context(), scenarios.BuildOptions{Sink: func() sim.Sink { return &sim.Memory{} }})
	require.NoError(t, err)
	assert.Empty(t, result.Differences(w))
	_, err = w.Run(context.Background(), sim.RunOptions{Until: s.Until, Pace: s.Pace})
	assert.NoError(t, err)
	require.NoError(t, w.Close())
}

// Simulators of version 2 of the API, which mosaik 3 does not start, are found out
// or told, and run.
func TestVersion2(t *testing.T) {
	python := peertest.Python(t)
	old, err := os.ReadFile(filepath.Join("..", "..", "sim", "mosaik", "testdata", "api2.py"))
	require.NoError(t, err)
	got := collected(t, func() {
		require.NoError(t, os.WriteFile("api2.py", old, 0o600))
		run(t, "version_2.yaml", translated(t, "version_2", python, nil), python)
	})
	var want []string
	for time, out := range []int{0, 1, 4, 5, 8, 9} {
		want = append(want, fmt.Sprintf(`[%d, {"Monitor": {"out": {"Command-0.counter-0": %d}}}]`, time, out))
	}
	assert.Equal(t, append(want, ""), got)
}

// Script, scenario file and working directory may be in different folders.
func TestOtherFolders(t *testing.T) {
	python := peertest.Python(t)
	scripts := filepath.Join(testdata, "scripts")
	t.Chdir(t.TempDir())
	require.NoError(t, os.CopyFS("scripts", os.DirFS(scripts)))
	require.NoError(t, os.Mkdir("scenarios", 0o700))
	script := filepath.Join("scripts", "demo_2.py")
	recording, err := mosaikimport.Record(t.Context(), mosaikimport.Config{Scratch: t.TempDir(), Script: script, Python: python, World: 1})
	require.NoError(t, err)
	result, err := mosaikimport.Translate(recording, mosaikimport.Options{Script: script, Python: "python3", Dir: "scenarios"})
	require.NoError(t, err)
	assert.Contains(t, result.Text, "\n    dir: \"..\"\n    env: {PYTHONPATH: scripts}\n")
	run(t, filepath.Join("scenarios", "demo_2.yaml"), result, python)
	assert.FileExists(t, "collected.jsonl")
}

func golden(t *testing.T, name, text string) {
	t.Helper()
	// The working directory is that of the script.
	path := filepath.Join(testdata, "golden", name+".yaml")
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err, "go test ./internal/mosaikimport -update")
	assert.Equal(t, string(want), text)
}

// testdata is absolute.
var testdata = func() string {
	path, err := filepath.Abs("testdata")
	if err != nil {
		panic(err)
	}
	return path
}()
