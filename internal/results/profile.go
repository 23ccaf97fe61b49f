package results

import (
	"errors"
	"io"
	"os"
	"path/filepath"
)

const profileName = "profile.json"

// ProfilePath is the path of the trace of wall time, if WriteProfile has written it.
func (r *Run) ProfilePath() string { return filepath.Join(r.dir, profileName) }

// WriteProfile writes the trace of wall time. It must be called before Finish.
func (r *Run) WriteProfile(write func(io.Writer) error) error {
	f, err := os.Create(r.ProfilePath())
	if err != nil {
		return writeError("create", r.ProfilePath(), err)
	}
	if err := errors.Join(write(f), f.Close()); err != nil {
		return writeError("write", r.ProfilePath(), err)
	}
	return nil
}
