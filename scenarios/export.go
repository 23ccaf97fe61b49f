package scenarios

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
)

// notices tell the source and the licence of the data in their folders.
//
//go:embed data/README.md data/LICENSE.pvlib.txt data/street/README.md data/village/README.md
var notices embed.FS

// Export writes the files that a shipped scenario reads into dir, a folder that
// is there, so that a copy of the scenario in it can be run; beside them, what
// tells their source and licence. It returns their paths in dir, sorted; of a
// scenario that is a file there are none. A file that is there already with the
// same contents will do; with others it is an error.
func (s *Scenario) Export(dir string) ([]string, error) {
	if !s.shipped {
		return nil, nil
	}
	files, err := s.files()
	if err != nil {
		return nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		to := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			return nil, err
		}
		if err := writeNew(to, files[name]); err != nil {
			return nil, err
		}
	}
	return slices.Sorted(maps.Keys(files)), nil
}

// files are the files that the scenario reads and their notices, by their paths.
func (s *Scenario) files() (map[string][]byte, error) {
	files := make(map[string][]byte)
	read := func(from fs.FS, name string) (err error) {
		files[name], err = fs.ReadFile(from, name)
		return err
	}
	// What models read shows when they are made.
	var opened []string
	watched := *s
	watched.open = func(name string) (fs.File, error) {
		opened = append(opened, path.Clean(filepath.ToSlash(name)))
		return s.open(name)
	}
	watched.Check(context.Background(), CheckOptions{})
	for _, name := range opened {
		if err := read(shipped, name); err != nil {
			return nil, err
		}
	}
	for _, folder := range s.packed() {
		err := fs.WalkDir(shipped, folder, func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			return read(shipped, name)
		})
		if err != nil {
			return nil, err
		}
	}
	for _, name := range slices.Collect(maps.Keys(files)) {
		beside, err := fs.Glob(notices, path.Dir(name)+"/*.*")
		if err != nil {
			return nil, err
		}
		for _, notice := range beside {
			if err := read(notices, notice); err != nil {
				return nil, err
			}
		}
	}
	return files, nil
}

// writeNew writes a file that is not there, or is and has these contents.
func writeNew(name string, contents []byte) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, fs.ErrExist) {
		if old, err := os.ReadFile(name); err == nil && bytes.Equal(old, contents) {
			return nil
		}
		return fmt.Errorf("%s is there already; choose another folder: %w", name, fs.ErrExist)
	}
	if err != nil {
		return err
	}
	_, err = f.Write(contents)
	return errors.Join(err, f.Close())
}
