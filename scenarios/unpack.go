package scenarios

import (
	"fmt"
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
// The files are those of Export: a copy of the scenario in dir can be run, too. An
// error says what could not be written.
func (s *Scenario) Unpack(dir string) (*Scenario, error) {
	if _, err := s.Export(dir); err != nil {
		return nil, fmt.Errorf("files of %s: %w", s.Path, err)
	}
	if len(s.packed()) == 0 {
		return s, nil
	}
	unpacked := *s
	unpacked.unpacked = dir
	return &unpacked, nil
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
