package scenarios

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"

	"github.com/simrun/simrun/internal/diag"
)

// Unpack writes the files that a shipped scenario refers to into dir, a folder:
// those that its models read, and the working directories of its external
// simulators, since programs cannot look into this one. It returns the scenario with
// these working directories in dir. A scenario with some must be unpacked before its
// simulators are started; one with models only need not be. A scenario that is not
// shipped is returned as it is.
//
// The files have the same paths as beside the scenario's own file, so that a
// copy of that in dir can be run, too. An error says what could not be written.
func (s *Scenario) Unpack(dir string) (*Scenario, error) {
	for _, name := range s.packedFiles() {
		if err := unpackFile(dir, name); err != nil {
			return nil, fmt.Errorf("files of %s: %w", s.Path, err)
		}
	}
	folders := s.packed()
	if len(folders) == 0 {
		return s, nil
	}
	for _, folder := range folders {
		files, err := fs.Sub(shipped, folder)
		if err == nil {
			err = os.CopyFS(filepath.Join(dir, filepath.FromSlash(folder)), files)
		}
		if err != nil {
			return nil, fmt.Errorf("files of %s: %w", s.Path, err)
		}
	}
	unpacked := *s
	unpacked.unpacked = dir
	return &unpacked, nil
}

func unpackFile(dir, name string) error {
	data, err := shipped.ReadFile(name)
	if err != nil {
		return err
	}
	to := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(to), 0o777); err != nil {
		return err
	}
	return os.WriteFile(to, data, 0o666)
}

// packedFiles lists the shipped files that the parameters of built-in simulators
// name, each once.
func (s *Scenario) packedFiles() []string {
	if !s.shipped {
		return nil
	}
	var files []string
	var look func(v any)
	look = func(v any) {
		switch v := v.(type) {
		case string:
			name := path.Clean(filepath.ToSlash(v))
			if info, err := fs.Stat(shipped, name); err == nil && !info.IsDir() && !slices.Contains(files, name) {
				files = append(files, name)
			}
		case []any:
			for _, item := range v {
				look(item)
			}
		case map[string]any:
			for _, key := range names(v) {
				look(v[key])
			}
		}
	}
	for _, sm := range s.simulators {
		if sm.model != nil {
			look(map[string]any(sm.params))
		}
	}
	for _, g := range s.groups {
		if g.sim != nil && g.sim.external == nil {
			for _, params := range g.params {
				look(map[string]any(params))
			}
		}
	}
	return files
}

// packed lists the folders that Unpack writes, each once.
func (s *Scenario) packed() []string {
	if !s.shipped {
		return nil
	}
	var folders []string
	for _, sm := range s.simulators {
		if sm.external == nil {
			continue
		}
		if folder := path.Clean(filepath.ToSlash(sm.external.Dir)); folder != "." && !slices.Contains(folders, folder) {
			folders = append(folders, folder)
		}
	}
	return folders
}

// mustUnpack reports a scenario that was not unpacked.
func (a *assembly) mustUnpack() bool {
	if a.s.unpacked != "" || len(a.s.packed()) == 0 {
		return false
	}
	a.problems = append(a.problems, diag.Problem{File: a.s.Path, What: "its simulators read files that are packed into this program", Do: "call Unpack first"})
	return true
}
