package main

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/internal/peertest"
)

// Simulators that create entities one by one only, and such that give them other
// IDs each time.
func TestImportDemandingSimulators(t *testing.T) {
	python := peertest.Python(t)
	t.Setenv("PATH", filepath.Dir(python)+string(filepath.ListSeparator)+os.Getenv("PATH"))
	mosaikimport := filepath.Join("..", "..", "internal", "mosaikimport", "testdata")
	dir := t.TempDir()
	require.NoError(t, os.CopyFS(dir, os.DirFS(filepath.Join(mosaikimport, "scripts"))))

	assert.Equal(t, "Wrote events.yaml. Run it:\n\n  simrun run events.yaml\n", shell(t, dir, "simrun import events.py"))
	got, err := os.ReadFile(filepath.Join(dir, "events.yaml"))
	require.NoError(t, err)
	want, err := os.ReadFile(filepath.Join(mosaikimport, "golden", "events.yaml"))
	require.NoError(t, err)
	assert.Equal(t, string(want), string(got))

	require.NoError(t, os.WriteFile(filepath.Join(dir, "lots.py"), []byte(`
import uuid
import mosaik, sims
class Lots(sims.Limiter):
    def create(self, num, model):
        return [{"eid": uuid.uuid4().hex, "type": model} for _ in range(num)]
if __name__ == "__main__":
    world = mosaik.World({"Lots": {"python": "__main__:Lots"}, "Collector": {"python": "sims:Collector"}}, mosaik_config={"start_timeout": 120})
    world.connect(world.start("Lots").Agent(), world.start("Collector").Monitor(), "delta")
    world.run(until=1)
`), 0o600))
	assert.Regexp(t, `^simrun: simulators that are started again do not create the same entities: there is no entity Lots-0\.[0-9a-f]{32}, and 2 more; see that nobody relies on their IDs
Wrote lots.yaml. Run it:\n\n  simrun run lots.yaml\n$`, shell(t, dir, "simrun import lots.py"))
	assert.Regexp(t, `^lots: `, shell(t, dir, "simrun run lots.yaml --out lots"))

	require.NoError(t, os.WriteFile(filepath.Join(dir, "cycle.py"), []byte(`
import mosaik
world = mosaik.World({"Limiter": {"python": "sims:Limiter"}})
a, b = world.start("Limiter").Agent(), world.start("Limiter").Agent()
world.connect(a, b, "delta")
world.connect(b, a, "delta")
world.run(until=1)
`), 0o600))
	assert.Regexp(t, `^simrun: import: cycle.yaml was written, but it cannot be run as it is:
cycle.yaml:\d+:5: connect: the simulators Limiter-0 -> Limiter-1 -> Limiter-0 wait for each other in a cycle; (.*\n)+1 problem, nothing was run\n\[exit code 2\]\n$`,
		shell(t, dir, "simrun import cycle.py"))
}

// What docs/from-mosaik.md shows is so: its files are written into a folder, its
// commands run there with the Python of the peers. A block of code that begins with the name of a
// file in a comment is that file; YAML is what was made.
func TestFromMosaik(t *testing.T) {
	python := peertest.Python(t)
	t.Setenv("PATH", filepath.Dir(python)+string(filepath.ListSeparator)+os.Getenv("PATH"))
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "from-mosaik.md"))
	require.NoError(t, err)
	dir := t.TempDir()
	block := regexp.MustCompile("(?ms)^```(python|yaml)\n(.*?)^```$")
	made := ""
	for _, b := range block.FindAllSubmatch(text, -1) {
		if string(b[1]) == "yaml" {
			made = string(b[2])
			continue
		}
		name := regexp.MustCompile(`^# (\w+\.py)\n`).FindSubmatch(b[2])
		require.NotNil(t, name, "%s", b[2])
		require.NoError(t, os.WriteFile(filepath.Join(dir, string(name[1])), b[2], 0o600))
	}
	examples := examplesIn(string(text))
	require.NotEmpty(t, examples)
	for _, e := range examples {
		got := shell(t, dir, e.command)
		assert.Regexp(t, e.pattern(), e.alike(got), "line %d: %s", e.line, e.command)
	}
	require.NotEmpty(t, made)
	got, err := os.ReadFile(filepath.Join(dir, "rooms_demo.yaml"))
	require.NoError(t, err)
	assert.Equal(t, made, string(got))
}
