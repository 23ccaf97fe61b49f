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

// Unpack writes the files that external simulators of a shipped scenario read
// into dir, a folder that is there: programs cannot look into this one. It
// returns the scenario with their working directories in dir. Such a scenario must be
// unpacked before its simulators are started; any other is returned as it is.
//
// The files have the same paths as beside the scenario's own file, so that a
// copy of that in dir can be run, too. An error says what could not be written.
func (s *Scenario) Unpack(dir string) (*Scenario, error) {
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
