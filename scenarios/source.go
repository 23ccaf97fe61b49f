package scenarios

import (
	"fmt"
	"strings"
	"unicode/utf8"

	yaml "go.yaml.in/yaml/v4"

	"github.com/simrun/simrun/internal/diag"
)

// source is the text of a scenario file, and what is wrong with it.
type source struct {
	name     string // as the user named it
	lines    []string
	problems diag.List
}

func newSource(name string, text []byte) *source {
	lines := strings.Split(string(text), "\n")
	for i := range lines {
		lines[i] = strings.TrimSuffix(lines[i], "\r")
	}
	return &source{name: name, lines: lines}
}

// bad notes a problem at a node.
func (s *source) bad(n *yaml.Node, do, what string, args ...any) {
	s.problems = append(s.problems, s.problem(n, do, what, args...))
}

// badIn notes a problem inside the text of a scalar.
func (s *source) badIn(n *yaml.Node, offset int, do, what string, args ...any) {
	p := s.problem(n, do, what, args...)
	p.Column += s.shift(n, offset)
	s.problems = append(s.problems, p)
}

func (s *source) problem(n *yaml.Node, do, what string, args ...any) diag.Problem {
	return s.problemAt(n.Line, n.Column, do, fmt.Sprintf(what, args...))
}

// warning is a problem that does not keep a scenario from running.
func (s *source) warning(n *yaml.Node, do, what string, args ...any) diag.Problem {
	p := s.problem(n, do, what, args...)
	p.Warning = true
	return p
}

func (s *source) problemAt(line, column int, do, what string) diag.Problem {
	return diag.Problem{File: s.name, Line: line, Column: column, What: what, Do: do, Source: s.line(line)}
}

func (s *source) line(number int) string {
	if number < 1 || number > len(s.lines) {
		return ""
	}
	return s.lines[number-1]
}

// shift is how many columns after the start of a scalar the character of the
// given byte offset in its value is. It is 0 where the text of the file differs from
// the value (escapes, several lines).
func (s *source) shift(n *yaml.Node, offset int) int {
	rest := s.line(n.Line)
	for range n.Column - 1 {
		_, size := utf8.DecodeRuneInString(rest)
		rest = rest[size:]
	}
	quote := 0
	if n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0 && rest != "" {
		quote, rest = 1, rest[1:]
	}
	if offset > len(n.Value) || !strings.HasPrefix(rest, n.Value[:offset]) {
		return 0
	}
	return quote + utf8.RuneCountInString(n.Value[:offset])
}
