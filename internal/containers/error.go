package containers

import (
	"fmt"
	"strings"
)

// Error is a failure of a container with what helps to find its cause: what became
// of its process, and what that last said.
type Error struct {
	Name string // of the container
	Err  error

	hint    string
	process string
	output  []string // the last lines
	log     string
}

func (e *Error) Unwrap() error { return e.Err }

func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "container %q: %v", e.Name, e.Err)
	if e.hint != "" {
		fmt.Fprintf(&b, "; %s", e.hint)
	}
	if e.process != "" {
		fmt.Fprintf(&b, " (%s)", e.process)
	}
	if len(e.output) > 0 {
		fmt.Fprintf(&b, "\n  its last output:\n    %s", strings.Join(e.output, "\n    "))
	}
	if e.log != "" {
		fmt.Fprintf(&b, "\n  its log: %s", e.log)
	}
	return b.String()
}
