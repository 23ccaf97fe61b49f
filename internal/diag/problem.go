package diag

import (
	"cmp"
	"fmt"
	"slices"
)

// Problem is one mistake at one place.
type Problem struct {
	File   string // as the user named it
	Line   int    // 0: the file as a whole, or something that is not a file
	Column int    // in characters; 0: the line as a whole
	What   string // what is wrong
	Do     string // what to do about it; "" if What says so
	Source string // the text of the line
	// Warning: what is wrong may be meant so.
	Warning bool
	Err     error // the failure behind it, for errors.Is and errors.As; nil if there is none
}

// Error gives the problem on one line, file:line:column: what; what to do, with
// the word warning before what if it is one.
func (p Problem) Error() string {
	text := p.What
	if p.Warning {
		text = "warning: " + text
	}
	if p.Do != "" {
		text += "; " + p.Do
	}
	switch {
	case p.File == "":
		return text
	case p.Line == 0:
		return fmt.Sprintf("%s: %s", p.File, text)
	case p.Column == 0:
		return fmt.Sprintf("%s:%d: %s", p.File, p.Line, text)
	}
	return fmt.Sprintf("%s:%d:%d: %s", p.File, p.Line, p.Column, text)
}

// Unwrap returns the failure behind the problem.
func (p Problem) Unwrap() error { return p.Err }

// List is a number of problems. As an error it must not be empty.
type List []Problem

// Sort brings the problems into the order of their places, and drops those
// that say the same of the same place.
func (l *List) Sort() {
	slices.SortStableFunc(*l, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	*l = slices.CompactFunc(*l, func(a, b Problem) bool { return a.Error() == b.Error() })
}

// Error gives the problems, one a line.
func (l List) Error() string {
	text := ""
	for i, p := range l {
		if i > 0 {
			text += "\n"
		}
		text += p.Error()
	}
	return text
}

// Unwrap returns the failures behind the problems.
func (l List) Unwrap() []error {
	var errs []error
	for _, p := range l {
		if p.Err != nil {
			errs = append(errs, p.Err)
		}
	}
	return errs
}
