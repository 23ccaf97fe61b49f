package sim

import (
	"fmt"
	"runtime/debug"
)

// guard makes an error of a panic in a simulator's code. On a goroutine of ours
// nobody else could recover it, and nothing would be stopped and cleaned up.
func guard(do func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return do()
}
