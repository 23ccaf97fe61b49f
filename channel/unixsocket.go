package channel

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"strconv"
	"syscall"
)

// listenUnix listens on a Unix socket. The file of a socket outlives a process
// that was killed, and nobody can then bind to its path. So if the path is taken,
// and by a socket on which nobody listens, that socket is removed.
func listenUnix(path string) (net.Listener, error) {
	l, err := net.Listen("unix", path)
	for tries := 0; tries < 3 && errors.Is(err, syscall.EADDRINUSE); tries++ {
		if removed := removeStale(path); removed != nil {
			return nil, fmt.Errorf("%w (%w)", plain(err), removed)
		}
		l, err = net.Listen("unix", path)
	}
	return l, err
}

// removeStale removes the file at path if it is a socket on which nobody listens.
// Another process may do the same, and then listen there, at any moment: so the
// file is first moved aside, which takes one file for certain, and moved back if
// it is not the one that was seen to be stale.
func removeStale(path string) error {
	before, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if before.Mode()&fs.ModeSocket == 0 {
		return errors.New("the file is no socket; remove it or choose another path")
	}
	nc, err := net.Dial("unix", path)
	if err == nil {
		_ = nc.Close() // it was only to see whether somebody listens
		return errors.New("another process listens there")
	}
	if !errors.Is(err, syscall.ECONNREFUSED) {
		return fmt.Errorf("whether somebody listens there is unknown: %w", plain(err))
	}
	aside := path + ".stale-" + strconv.Itoa(os.Getpid())
	if err := os.Rename(path, aside); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // another process has removed it
		}
		return err
	}
	taken, err := os.Lstat(aside)
	if err != nil {
		return err
	}
	if !os.SameFile(before, taken) {
		// Linking fails if there is a third socket by now; it is then the one
		// that counts.
		if err := os.Link(aside, path); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
	return os.Remove(aside)
}
