package proc

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// Config says what to start.
type Config struct {
	// Args are the program and its arguments. A program without a slash is
	// looked up in PATH, one with a relative path in Dir and then in the working
	// directory of this process.
	Args []string
	// Dir is the working directory. Default: that of this process.
	Dir string
	// Env is added to the environment of this process, as NAME=value.
	Env []string
	// Log is the file that gets standard output and standard error; its folder
	// is made if need be, an old file is overwritten. Without one the output
	// goes to a temporary file that is gone after the exit.
	Log string
	// Scratch is a folder that is there for the program only, such as that of its
	// socket. It is removed after the exit, and if the program cannot be started.
	// Default: none.
	Scratch string
}

// Process is a program that was started. Its methods may be called from any
// goroutine.
type Process struct {
	cmd     *exec.Cmd
	log     string // where the output goes
	temp    bool   // log is a temporary file
	scratch string // to be removed; "": nothing

	done  chan struct{}
	state *os.ProcessState         // valid when done is closed
	tail  atomic.Pointer[[]string] // of a temporary log, set before that is removed
}

// Start starts a program. Its standard input is empty. The error says if the
// program does not exist or the log cannot be written.
func Start(cfg Config) (*Process, error) {
	p, err := start(cfg)
	if err != nil {
		removeScratch(cfg.Scratch)
	}
	return p, err
}

func start(cfg Config) (*Process, error) {
	if len(cfg.Args) == 0 {
		return nil, errors.New("no program to start: the command is empty")
	}
	if err := Find(cfg.Args[0], cfg.Dir); err != nil {
		return nil, err
	}
	cmd := exec.Command(locate(cfg.Args[0], cfg.Dir), cfg.Args[1:]...)
	cmd.Dir = cfg.Dir
	cmd.Env = append(os.Environ(), cfg.Env...)
	cmd.SysProcAttr = attributes()
	out, err := openLog(cfg.Log)
	if err != nil {
		return nil, err
	}
	cmd.Stdout, cmd.Stderr = out, out
	p := &Process{cmd: cmd, log: out.Name(), temp: cfg.Log == "", scratch: cfg.Scratch, done: make(chan struct{})}
	started := make(chan error)
	go p.run(started)
	err = <-started
	closeErr := out.Close() // the child has a descriptor of its own
	if err != nil {
		if p.temp {
			_ = os.Remove(p.log) // the error that matters is that of starting
		}
		return nil, fmt.Errorf("start %s: %w", cfg.Args[0], err)
	}
	if closeErr != nil {
		p.kill()
		<-p.done
		return nil, fmt.Errorf("log file: %w", closeErr)
	}
	return p, nil
}

func openLog(path string) (*os.File, error) {
	if path == "" {
		f, err := os.CreateTemp("", "simrun-*.log")
		if err != nil {
			return nil, fmt.Errorf("log file: %w", err)
		}
		return f, nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return nil, fmt.Errorf("log file: %w", err)
	}
	// Appending, so that two writers, standard output and error, do not
	// overwrite each other.
	f, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY|os.O_APPEND, 0o666)
	if err != nil {
		return nil, fmt.Errorf("log file: %w", err)
	}
	return f, nil
}

// run starts the program and waits for its end, both on one thread: on Linux the
// child is killed when the thread that started it ends (PR_SET_PDEATHSIG), so
// this thread must live as long as the child.
func (p *Process) run(started chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := p.start(); err != nil {
		started <- err
		return
	}
	started <- nil
	p.wait()
	p.state = p.cmd.ProcessState
	if p.temp {
		tail := readTail(p.log)
		p.tail.Store(&tail)
		_ = os.Remove(p.log) // left to the system's cleaning of temporary files otherwise
	}
	removeScratch(p.scratch)
	close(p.done)
}

func removeScratch(dir string) {
	if dir != "" {
		_ = os.RemoveAll(dir) // as above
	}
}

// start starts the program and makes it known, as one step that KillAll cannot
// come between.
func (p *Process) start() error {
	registry.Lock()
	defer registry.Unlock()
	if registry.closed {
		return errors.New("this program is about to exit")
	}
	if err := p.cmd.Start(); err != nil {
		return err
	}
	registry.running[p] = true
	return nil
}

// PID is the process ID.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Done returns a channel that is closed when the program has exited and nothing
// is left of its group.
func (p *Process) Done() <-chan struct{} { return p.done }

// Exited reports whether Done is closed.
func (p *Process) Exited() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// Status says how the program ended: "exited with status 3", "was ended by a
// signal (killed)", or "was still running", since
// by the time that somebody reads it the program will have been ended.
func (p *Process) Status() string {
	switch {
	case !p.Exited():
		return "was still running"
	case p.state.ExitCode() >= 0:
		return fmt.Sprintf("exited with status %d", p.state.ExitCode())
	}
	return fmt.Sprintf("was ended by a %s", p.state)
}

// Success reports whether the program has exited with status 0.
func (p *Process) Success() bool { return p.Exited() && p.state.Success() }

// Log is the path of the log file, "" if it is a temporary one.
func (p *Process) Log() string {
	if p.temp {
		return ""
	}
	return p.log
}

// Tail returns the last lines of the output so far, at most TailLines.
func (p *Process) Tail() []string {
	lines := readTail(p.log)
	if tail := p.tail.Load(); tail != nil {
		return *tail // the file may be gone
	}
	return lines
}

// Stop ends the program: it asks (SIGTERM to the group), waits for grace, or
// until ctx ends, and then kills (SIGKILL to the group). It returns when the
// program has exited and reports whether it had to be killed. To be asked more
// gently than by a signal, a program is asked before Stop is called.
func (p *Process) Stop(ctx context.Context, grace time.Duration) (killed bool) {
	if !p.Exited() && grace > 0 {
		p.terminate()
		timer := time.NewTimer(grace)
		defer timer.Stop()
		select {
		case <-p.done:
		case <-timer.C:
		case <-ctx.Done():
		}
	}
	if killed = !p.Exited(); killed {
		p.kill()
	}
	<-p.done
	return killed
}

// kill ends the program and its group at once.
func (p *Process) kill() {
	registry.Lock()
	defer registry.Unlock()
	// While p is registered it has not been waited for, so that its ID cannot
	// have been given to another process.
	if registry.running[p] {
		p.killGroup()
	}
}

// terminate asks the program and its group to exit.
func (p *Process) terminate() {
	registry.Lock()
	defer registry.Unlock()
	if registry.running[p] {
		p.terminateGroup()
	}
}

// forget takes the process out of the registry, after killing what the program
// started and left behind.
func (p *Process) forget() {
	registry.Lock()
	defer registry.Unlock()
	p.killGroup()
	delete(registry.running, p)
}

// registry holds the processes that have not been waited for.
var registry = struct {
	sync.Mutex
	running map[*Process]bool
	closed  bool // by KillAll
}{running: map[*Process]bool{}}

// KillAll kills all running processes and their groups and waits until they are
// gone. From then on none can be started: it is for a program about to exit.
func KillAll() {
	registry.Lock()
	registry.closed = true
	var all []*Process
	for p := range registry.running {
		p.killGroup()
		all = append(all, p)
	}
	registry.Unlock()
	for _, p := range all {
		<-p.done
	}
}
