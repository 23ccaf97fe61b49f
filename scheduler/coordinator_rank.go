package scheduler

import (
	"fmt"
	"slices"
	"strings"
)

// CycleError says that links without delay form a cycle, so that nobody in it
// could step first.
type CycleError struct {
	Path []string // names; the first is repeated at the end
}

func (e *CycleError) Error() string {
	return fmt.Sprintf("the connections %s form a cycle without delay, so nobody in it can step first; shift one of them in time, or make one weak in a group that all of them are in",
		strings.Join(e.Path, " -> "))
}

// ranking puts the processes into the order in which they step at one instant.
//
// Where no rounds are involved it is a topological order of the links without
// delay (Kahn, "Topological sorting of large networks", CACM 5, 1962), names
// deciding ties. Processes that weak links make into a loop have to take turns,
// round by round: they are a strongly connected component of the links of one
// instant (Tarjan, "Depth-first search and linear graph algorithms", SIAM J.
// Comput. 1, 1972), and inside it the rounds come first, and the order of those
// links that are not weak second. As groups are nested so are loops. So the
// place of a process is a rank among the outermost components, one inside its
// component, and so on, and steps at one instant are ordered by
// (rank 0, rounds 0, rank 1, rounds 1, ...).
//
// A component all of whose links are inside of groups can do that. One with a
// link that leaves a group cannot: rounds are not seen outside, so that link and
// the way back take no time at all.
type ranking struct {
	c         *Coordinator
	component [TierLevels + 1][]int32 // by level and process
	found     int32                   // number of components
	ranked    int32

	// Of Tarjan's algorithm, by process. 0: not seen yet.
	index, low []int32
	seen       int32
}

// place is the rank of a process at each level, see ranking.
type place [TierLevels + 1]int32

// rankAll gives every process its place and its rank.
func (c *Coordinator) rankAll() error {
	n := len(c.lps)
	if n == 0 {
		return nil
	}
	c.places = make([]place, n)
	r := &ranking{c: c, index: make([]int32, n), low: make([]int32, n)}
	all := make([]LP, n)
	for i := range all {
		all[i] = LP(i)
	}
	return r.rank(all, 0)
}

// counts reports whether a link orders processes at a level: it takes no time,
// and stays inside the component of the level above, where it is not a step
// from one round to the next.
func (r *ranking) counts(from LP, l *link, level int) bool {
	return l.delay.Time == 0 && !(l.delay.weak && int(l.delay.groups) == level) &&
		(level == 0 || r.component[level-1][from] == r.component[level-1][l.to])
}

// rank orders some processes, all in one component of the level above.
func (r *ranking) rank(members []LP, level int) error {
	components := r.components(members, level)
	for _, comp := range components {
		if err := r.check(comp, level); err != nil {
			return err
		}
	}
	of := r.component[level]
	first := of[components[0][0]] // components are numbered from here on
	before := make([]int, len(components))
	links := func(comp []LP, each func(to int32)) {
		for _, lp := range comp {
			for i := range r.c.lps[lp].links {
				if l := &r.c.lps[lp].links[i]; r.counts(lp, l, level) && of[l.to] != of[lp] {
					each(of[l.to] - first)
				}
			}
		}
	}
	for _, comp := range components {
		links(comp, func(to int32) { before[to]++ })
	}
	byName := func(a, b int32) int { return r.byName(components[a][0], components[b][0]) }
	var free minHeap[int32]
	for i, n := range before {
		if n == 0 {
			free.push(int32(i), byName)
		}
	}
	for next := int32(0); len(free) > 0; next++ {
		comp := components[free.pop(byName)]
		for _, lp := range comp {
			r.c.places[lp][level] = next
			if len(comp) > 1 || r.repeats(lp) {
				r.c.lps[lp].rounds = &rounds{last: End}
			}
		}
		if len(comp) == 1 {
			r.c.lps[comp[0]].rank = r.ranked
			r.ranked++
		} else if err := r.rank(comp, level+1); err != nil {
			return err
		}
		links(comp, func(to int32) {
			if before[to]--; before[to] == 0 {
				free.push(to, byName)
			}
		})
	}
	return nil
}

