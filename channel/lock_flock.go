//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package channel

import (
	"os"
	"syscall"
)

// lockFolder waits for the lock of a folder, and returns what gives it back. If
// there is none to be had, the caller does without.
func lockFolder(path string) (unlock func()) {
	f, err := os.Open(path)
	if err != nil {
		return func() {}
	}
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX)
		if err != syscall.EINTR {
			break
		}
	}
	return func() { _ = f.Close() } // gives the lock back
}
