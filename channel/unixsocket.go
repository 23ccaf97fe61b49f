package channel

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"syscall"
)

// listenUnix listens on a Unix socket. The file of a socket outlives a process
// that was killed, and nobody can then bind to its path. So if the path is taken,
// and by a socket on which nobody listens, that socket is removed. The folder is
// locked meanwhile, so that others that do the same neither remove a new socket
// nor take one for stale between binding and listening.
func listenUnix(path string) (net.Listener, error) {
	unlock := lockFolder(filepath.Dir(path))
	defer unlock()
	l, err := net.Listen("unix", path)
	if !errors.Is(err, syscall.EADDRINUSE) {
		return l, unixError(err, path)
	}
	if stays := removeStale(path); stays != nil {
		return nil, fmt.Errorf("%w (%w)", plain(err), stays)
	}
	return net.Listen("unix", path)
}

// removeStale removes the file at path if it is a socket on which nobody listens.
func removeStale(path string) error {
	info, err := os.Lstat(path)
	if err != nil {
		return err
	}
	if info.Mode()&fs.ModeSocket == 0 {
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
	return os.Remove(path)
}

// longPath is a length of paths that all systems allow for Unix sockets: of Linux it
// is 107, of macOS 103.
const longPath = 103

// unixError says what is wrong with a path that is too long for a socket.
func unixError(err error, path string) error {
	if errors.Is(err, syscall.EINVAL) && len(path) > longPath {
		return fmt.Errorf("the path has %d bytes, which is too long for a Unix socket; choose one of at most %d: %w", len(path), longPath, plain(err))
	}
	return err
}
