//go:build unix

package proc_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/internal/proc"
)

// diesWithOwner: the kernel kills children of a process that was killed.
const diesWithOwner = runtime.GOOS == "linux"

func mkfifo(t *testing.T, path string) { require.NoError(t, syscall.Mkfifo(path, 0o600)) }

// play is what the test binary does when it is started as a program.
func play(role string) {
	out := os.Stdout
	if fifo := os.Getenv("FIFO"); fifo != "" {
		var err error
		if out, err = os.OpenFile(fifo, os.O_WRONLY, 0); err != nil {
			panic(err)
		}
	}
	switch role {
	case "fail":
		fmt.Println("to stdout")
		fmt.Fprintln(os.Stderr, "to stderr")
		os.Exit(3)
	case "chatter":
		w := bufio.NewWriter(os.Stdout)
		for i := range 100000 {
			fmt.Fprintln(w, "line", i)
		}
		w.Flush()
	case "longline":
		for range 1000 {
			fmt.Print("abcd")
		}
	case "where":
		dir, _ := os.Getwd()
		fmt.Printf("%s\n%s\n", dir, os.Getenv("FOO"))
	case "sleep":
		fmt.Fprintln(out, "ready")
		hang()
	case "stubborn":
		signal.Ignore(syscall.SIGTERM)
		fmt.Fprintln(out, "grandchild ready")
		fmt.Println("ready")
		hang()
	case "stubborn-parent", "leaving-parent":
		signal.Ignore(syscall.SIGTERM)
		child := exec.Command(os.Args[0])
		child.Env = append(os.Environ(), roleVar+"=stubborn")
		ready, err := child.StdoutPipe()
		if err != nil {
			panic(err)
		}
		if err := child.Start(); err != nil {
			panic(err)
		}
		// Not to exit before the child is what it is meant to be.
		if _, err := ready.Read(make([]byte, 1)); err != nil {
			panic(err)
		}
		if role == "stubborn-parent" {
			hang()
		}
	case "owner":
		// Descriptor 3 is the pipe; the child opens it by its name in /proc.
		child, err := proc.Start(proc.Config{Args: []string{os.Args[0]}, Env: []string{roleVar + "=sleep", fmt.Sprintf("FIFO=/proc/%d/fd/3", os.Getpid())}})
		if err != nil {
			panic(err)
		}
		<-child.Done()
	case "killall":
		cfg := proc.Config{Args: []string{os.Args[0]}, Env: []string{roleVar + "=stubborn"}}
		a, err := proc.Start(cfg)
		if err != nil {
			panic(err)
		}
		b, err := proc.Start(cfg)
		if err != nil {
			panic(err)
		}
		proc.KillAll()
		fmt.Println(a.Status())
		fmt.Println(b.Status())
		_, err = proc.Start(cfg)
		fmt.Println(strings.Replace(err.Error(), os.Args[0], "it", 1))
	}
	os.Exit(0)
}

// hang waits to be killed.
func hang() {
	c := make(chan os.Signal, 1)
	signal.Notify(c, syscall.SIGUSR1)
	<-c
}
