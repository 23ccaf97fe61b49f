//go:build unix

package proc

import "syscall"

// The errors of kill are dropped: it fails only if nothing is left to signal.

func (p *Process) killGroup()      { _ = syscall.Kill(-p.PID(), syscall.SIGKILL) }
func (p *Process) terminateGroup() { _ = syscall.Kill(-p.PID(), syscall.SIGTERM) }
