package mosaikimport

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// line is one line of the section connect, or several that differ in who is
// connected to whom only.
type line struct {
	from, to      *group
	output, input string
	options       options
	pairs         [][2]int
}

// options are those of a connection as the file has them.
type options struct {
	shift     string // "" without
	weak      bool
	initial   string // YAML; "" without
	transform string // "" without
	async     bool
}

// key says what connections of one line have in common.
type key struct {
	from, to      *group
	output, input string
	options       options
}

// input is an attribute of one entity.
type input struct {
	entity int
	attr   string
}

// connect gathers the connections to lines. Their order changes only where it does
// not matter: the sources of one input keep theirs, in which simulators add them up.
func (t *translator) connect() {
	t.allowRequests()
	made := make(map[string]options)
	latest := make(map[key]int)    // the last line of a kind
	feeding := make(map[input]int) // the last line that leads to an input
	for _, c := range t.Connections {
		o := t.options(c)
		src, dest := t.places[c.Source], t.places[c.Destination]
		t.use(src.group)
		t.use(dest.group)
		text := fmt.Sprintf("%d.%s -> %d.%s", c.Source, c.Output, c.Destination, c.Input)
		if before, again := made[text]; again {
			if before != o {
				t.problem(c.Place, "%s is connected to %s twice, differently; a scenario file has one connection between two attributes",
					side(src.group, [2]int{src.index, src.index}, c.Output), side(dest.group, [2]int{dest.index, dest.index}, c.Input))
			}
			continue
		}
		made[text] = o
		k := key{src.group, dest.group, c.Output, c.Input, o}
		in := input{c.Destination, c.Input}
		at, ok := latest[k]
		if fed, isFed := feeding[in]; !ok || isFed && fed > at {
			at = len(t.lines)
			t.lines = append(t.lines, &line{from: src.group, to: dest.group, output: c.Output, input: c.Input, options: o})
			latest[k] = at
		}
		t.lines[at].pairs = append(t.lines[at].pairs, [2]int{src.index, dest.index})
		feeding[in] = at
	}
}

// allowRequests marks the connections over which simulators may ask for data
// and set some: all that the two have, or one without attributes if they have none.
func (t *translator) allowRequests() {
	simulatorOf := make(map[int]string)
	var walk func(id string, all []entity)
	walk = func(id string, all []entity) {
		for _, e := range all {
			simulatorOf[e.Handle] = id
			walk(id, e.Children)
		}
	}
	for _, c := range t.Creations {
		walk(c.Simulator, c.Entities)
	}
	allowed := make(map[[2]string]bool)
	for _, c := range t.Connections {
		allowed[[2]string{simulatorOf[c.Source], simulatorOf[c.Destination]}] = false
	}
	var alone []connection
	for _, r := range t.Requests {
		both := [2]string{simulatorOf[r.Source], simulatorOf[r.Destination]}
		if _, connected := allowed[both]; connected {
			allowed[both] = true
		} else {
			alone = append(alone, connection{Place: r.Place, Source: r.Source, Destination: r.Destination, async: true})
		}
	}
	for i, c := range t.Connections {
		if allowed[[2]string{simulatorOf[c.Source], simulatorOf[c.Destination]}] {
			t.Connections[i].async = true
		}
	}
	t.Connections = append(t.Connections, alone...)
}

func (t *translator) options(c connection) options {
	o := options{weak: c.Weak, transform: c.Transform, async: c.async}
	if c.Shift != 0 {
		o.shift = t.steps(c.Place, "time_shifted", c.Shift)
	}
	if len(c.Initial) > 0 {
		o.initial = flow(c.Initial[0])
	}
	return o
}

// text writes the options, with how to pick pairs.
func (o options) text(pick string) string {
	var parts []string
	if o.shift != "" {
		parts = append(parts, "shift: "+o.shift)
	}
	if o.weak {
		parts = append(parts, "weak: true")
	}
	if o.initial != "" {
		parts = append(parts, "initial: "+o.initial)
	}
	if o.transform != "" {
		parts = append(parts, "transform: "+literal(o.transform))
	}
	if pick != "" {
		parts = append(parts, "pick: "+pick)
	}
	if o.async {
		parts = append(parts, "async: true")
	}
	if len(parts) == 0 {
		return ""
	}
	return ": {" + strings.Join(parts, ", ") + "}"
}

