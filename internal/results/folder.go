package results

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// NewFolder makes a folder for a run of the named scenario that began at the
// given time: base/NAME-YYYYMMDD-HHMMSS, with -2, -3, ... if there is one
// already. base is made if need be.
func NewFolder(base, name string, began time.Time) (string, error) {
	if err := os.MkdirAll(base, 0o755); err != nil {
		return "", folderError(base, err)
	}
	first := filepath.Join(base, fileName(name)+"-"+began.Format("20060102-150405"))
	for n, dir := 1, first; ; dir = fmt.Sprintf("%s-%d", first, n) {
		// Mkdir is what decides between two runs that begin in one second.
		err := os.Mkdir(dir, 0o755)
		if err == nil {
			return dir, nil
		}
		if !errors.Is(err, fs.ErrExist) {
			return "", folderError(dir, err)
		}
		n++
	}
}

// UseFolder makes the folder that the user has chosen for a run. It is an error
// if it has anything in it: results are never overwritten.
func UseFolder(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return folderError(dir, err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return folderError(dir, err)
	}
	if len(entries) > 0 {
		return &FolderNotEmptyError{Dir: dir}
	}
	return nil
}

// FolderNotEmptyError says that a folder for results holds something already.
type FolderNotEmptyError struct{ Dir string }

func (e *FolderNotEmptyError) Error() string {
	var m Manifest
	text, err := os.ReadFile(filepath.Join(e.Dir, manifestName))
	if err == nil {
		err = json.Unmarshal(text, &m)
	}
	what := "holds the results of another run; choose another folder, or move that one away"
	switch {
	case err != nil: // it has no manifest, or somebody else's
		what = "is not empty; choose a new or an empty folder"
	case m.Wall.End == nil:
		what = "holds a run that is under way, or was killed; choose another folder"
	case !m.Complete && len(m.Simulators) == 0:
		what = "holds the logs of a run that failed before its first step; remove it, or choose another folder"
	case !m.Complete:
		what = "holds a run that did not get to its end; remove it, or choose another folder"
	}
	return fmt.Sprintf("results folder %s: %s", e.Dir, what)
}

func folderError(dir string, err error) error {
	// The path is in the message already, and often longer than the rest of it.
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	return fmt.Errorf("results folder %s: %w; choose a folder that you may write to with --out", dir, err)
}

// fileName makes a scenario's name usable as a part of a file name everywhere.
func fileName(name string) string {
	clean := strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || strings.ContainsRune(`/\:*?"<>|`, r) {
			return '-'
		}
		return r
	}, name)
	if clean = strings.Trim(clean, " ."); clean == "" {
		return "run"
	}
	return clean
}
