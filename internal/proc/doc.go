// Package proc runs child processes that never outlive their owner.
//
// # Model
//
// A [Process] is one program, started with [Start] in a process group of its
// own, so that a Ctrl-C at the terminal does not reach it and so that it can be
// stopped together with whatever it started itself. Its output goes to a log
// file, directly and without passing through this process; [Process.Tail] reads
// the last lines back for an error message.
//
// # Guarantees
//
// When the program has exited, for whatever reason, what is left of its group is
// killed; then [Process.Done] is closed. [Process.Stop] returns after that.
//
// All running processes are known to the package: [KillAll] ends them, for a
// program that must exit at once. Where that cannot run, because this process was
// killed: on Linux the kernel kills the program too (but not what it started
// itself); elsewhere it lives until it notices that its connection has ended.
//
// On Windows there are no process groups of this kind; the tree of processes is
// ended with taskkill.
package proc
