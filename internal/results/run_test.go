package results_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/simrun/simrun/internal/results"
	"github.com/simrun/simrun/sim"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestManifestFromBeginToEnd(t *testing.T) {
	dir := t.TempDir()
	start := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	info := results.Info{Name: "district", Path: "d/district.yaml", Source: []byte("simrun: 1\n"), Digest: "abc",
		Overrides: []string{"a.b=3"}, Seed: 1<<64 - 1, Start: start, Until: sim.Time(7 * 24 * time.Hour), Version: "v1"}
	run, err := results.Create(dir, info)
	require.NoError(t, err)
	require.Equal(t, dir, run.Dir())

	m := readManifest(t, dir)
	assert.False(t, m.Complete)
	assert.Nil(t, m.Wall.End)
	assert.Equal(t, results.ScenarioInfo{Name: "district", Path: "d/district.yaml", Digest: "abc", Overrides: []string{"a.b=3"}, Seed: 1<<64 - 1}, m.Scenario)
	assert.Equal(t, results.Versions{Simrun: "v1", Go: runtime.Version(), OS: runtime.GOOS, Arch: runtime.GOARCH}, m.Versions)
	assert.Equal(t, &start, m.Virtual.Start)
	assert.EqualValues(t, "604800", m.Virtual.Until)
	copied, err := os.ReadFile(filepath.Join(dir, "scenario.yaml"))
	require.NoError(t, err)
	assert.Equal(t, "simrun: 1\n", string(copied))

	require.NoError(t, os.WriteFile(filepath.Join(run.LogDir(), "house.log"), []byte("hello"), 0o644))
	run.Warn("house.x: nothing is connected")
	summary := &sim.Summary{Reached: info.Until, Until: info.Until, Complete: true, Rows: 12, Digest: "def"}
	require.NoError(t, run.Finish(summary, nil))
	m = readManifest(t, dir)
	assert.True(t, m.Complete)
	assert.Empty(t, m.Error)
	require.NotNil(t, m.Wall.End)
	assert.False(t, m.Wall.End.Before(m.Wall.Begin))
	assert.EqualValues(t, 12, m.Rows)
	assert.Equal(t, "def", m.TraceDigest)
	assert.Equal(t, []string{"house.x: nothing is connected"}, m.Warnings)
	assert.Equal(t, []results.ResultsFile{{Path: "logs/house.log", Bytes: 5}, {Path: "results.csv", Bytes: 0}, {Path: "scenario.yaml", Bytes: 10}}, m.Files)
	info2, err := os.Stat(filepath.Join(dir, "manifest.json"))
	require.NoError(t, err)
	if runtime.GOOS != "windows" {
		assert.Equal(t, fs.FileMode(0o644), info2.Mode().Perm(), "others may read it as they may read the values")
	}
}

func TestManifestOfAFailedRun(t *testing.T) {
	run, err := results.Create(t.TempDir(), results.Info{})
	require.NoError(t, err)
	summary := &sim.Summary{Reached: 5, Until: 10, Complete: false}
	require.NoError(t, run.Finish(summary, errors.New(`t=5s: simulator "house" died`)))
	m := readManifest(t, run.Dir())
	assert.False(t, m.Complete)
	assert.Equal(t, `t=5s: simulator "house" died`, m.Error)
	assert.EqualValues(t, "0.000000005", m.Virtual.Reached)
}

func TestNewFolder(t *testing.T) {
	base := filepath.Join(t.TempDir(), "runs")
	began := time.Date(2026, 6, 1, 12, 30, 5, 0, time.UTC)
	for _, want := range []string{"my grid-20260601-123005", "my grid-20260601-123005-2", "my grid-20260601-123005-3"} {
		dir, err := results.NewFolder(base, "my grid", began)
		require.NoError(t, err)
		assert.Equal(t, filepath.Join(base, want), dir)
		assert.DirExists(t, dir)
	}
	dir, err := results.NewFolder(base, "../a/b", began)
	require.NoError(t, err)
	assert.Equal(t, filepath.Join(base, "-a-b-20260601-123005"), dir, "a name cannot lead out of the folder")
	dir, err = results.NewFolder(base, "..", began)
	require.NoError(t, err)
	assert.Equal(t, filepath.Join(base, "run-20260601-123005"), dir)
}

func TestUseFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b")
	require.NoError(t, results.UseFolder(dir))
	require.NoError(t, results.UseFolder(dir), "an empty folder is fine")

	var notEmpty *results.FolderNotEmptyError
	ran := []*sim.Instance{new(sim.Instance)}
	for name, c := range map[string]struct {
		summary *sim.Summary
		err     error
		want    string
	}{
		"not begun":  {nil, errors.New("no start"), "holds the logs of a run that failed before its first step; remove it, or choose another folder"},
		"incomplete": {&sim.Summary{Instances: ran}, errors.New("it died"), "holds a run that did not get to its end; remove it, or choose another folder"},
		"complete":   {&sim.Summary{Instances: ran, Complete: true}, nil, "holds the results of another run; choose another folder, or move that one away"},
	} {
		dir := filepath.Join(dir, name)
		require.NoError(t, results.UseFolder(dir))
		run, err := results.Create(dir, results.Info{})
		require.NoError(t, err)
		require.ErrorAs(t, results.UseFolder(dir), &notEmpty)
		assert.ErrorContains(t, notEmpty, "holds a run that is under way, or was killed; choose another folder")
		require.NoError(t, run.Finish(c.summary, c.err))
		require.ErrorAs(t, results.UseFolder(dir), &notEmpty)
		assert.ErrorContains(t, notEmpty, c.want)
	}
	require.ErrorAs(t, results.UseFolder(dir), &notEmpty)
	assert.ErrorContains(t, notEmpty, "is not empty; choose a new or an empty folder")
}

func TestFolderThatCannotBe(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o644))
	want := "choose a folder that you may write to with --out"
	assert.ErrorContains(t, results.UseFolder(filepath.Join(file, "x")), want)
	_, err := results.NewFolder(file, "x", time.Now())
	assert.ErrorContains(t, err, want)
	_, err = results.Create(filepath.Join(file, "x"), results.Info{})
	assert.ErrorContains(t, err, want)
}

// A simulator that warns at each step does not fill the memory.
func TestWarnings(t *testing.T) {
	run, err := results.Create(t.TempDir(), results.Info{})
	require.NoError(t, err)
	assert.Empty(t, run.Warnings())
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 50 {
				run.Warn("house: strange data")
			}
		})
	}
	all.Wait()
	warnings := run.Warnings()
	assert.Len(t, warnings, 101)
	assert.Equal(t, "... and 100 more", warnings[100])
	require.NoError(t, run.Finish(nil, nil))
	assert.Equal(t, warnings, readManifest(t, run.Dir()).Warnings)
}

// Of a scenario that cannot be run nothing stays, so that the next try finds
// the folder free.
func TestDiscard(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	require.NoError(t, results.UseFolder(dir))
	run, err := results.Create(dir, results.Info{})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(run.LogDir(), "house.log"), nil, 0o644))
	require.NoError(t, run.Discard())
	assert.NoDirExists(t, dir)
}
