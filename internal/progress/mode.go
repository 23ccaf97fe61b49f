package progress

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"golang.org/x/term"
)

// Mode says how progress is shown.
type Mode string

// The modes.
const (
	Auto  Mode = "auto"  // a bar on a terminal, plain lines elsewhere
	Plain Mode = "plain" // a plain line every PlainEvery
	JSON  Mode = "json"  // an object on a line every JSONEvery, and one at the end
	None  Mode = "none"  // nothing
	bar   Mode = "bar"   // what Auto becomes on a terminal
)

// Modes lists what a user can ask for.
func Modes() []string { return []string{string(Auto), string(Plain), string(JSON), string(None)} }

// ParseMode reads what a user asked for.
func ParseMode(text string) (Mode, error) {
	if !slices.Contains(Modes(), text) {
		return "", fmt.Errorf("%q is no way to show progress; choose one of %s", text, strings.Join(Modes(), ", "))
	}
	return Mode(text), nil
}

// On decides how mode is shown on out: a bar needs a terminal that can move
// its cursor. getenv is os.Getenv.
func (m Mode) On(out any, getenv func(string) string) Mode {
	if m != Auto {
		return m
	}
	if f, ok := out.(*os.File); ok && term.IsTerminal(int(f.Fd())) && getenv("TERM") != "dumb" {
		return bar
	}
	return Plain
}
