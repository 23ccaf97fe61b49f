package proc

import (
	"os/exec"
	"strconv"
	"syscall"
)

func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP}
}

// killGroup ends the tree of processes below the program. taskkill fails if the
// program is gone already, which is as well.
func (p *Process) killGroup() {
	_ = exec.Command("taskkill", "/T", "/F", "/PID", strconv.Itoa(p.PID())).Run()
}

// terminateGroup does nothing: console programs cannot be asked to exit by
// another process without being in its console.
func (p *Process) terminateGroup() {}
