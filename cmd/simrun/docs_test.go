package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The examples in the documentation are run, those of one page in one folder.
// A line that begins with a dollar sign is a command for the shell, the lines
// below it are what it prints, "[exit code 2]" is its exit code if that is not
// 0, and "..." stands for any number of lines.
func TestDocs(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the examples are for a Unix shell")
	}
	for _, page := range []string{"cli.md", "trace.md", "profile.md", "tutorial.md"} {
		t.Run(page, func(t *testing.T) {
			text, err := os.ReadFile(filepath.Join("..", "..", "docs", page))
			require.NoError(t, err)
			dir := t.TempDir()
			examples := examplesIn(string(text))
			require.NotEmpty(t, examples)
			for _, e := range examples {
				got := shell(t, dir, e.command)
				assert.Regexp(t, e.pattern(), e.alike(got), "line %d: %s", e.line, e.command)
			}
		})
	}
}

type example struct {
	line    int // in the page
	command string
	prints  []string
}

func examplesIn(text string) []example {
	var all []example
	inside := false
	for i, line := range strings.Split(text, "\n") {
		command, isCommand := strings.CutPrefix(line, "$ ")
		switch {
		case strings.HasPrefix(line, "```"):
			inside = line == "```console"
		case inside && isCommand:
			all = append(all, example{line: i + 1, command: command})
		case inside:
			last := &all[len(all)-1]
			last.prints = append(last.prints, line)
		}
	}
	return all
}

// pattern matches what the example prints.
func (e *example) pattern() string {
	pattern := `^`
	for _, line := range e.prints {
		if line == "..." {
			pattern += `(.*\n)*`
		} else {
			pattern += regexp.QuoteMeta(alike(line)) + `\n`
		}
	}
	return pattern + `$`
}

// bottleneck matches what a run of a second and more adds to its summary.
var bottleneck = regexp.MustCompile(`\n\n[^\n]*% of the time[^\n]*\n`)

// alike is alike for what the command printed. On a busy machine any run may take a
// second, and say what has taken it, where the example does not.
func (e *example) alike(got string) string {
	if !slices.ContainsFunc(e.prints, func(line string) bool { return strings.Contains(line, "% of the time") }) {
		got = bottleneck.ReplaceAllString(got, "\n")
	}
	return alike(got)
}

// measured matches what differs from run to run: durations, speeds, and the
// room that they take.
var measured = regexp.MustCompile(` +[0-9.]+ (us|ms|s)\b| +-$|, [0-9.]+ ?([a-z]+ )?x real time|(set up|own time|waiting|messaging)`)

// alike replaces what differs from run to run, and the white space around it.
func alike(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if measured.MatchString(line) {
			lines[i] = strings.Join(strings.Fields(measured.ReplaceAllString(line, " *")), " ")
		}
	}
	return strings.Join(lines, "\n")
}

// shell runs a command and returns what it prints, with its exit code if that
// is not 0.
func shell(t *testing.T, dir, command string) string {
	t.Helper()
	cmd := exec.Command("sh", "-c", command)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	var status *exec.ExitError
	if errors.As(err, &status) {
		return fmt.Sprintf("%s[exit code %d]\n", out, status.ExitCode())
	}
	require.NoError(t, err)
	return string(out)
}

func TestAlike(t *testing.T) {
	one := alike("  load   192  0.13 ms   0.35 ms  10.55 ms          -\nfirst: 2 d of virtual time in 2.43 ms, 71.2 million x real time\n")
	other := alike("  load   192  1.13 s     0.35 s   0.55 s           -\nfirst: 2 d of virtual time in 243 us, 712 thousand x real time\n")
	assert.Equal(t, one, other)
	quick := "  load   192  1.13 s     0.35 s   0.55 s           -\n\n  recorded\n"
	slow := strings.Replace(quick, "\n\n", "\n\n57% of the time is load's own steps (192, 1 ms each).\n\n", 1)
	assert.Equal(t, alike(quick), (&example{}).alike(slow))
	assert.NotEqual(t, alike(quick), (&example{prints: []string{"80% of the time is load's."}}).alike(slow))
	assert.NotEqual(t, one, alike("  load   193  0.13 ms   0.35 ms  10.55 ms          -\nfirst: 2 d of virtual time in 2.43 ms, 71.2 million x real time\n"))
}
