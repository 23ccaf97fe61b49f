//go:build !(linux || darwin || freebsd || netbsd || openbsd || dragonfly)

package channel

// lockFolder does nothing here: there is no lock to be had.
func lockFolder(string) (unlock func()) { return func() {} }
