package proc

import (
	"syscall"
	"unsafe"
)

func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// wait waits for the program's exit and kills what is left of its group before
// it collects the status: until then the program's ID, which is also that of
// its group, cannot be given to another process.
func (p *Process) wait() {
	const byPID = 1 // P_PID of waitid(2)
	var info [128]byte
	for {
		_, _, errno := syscall.Syscall6(syscall.SYS_WAITID, byPID, uintptr(p.PID()),
			uintptr(unsafe.Pointer(&info)), syscall.WEXITED|syscall.WNOWAIT, 0, 0)
		if errno != syscall.EINTR {
			break // any other error comes again from Wait
		}
	}
	p.forget()
	_ = p.cmd.Wait() // its error repeats the exit status
}
