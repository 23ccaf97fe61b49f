package diag

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// maxSource is how much of a line is shown, in characters.
const maxSource = 160

// Render writes the problems for people to read, each with its line and a mark
// under the place, and at the end how many there are.
func (l List) Render(w io.Writer) error {
	if err := l.RenderEach(w); err != nil {
		return err
	}
	plural := "s"
	if len(l) == 1 {
		plural = ""
	}
	_, err := fmt.Fprintf(w, "%d problem%s, nothing was run\n", len(l), plural)
	return err
}

// RenderEach is Render without the last line: for warnings.
func (l List) RenderEach(w io.Writer) error {
	for _, p := range l {
		if _, err := fmt.Fprintf(w, "%s\n%s", p.Error(), p.excerpt()); err != nil {
			return err
		}
	}
	return nil
}

// excerpt shows the line of the problem and a mark under its column.
func (p Problem) excerpt() string {
	if p.Line == 0 || p.Column == 0 || strings.TrimSpace(p.Source) == "" || p.Column > maxSource {
		return ""
	}
	var shown, before strings.Builder
	n := 0
	for _, r := range p.Source {
		if n++; n > maxSource {
			shown.WriteString("...")
			break
		}
		if r != '\t' && (r < ' ' || r == 0x7f || r == utf8.RuneError) {
			r = '?' // a terminal would act on it
		}
		shown.WriteRune(r)
		if n < p.Column {
			if r != '\t' { // a tab keeps the mark under its place, however wide it is
				r = ' '
			}
			before.WriteRune(r)
		}
	}
	return fmt.Sprintf("%5d | %s\n      | %s^\n", p.Line, shown.String(), before.String())
}
