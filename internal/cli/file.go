package cli

import (
	"errors"
	"fmt"
	"os"
)

// overwrite writes a file that was asked for, in place of what is there, and says so.
func (c *command) overwrite(path string, text []byte) error {
	f, err := os.Create(path)
	if err == nil {
		err = written(f, text)
	}
	if err != nil {
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
