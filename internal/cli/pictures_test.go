package cli

import (
	"fmt"
	"path/filepath"
	"testing"
)

// The pictures in the documentation, made as it says, and others of each kind are as they
// were when somebody looked at them.
func TestPictures(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	scenario := at("first.yaml")
	simrun(t, "init", at("first"))
	run := func(name string, options ...string) string {
		simrun(t, append([]string{"run", scenario, "--out", at(name), "--quiet"}, options...)...)
		return at(name)
	}
	large, small, traced := run("battery-30"), run("battery-10", "--set", "battery=10"), run("before", "--trace", "trace.zst")
	seeds := []string{"plot"}
	for seed := range mostRuns + 2 {
		seeds = append(seeds, run(fmt.Sprintf("seed-%d", seed), "--seed", fmt.Sprint(seed)))
	}
	docs := filepath.Join("..", "..", "docs", "img")
	for name, test := range map[string]struct {
		folder string
		args   []string
	}{
		"tutorial.svg":        {docs, []string{"plot", large, small, "grid.power", "battery.soc"}},
		"execution.svg":       {docs, []string{"graph", "--execution", traced, "--to", "45m"}},
		"small-multiples.svg": {"testdata", []string{"plot", large, "--split", "demand.power", "grid.power", "battery"}},
		"many-runs.svg":       {"testdata", append(seeds, "grid.power", "battery.soc")},
		"graph.svg":           {"testdata", []string{"graph", "builtin:district"}},
		"graph-many.svg":      {"testdata", []string{"graph", wide(t, 100)}},
	} {
		t.Run(name, func(t *testing.T) {
			simrun(t, append(test.args, "--out", at(name))...)
			sameSVG(t, at(name), filepath.Join(test.folder, name))
		})
	}
}
