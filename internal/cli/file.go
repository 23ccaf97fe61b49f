package cli

import (
	"errors"
	"fmt"
	"os"
	"sync"
)

// overwrite writes a file that was asked for, in place of what is there, and says so.
func (c *command) overwrite(path string, text []byte) error {
	f, err := os.Create(path)
	if err != nil {
		return fail(ResultsFailed, fmt.Errorf("%w; choose a place that you may write to with --out", err))
	}
	if err := written(f, text); err != nil {
		return fail(ResultsFailed, fmt.Errorf("%w; make room there, or choose another place with --out", err))
	}
	return c.print("Wrote " + path + "\n")
}

// written writes and closes a new file. What is not whole is removed.
func written(f *os.File, text []byte) error {
	_, err := f.Write(text)
	if err = errors.Join(err, f.Close()); err != nil {
		err = errors.Join(err, os.Remove(f.Name()))
	}
	return err
}

// scratches are folders for temporary files that a command has made.
type scratches struct {
	mu   sync.Mutex
	dirs map[string]bool
}

// scratch makes a folder for temporary files, until remove is called, or the program
// abandoned.
func (c *command) scratch(pattern string) (dir string, remove func(), err error) {
	s := &c.scratches
	s.mu.Lock()
	defer s.mu.Unlock()
	if dir, err = os.MkdirTemp("", pattern); err != nil {
		return "", nil, fail(ResultsFailed, fmt.Errorf("temporary files: %w", err))
	}
	if s.dirs == nil {
		s.dirs = map[string]bool{}
	}
	s.dirs[dir] = true
	return dir, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.dirs, dir)
		_ = os.RemoveAll(dir) // left to the system's cleaning otherwise
	}, nil
}

// removeAll removes all, for good.
func (s *scratches) removeAll() {
	s.mu.Lock() // there will be no others
	for dir := range s.dirs {
		_ = os.RemoveAll(dir) // as above
	}
}
