package bench

import (
	"fmt"
	"io"
	"slices"

	"github.com/simrun/simrun/internal/format"
)

// Bar is a promise about the median, over the rounds, of a figure or of the ratio of two in a round.
type Bar struct {
	Name   string
	Unit   string // of the value: ratio, ns and so on
	Of     string // a figure
	To     string // the figure that Of is divided by, if any
	Target float64
	Most   bool   // the target is the most that is promised; otherwise the least
	Title  string // of a line in the table for the value, if there is to be one
}

// Ratio promises that one figure is at least target times another. Where figures
// are times, the peer's is of and our own is to.
func Ratio(name, of, to string, target float64) Bar {
	return Bar{Name: name, Unit: "ratio", Of: of, To: to, Target: target}
}

// values returns what the bar is about, for each round; none if it was not measured.
func (b *Bar) values(f *figures) []float64 {
	values := slices.Clone(f.values[b.Of])
	if b.To == "" {
		return values
	}
	to := f.values[b.To]
	if to == nil {
		return nil
	}
	for i := range values {
		values[i] /= to[i]
	}
	return values
}

// number writes a value of the bar: a ratio always has two decimals.
func (b *Bar) number(value float64) string {
	if b.Unit == "ratio" {
		return fmt.Sprintf("%.2f", value)
	}
	return format.Number(value)
}

// met reports whether the value is what is promised. NaN is not.
func (b *Bar) met(value float64) bool {
	if b.Most {
		return value <= b.Target
	}
	return value >= b.Target
}

// figures are what was measured, by name, a value for each round.
type figures struct {
	names  []string // in their order in the table
	values map[string][]float64
}

// report prints the table and the bars, and reports whether all bars are met.
func (f *figures) report(w io.Writer, title string, bars []Bar) (met bool, err error) {
	table := format.Table{Right: " RRR"}
	table.Row(title, "median", "least", "most")
	row := func(title string, values []float64) {
		table.Row(title, format.Number(median(values)), format.Number(slices.Min(values)), format.Number(slices.Max(values)))
	}
	for _, name := range f.names {
		row(name, f.values[name])
	}
	for _, b := range bars {
		if values := b.values(f); values != nil && b.Title != "" {
			row(b.Title, values)
		}
	}
	if _, err := table.WriteTo(w); err != nil {
		return false, err
	}
	met = true
	for _, b := range bars {
		values := b.values(f)
		if values == nil {
			continue
		}
		value, verdict := median(values), "ok"
		if !b.met(value) {
			met, verdict = false, "short"
		}
		if _, err := fmt.Fprintf(w, "bar %s %s %s target %s %s\n", b.Name, b.Unit, b.number(value), b.number(b.Target), verdict); err != nil {
			return false, err
		}
	}
	return met, nil
}

// median is the middle value, or the mean of the two in the middle.
func median(values []float64) float64 {
	s := slices.Sorted(slices.Values(values))
	return (s[(len(s)-1)/2] + s[len(s)/2]) / 2
}
