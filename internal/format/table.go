package format

import (
	"io"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Table is text in columns. The zero Table is empty.
type Table struct {
	// Right has an R for each column to align right; others, and what is beyond
	// it, are aligned left. " RR" aligns the second and the third right.
	Right string
	// Indent begins each line.
	Indent string

	rows [][]string
}

// Row adds a row. Rows may differ in length. Control characters, which names from other
// programs may have, become escapes such as \n: they must not move what a terminal shows.
func (t *Table) Row(cells ...string) {
	row := make([]string, len(cells))
	for i, cell := range cells {
		if row[i] = cell; strings.ContainsFunc(cell, unicode.IsControl) {
			row[i] = escaped(cell)
		}
	}
	t.rows = append(t.rows, row)
}

func escaped(text string) string {
	var b strings.Builder
	for _, r := range text {
		if unicode.IsControl(r) {
			b.WriteString(strings.Trim(strconv.QuoteRune(r), "'"))
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// WriteTo writes the table, columns two spaces apart, without trailing spaces.
func (t *Table) WriteTo(w io.Writer) (int64, error) {
	var widths []int
	for _, row := range t.rows {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	var b strings.Builder
	for _, row := range t.rows {
		var line strings.Builder
		for i, cell := range row {
			if i > 0 {
				line.WriteString("  ")
			}
			pad := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell))
			if i < len(t.Right) && t.Right[i] == 'R' {
				line.WriteString(pad + cell)
			} else {
				line.WriteString(cell + pad)
			}
		}
		if text := strings.TrimRight(line.String(), " "); text != "" {
			b.WriteString(t.Indent + text)
		}
		b.WriteByte('\n')
	}
	n, err := io.WriteString(w, b.String())
	return int64(n), err
}
