package proc

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
)

// Find reports whether Start would find a program and its working directory.
// The error says what is missing and what to do about it.
func Find(program, dir string) error {
	if dir != "" {
		if info, err := os.Stat(dir); err != nil {
			return fmt.Errorf("working directory %s: %w; make it, or correct its name", dir, bare(err))
		} else if !info.IsDir() {
			return fmt.Errorf("working directory %s: it is not a folder; correct its name", dir)
		}
	}
	path := locate(program, dir)
	if dir != "" && filepath.Base(path) != path && !filepath.IsAbs(path) {
		abs, err := filepath.Abs(filepath.Join(dir, path)) // not only a name, which would be looked up in PATH
		if err != nil {
			return fmt.Errorf("program %q: %w", program, err)
		}
		path = abs
	}
	_, err := exec.LookPath(path)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, exec.ErrNotFound): // only without a path
		return fmt.Errorf("there is no program %q in PATH; install it, or correct the command", program)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("program %q: %w; it must be an executable file", program, bare(err))
	}
	return fmt.Errorf("program %q: %w%s; correct the command", program, bare(err), lookedIn(program, dir))
}

// lookedIn says which folders a program with a relative path is looked for in.
func lookedIn(program, dir string) string {
	here, err := os.Getwd()
	if err != nil || filepath.IsAbs(program) {
		return ""
	}
	if there, err := filepath.Abs(dir); err == nil && there != here {
		return fmt.Sprintf(" in %s, nor in %s", there, here)
	}
	return " in " + here
}

// bare is the reason in an error that also tells operation and path.
func bare(err error) error {
	if e, ok := errors.AsType[*exec.Error](err); ok {
		err = e.Err
	}
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		err = e.Err
	}
	return err
}

// locate finds a program with a relative path that is not in dir.
func locate(program, dir string) string {
	if dir == "" || filepath.IsAbs(program) || filepath.Base(program) == program {
		return program
	}
	if _, err := os.Stat(filepath.Join(dir, program)); err == nil {
		return program
	}
	if _, err := os.Stat(program); err != nil {
		return program // the error of starting it says all
	}
	if abs, err := filepath.Abs(program); err == nil {
		return abs
	}
	return program
}
