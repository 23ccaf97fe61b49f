package peertest

import (
	"os"
	"os/exec"
	"regexp"
	"testing"
)

var newEnough = regexp.MustCompile(`(?m)^jdk\.compiler@(1[7-9]|[2-9]\d)\b`)

// Java returns a Java that runs single source files. Where there is none the test is
// skipped; in continuous integration (CI=true) it fails.
func Java(t testing.TB) string {
	t.Helper()
	java, err := exec.LookPath("java")
	// A file of that name is not enough: it may be a stub that asks to install one, or
	// have no compiler.
	var modules []byte
	if err == nil {
		modules, err = exec.Command(java, "--list-modules").Output()
	}
	if err != nil || !newEnough.Match(modules) {
		const what = "there is no Java of version 17 or newer; install one (Debian: openjdk-17-jdk-headless)"
		if os.Getenv("CI") == "true" {
			t.Fatal(what)
		}
		t.Skip(what)
	}
	return java
}
