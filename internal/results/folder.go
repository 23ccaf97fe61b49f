package results

import (
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
	if _, err := os.Stat(filepath.Join(e.Dir, manifestName)); err == nil {
		return fmt.Sprintf("results folder %s: holds the results of another run; choose another folder, or move that one away", e.Dir)
	}
	return fmt.Sprintf("results folder %s: is not empty; choose a new or an empty folder", e.Dir)
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
