// Package peertest helps tests that run against real Python peers.
package peertest

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// Python returns the Python of the virtual environment that peers/setup.sh
// makes. Where it is missing the test is skipped; in continuous integration
// (CI=true) it fails.
func Python(t testing.TB) string {
	t.Helper()
	return installed(t, filepath.Join("bin", "python"))
}

// DES returns the folder with the discrete-event kernels of
// peers/requirements-des.txt, for the PYTHONPATH of that Python. See Python for
// what happens where it is missing.
func DES(t testing.TB) string {
	t.Helper()
	return filepath.Dir(installed(t, filepath.Join("des", "requirements.installed")))
}

func installed(t testing.TB, file string) string {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("the peers are only set up on Unix")
	}
	path := filepath.Join(root(t), ".venv", file)
	if _, err := os.Stat(path); err != nil {
		const what = "the Python peers are not installed; run: make peers"
		if os.Getenv("CI") == "true" {
			t.Fatal(what)
		}
		t.Skip(what)
	}
	return path
}

// root is the folder of go.mod, above the one in which go test runs.
func root(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		up := filepath.Dir(dir)
		if up == dir {
			t.Fatal("there is no go.mod here or above")
		}
		dir = up
	}
}
