package scheduler

import (
	"fmt"
	"path"
	"strings"
)

// PanicError is a panic in a handler or in a process.
type PanicError struct {
	Value any
	Stack []byte // of the goroutine that panicked, as debug.Stack gives it
}

// Error gives the value of the panic, and its place as "panic: bang (main.go:39)", see
// Place.
func (e *PanicError) Error() string {
	if place := e.Place(); place != "" {
		return fmt.Sprintf("panic: %v (%s)", e.Value, place)
	}
	return fmt.Sprintf("panic: %v", e.Value)
}

// Unwrap returns the value of the panic if it is an error.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}

// between are the packages whose functions stand between the code that can be at
// fault and the panic: Go's own, and those that refuse what they are given.
var between = []string{
	"runtime.",
	"github.com/simrun/simrun/container.",
	"github.com/simrun/simrun/scheduler.",
	"github.com/simrun/simrun/sim.",
	"github.com/simrun/simrun/sim/process.",
	"github.com/simrun/simrun/sim/random.",
	"github.com/simrun/simrun/sim/stat.",
}

// Place returns the file and line of the code that panicked, or that made one of this
// module's functions panic, without the folder of the file; "" if the stack does not
// tell.
func (e *PanicError) Place() string {
	// Before its own frames a stack has those that print and recover.
	_, stack, _ := strings.Cut(string(e.Stack), "\npanic(")
	lines := strings.Split(stack, "\n")
	for i := 2; i+1 < len(lines); i += 2 { // a function, then its place
		if hasAnyPrefix(lines[i], between) {
			continue
		}
		place, _, _ := strings.Cut(strings.TrimSpace(lines[i+1]), " +0x")
		return path.Base(strings.ReplaceAll(place, "\\", "/"))
	}
	return ""
}

func hasAnyPrefix(s string, prefixes []string) bool {
	for _, p := range prefixes {
		if strings.HasPrefix(s, p) {
			return true
		}
	}
	return false
}