// stretch is who is connected to whom, as one line can say it.
type stretch struct {
	from, to [2]int // first and last index
	pick     string // "": pairwise, one to all, or all to one
}

// stretches splits pairs into as few lines as it finds. Pairs are all of one
// output and one input, so only the order of the sources of one entity
// counts.
func stretches(pairs [][2]int) []stretch {
	best := split(pairs)
	for _, order := range []func(a, b [2]int) int{
		func(a, b [2]int) int { return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1])) },
		func(a, b [2]int) int { return cmp.Or(cmp.Compare(a[1], b[1]), cmp.Compare(a[0], b[0])) },
	} {
		sorted := slices.SortedStableFunc(slices.Values(pairs), order)
		if !sameSources(pairs, sorted) {
			continue
		}
		if other := split(sorted); len(other) < len(best) {
			best = other
		}
	}
	return best
}

// sameSources reports whether every destination has its sources in the same
// order.
func sameSources(a, b [][2]int) bool {
	sources := func(pairs [][2]int) map[int][]int {
		by := make(map[int][]int)
		for _, p := range pairs {
			by[p[1]] = append(by[p[1]], p[0])
		}
		return by
	}
	inA, inB := sources(a), sources(b)
	for dest, list := range inA {
		if !slices.Equal(list, inB[dest]) {
			return false
		}
	}
	return true
}

// split takes the longest stretch that begins with the first pair, and so on;
// or all pairs as one, if they are a whole product or go round in turns.
func split(pairs [][2]int) []stretch {
	if s, ok := whole(pairs); ok {
		return []stretch{s}
	}
	var all []stretch
	for len(pairs) > 0 {
		best, longest := stretch{from: [2]int{pairs[0][0], pairs[0][0]}, to: [2]int{pairs[0][1], pairs[0][1]}}, 1
		for _, step := range [][2]int{{1, 1}, {0, 1}, {1, 0}} {
			n := 1
			for n < len(pairs) && pairs[n][0] == pairs[0][0]+n*step[0] && pairs[n][1] == pairs[0][1]+n*step[1] {
				n++
			}
			if n > longest {
				longest = n
				best = stretch{from: [2]int{pairs[0][0], pairs[n-1][0]}, to: [2]int{pairs[0][1], pairs[n-1][1]}}
			}
		}
		all = append(all, best)
		pairs = pairs[longest:]
	}
	return all
}

// whole reports whether pairs are what "pick: all" or "pick: round-robin" makes
// of two ranges.
func whole(pairs [][2]int) (stretch, bool) {
	s := stretch{from: [2]int{pairs[0][0], pairs[0][0]}, to: [2]int{pairs[0][1], pairs[0][1]}}
	for _, p := range pairs {
		s.from = [2]int{min(s.from[0], p[0]), max(s.from[1], p[0])}
		s.to = [2]int{min(s.to[0], p[1]), max(s.to[1], p[1])}
	}
	n, m := s.from[1]-s.from[0]+1, s.to[1]-s.to[0]+1
	if n == 1 || m == 1 || n == m && len(pairs) == n {
		return s, false // split says it with less
	}
	product, turns := len(pairs) == n*m, len(pairs) == max(n, m)
	for i, p := range pairs {
		product = product && p == [2]int{s.from[0] + i/m, s.to[0] + i%m}
		turns = turns && p == [2]int{s.from[0] + i%n, s.to[0] + i%m}
	}
	switch {
	case product:
		s.pick = "all"
	case turns:
		s.pick = "round-robin"
	}
	return s, product || turns
}

// side writes one side of a connection.
func side(g *group, indexes [2]int, attr string) string {
	if attr != "" {
		attr = "." + attr
	}
	switch {
	case g.size == 1:
		return g.name + attr
	case indexes[0] == 0 && indexes[1] == g.size-1:
		return g.name + "[*]" + attr
	case indexes[0] == indexes[1]:
		return fmt.Sprintf("%s[%d]%s", g.name, indexes[0], attr)
	}
	return fmt.Sprintf("%s[%d..%d]%s", g.name, indexes[0], indexes[1], attr)
}
