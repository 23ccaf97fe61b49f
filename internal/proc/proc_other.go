//go:build !linux

package proc

// wait waits for the program's exit and kills what is left of its group. (There
// is no reliable way here to learn of the exit without collecting the status, so
// the ID of the group is used just after it has become free.)
func (p *Process) wait() {
	_ = p.cmd.Wait() // its error repeats the exit status
	p.forget()
}