// repeats reports whether a process is linked to itself at one instant.
func (r *ranking) repeats(lp LP) bool {
	return slices.ContainsFunc(r.c.lps[lp].links, func(l link) bool { return l.to == lp && l.delay.Time == 0 })
}

func (r *ranking) byName(a, b LP) int { return strings.Compare(r.c.lps[a].name, r.c.lps[b].name) }

// components finds the strongly connected components, each with the first by
// name at its beginning. It is Tarjan's algorithm without recursion.
func (r *ranking) components(members []LP, level int) [][]LP {
	if r.component[level] == nil {
		r.component[level] = make([]int32, len(r.c.lps))
	}
	for _, lp := range members {
		r.index[lp] = 0
	}
	const done = 1<<31 - 1
	var components [][]LP
	var open []LP // visited, and in no component yet
	type visit struct {
		lp   LP
		link int // the next to look at
	}
	var path []visit
	enter := func(lp LP) {
		r.seen++
		r.index[lp], r.low[lp] = r.seen, r.seen
		open = append(open, lp)
		path = append(path, visit{lp: lp})
	}
	for _, root := range members {
		if r.index[root] != 0 {
			continue
		}
		enter(root)
		for len(path) > 0 {
			v := &path[len(path)-1]
			links := r.c.lps[v.lp].links
			if v.link < len(links) {
				l := &links[v.link]
				v.link++
				switch {
				case !r.counts(v.lp, l, level):
				case r.index[l.to] == 0:
					enter(l.to)
				default:
					r.low[v.lp] = min(r.low[v.lp], r.index[l.to])
				}
				continue
			}
			lp := v.lp
			path = path[:len(path)-1]
			if len(path) > 0 {
				up := path[len(path)-1].lp
				r.low[up] = min(r.low[up], r.low[lp])
			}
			if r.low[lp] != r.index[lp] {
				continue
			}
			at := len(open) - 1
			for open[at] != lp {
				at--
			}
			comp := slices.Clone(open[at:])
			open = open[:at]
			for _, m := range comp {
				r.component[level][m] = r.found
				r.index[m] = done // links to it count no more
			}
			r.found++
			slices.SortFunc(comp, r.byName)
			components = append(components, comp)
		}
	}
	return components
}

// check looks for a link that makes a component impossible.
func (r *ranking) check(comp []LP, level int) error {
	for _, from := range comp {
		for i := range r.c.lps[from].links {
			l := &r.c.lps[from].links[i]
			if l.to == from && l.delay.Instantaneous() {
				return &CycleError{[]string{r.c.lps[from].name, r.c.lps[from].name}}
			}
			if r.counts(from, l, level) && r.component[level][l.to] == r.component[level][from] && l.to != from && int(l.delay.groups) == level {
				return r.cycle(from, l.to, level)
			}
		}
	}
	return nil
}

// cycle is the error of a link from one process to another and the shortest way
// back.
func (r *ranking) cycle(from, to LP, level int) error {
	came := map[LP]LP{to: NoLP}
	for queue := []LP{to}; len(queue) > 0; queue = queue[1:] {
		lp := queue[0]
		for i := range r.c.lps[lp].links {
			l := &r.c.lps[lp].links[i]
			if _, known := came[l.to]; !known && r.counts(lp, l, level) {
				came[l.to] = lp
				queue = append(queue, l.to)
			}
		}
	}
	var path []string // backwards
	for lp := from; lp != NoLP; lp = came[lp] {
		path = append(path, r.c.lps[lp].name)
	}
	slices.Reverse(path)
	// Begin with the first by name.
	at := 0
	for i := range path {
		if path[i] < path[at] {
			at = i
		}
	}
	path = slices.Concat(path[at:], path[:at])
	return &CycleError{Path: append(path, path[0])}
}

// loopLevels returns in how many loops, nested in each other, both processes
// are: the rounds of these decide which of their steps comes first.
func (c *Coordinator) loopLevels(a, b LP) uint8 {
	p, q := &c.places[a], &c.places[b]
	for i := range p {
		if p[i] != q[i] {
			return uint8(i)
		}
	}
	return TierLevels
}
