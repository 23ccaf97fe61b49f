package mosaik_test

import (
	"os"
	"os/exec"
	"runtime"
	"strings"
)

// alive reports whether a process runs. One that has ended but has not been
// waited for by its parent does not.
func alive(pid string) bool {
	if runtime.GOOS == "linux" {
		status, err := os.ReadFile("/proc/" + pid + "/status")
		return err == nil && !strings.Contains(string(status), "State:\tZ")
	}
	out, err := exec.Command("ps", "-o", "stat=", "-p", pid).Output()
	return err == nil && !strings.HasPrefix(string(out), "Z")
}
