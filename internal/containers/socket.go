package containers

import (
	"os"
	"path/filepath"
)

// Paths of sockets must be short: all systems allow for 103 bytes.
const (
	socketName = "s"
	longPath   = 103
)

// socketFolder makes a folder for a socket: not in the run folder, and not among
// temporary files if these have long paths.
func socketFolder() (string, error) {
	const pattern = "simrun-*"
	dir, err := os.MkdirTemp("", pattern)
	if err != nil || len(filepath.Join(dir, socketName)) <= longPath {
		return dir, err
	}
	_ = os.Remove(dir) // left to the system's cleaning of temporary files otherwise
	return os.MkdirTemp("/tmp", pattern)
}
