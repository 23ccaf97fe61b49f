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
		assert.Regexp(t, e.pattern(), alike(got), "line %d: %s", e.line, e.command)
	}
	require.NotEmpty(t, made)
	got, err := os.ReadFile(filepath.Join(dir, "rooms_demo.yaml"))
	require.NoError(t, err)
	assert.Equal(t, made, string(got))
}
