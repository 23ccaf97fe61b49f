package unit

import (
	"fmt"
	"strings"
)

// mismatch is the error for two units that do not measure the same.
func mismatch(from, to Unit) error {
	quantity, other := from.Dimension(), to.Dimension()
	if from.dimension.base == to.dimension.base {
		// W against var or VA: "power" alone would hide the difference.
		switch {
		case isReactiveOrApparent(to.dimension) && len(from.dimension.customs) == 0:
			quantity = "active " + quantity
		case isReactiveOrApparent(from.dimension) && len(to.dimension.customs) == 0:
			other = "active " + other
		}
	}
	advice := "give what measures the same, or correct one of the units"
	if hints := append(unknownWords(from), unknownWords(to)...); len(hints) > 0 {
		advice = strings.Join(hints, "; ")
	}
	return fmt.Errorf("cannot convert %s to %s: %s is not %s; %s", from, to, quantity, other, advice)
}

func isReactiveOrApparent(d dimension) bool {
	return len(d.customs) == 1 && (d.customs[0].name == reactive || d.customs[0].name == apparent)
}

// unknownWords explains the words in u that are not known here.
func unknownWords(u Unit) []string {
	var hints []string
	for _, c := range u.dimension.customs {
		switch c.name {
		case reactive, apparent, money:
			continue
		}
		hint := fmt.Sprintf("%q is not a known unit, so it equals only itself", c.name)
		if symbol := similar(c.name); symbol != "" {
			hint += fmt.Sprintf(" (did you mean %s?)", symbol)
		}
		hints = append(hints, hint)
	}
	return hints
}
