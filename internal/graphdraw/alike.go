package graphdraw

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/simrun/simrun/internal/format"
	"github.com/simrun/simrun/sim"
)

// mostRounds is how far from each other simulators are compared: those in the middle of
// a row of thousands, each connected to the next one, count as alike.
const mostRounds = 32

// alike numbers the simulators of a world: those of the same models that are connected in
// the same way, to some that are alike in turn, have one number. It refines colours (as
// Weisfeiler and Leman do): at first models tell simulators apart, then to which of them they
// are connected and how, until nothing changes. If counted, it also matters how many entities
// and connections there are.
func alike(instances []*sim.Instance, connections []sim.Connection, counted bool) (numbers []int, n int) {
	kinds := func(texts []string) []string {
		slices.Sort(texts)
		if counted {
			return texts
		}
		return slices.Compact(texts)
	}
	of := make(map[*sim.Entity]int)
	texts := make([]string, len(instances))
	for i, in := range instances {
		var models []string
		for _, e := range in.Entities() {
			of[e] = i
			models = append(models, e.Model().Name)
		}
		texts[i] = strings.Join(kinds(models), "\x00")
	}
	colors, n := number(texts)
	for range mostRounds {
		wires := make([][]string, len(instances))
		for _, c := range connections {
			from, to := of[c.Source], of[c.Destination]
			how := fmt.Sprintf("%s.%s -> %s.%s %d %t", c.Source.Model().Name, c.SourceAttr, c.Destination.Model().Name, c.DestinationAttr, c.Shift, c.Weak)
			wires[from] = append(wires[from], fmt.Sprintf("to %d: %s", colors[to], how))
			wires[to] = append(wires[to], fmt.Sprintf("from %d: %s", colors[from], how))
		}
		for i := range texts {
			texts[i] = fmt.Sprint(colors[i], kinds(wires[i]))
		}
		before := n
		if colors, n = number(texts); n == before {
			break
		}
	}
	return colors, n
}

// number gives equal texts equal numbers, from 0 on in the order of their first ones.
func number(texts []string) (numbers []int, n int) {
	of := make(map[string]int)
	for _, text := range texts {
		if _, ok := of[text]; !ok {
			of[text] = len(of)
		}
		numbers = append(numbers, of[text])
	}
	return numbers, len(of)
}

// digits are what tells apart simulators that were named alike.
var digits = regexp.MustCompile(`[0-9]+`)

// title names the simulators of a box: load, house-* × 300, or pv, roof, ... × 5.
func title(names []string) string {
	if len(names) == 1 {
		return names[0]
	}
	var patterns []string
	for _, name := range names {
		if p := digits.ReplaceAllString(name, "*"); !slices.Contains(patterns, p) {
			if patterns = append(patterns, p); len(patterns) > 2 {
				patterns[2] = "..."
				break
			}
		}
	}
	return fmt.Sprintf("%s × %s", strings.Join(patterns, ", "), format.Count(int64(len(names))))
}
