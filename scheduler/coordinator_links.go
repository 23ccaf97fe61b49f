package scheduler

import (
	"cmp"
	"slices"
	"time"
)

// linkAll turns the links into what each process waits for and may trigger.
func (c *Coordinator) linkAll() {
	for from := range c.lps {
		for i := range c.lps[from].links {
			l := &c.lps[from].links[i]
			if LP(from) != l.to {
				c.keepInStep(LP(from), l)
			}
			if l.trigger {
				c.lps[from].trigOut = append(c.lps[from].trigOut, edge{l.to, l.delay})
				c.lps[l.to].trigIn = append(c.lps[l.to].trigIn, edge{LP(from), l.delay})
			}
		}
	}
	for lp := range c.lps {
		if c.lps[lp].advanceOn {
			c.findAdvance(LP(lp))
		}
	}
	for lp := range c.lps {
		p := &c.lps[lp]
		p.waits = strongest(p.waits)
		if len(p.readers) > 0 {
			p.open()
		}
		for _, w := range p.waits {
			c.lps[w.lp].watchers = append(c.lps[w.lp].watchers, LP(lp))
		}
		for _, reader := range p.readers {
			c.lps[reader].watchers = append(c.lps[reader].watchers, LP(lp))
		}
	}
	for lp := range c.lps {
		slices.Sort(c.lps[lp].watchers)
		c.lps[lp].watchers = slices.Compact(c.lps[lp].watchers)
	}
}

// keepInStep makes the two ends of a link wait for each other.
func (c *Coordinator) keepInStep(from LP, l *link) {
	// The reader must not read before the source is past what it reads: all
	// rounds of an instant, if the link is shifted, because data are visible from
	// the first round on then (what they trigger keeps its round).
	past := l.delay
	if past.Time > 0 {
		past = Delay{Time: past.Time}
	}
	c.lps[l.to].waits = append(c.lps[l.to].waits, wait{past, from, past.groups, true})
	// The source must not run too far ahead of its readers, so that nothing piles up
	// between them.
	c.bounded(from, l.to)
}

// strongest leaves out the conditions that others imply.
func strongest(waits []wait) []wait {
	slices.SortFunc(waits, func(a, b wait) int {
		return cmp.Or(cmp.Compare(a.lp, b.lp), cmp.Compare(a.delay.Time, b.delay.Time),
			-cmp.Compare(a.levels, b.levels), cmp.Compare(a.delay.groups, b.delay.groups),
			compareBool(a.delay.weak, b.delay.weak), compareBool(b.strict, a.strict))
	})
	kept := waits[:0]
	for _, w := range waits {
		implied := false
		for i := len(kept) - 1; i >= 0 && kept[i].lp == w.lp && !implied; i-- {
			implied = kept[i].implies(w)
		}
		if !implied {
			kept = append(kept, w)
		}
	}
	return kept
}

// implies reports whether w cannot be met before v is, on the same process.
func (v wait) implies(w wait) bool {
	switch {
	case v.delay.Time != w.delay.Time:
		return v.delay.Time < w.delay.Time
	case w.levels == 0 && !w.strict, v.levels == 0 && v.strict:
		return true // rounds do not matter
	}
	return (v.strict || !w.strict) && v.delay == w.delay && v.levels == w.levels
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// findAdvance works out which processes may trigger lp, over whatever path and
// how soon.
func (c *Coordinator) findAdvance(lp LP) {
	dist := map[LP]Delay{}
	// Only times matter: the value is one.
	less := func(a, b edge) int {
		return cmp.Or(cmp.Compare(a.delay.Time, b.delay.Time), cmp.Compare(a.lp, b.lp))
	}
	var q minHeap[edge]
	for _, e := range c.lps[lp].trigIn {
		q.push(e, less)
	}
	for len(q) > 0 {
		e := q.pop(less)
		if _, ok := dist[e.lp]; ok || e.lp == lp {
			continue
		}
		dist[e.lp] = e.delay
		c.addAncestor(lp, e)
		for _, in := range c.lps[e.lp].trigIn {
			q.push(edge{in.lp, Delay{Time: time.Duration(Time(in.delay.Time).Add(e.delay.Time))}}, less)
		}
	}
}

// addAncestor makes lp wait until the ancestor at e has done what comes before. The
// ancestor may do what comes after, within its window, unless they are in a loop.
func (c *Coordinator) addAncestor(lp LP, e edge) {
	a := ancestor{lp: e.lp, delay: Time(e.delay.Time)}
	if a.turns = c.loopLevels(lp, e.lp) > 0; a.turns {
		c.takeTurns(lp, e.lp)
	} else {
		a.after = c.lps[e.lp].rank < c.lps[lp].rank
		c.lps[lp].waits = append(c.lps[lp].waits, wait{Delay{}, e.lp, 0, a.after})
		c.bounded(e.lp, lp)
	}
	c.lps[lp].advance = append(c.lps[lp].advance, a)
}

// takeTurns makes two processes step in the order of time and place.
func (c *Coordinator) takeTurns(a, b LP) {
	if c.lps[b].rank < c.lps[a].rank {
		a, b = b, a
	}
	rounds := c.loopLevels(a, b)
	c.lps[b].waits = append(c.lps[b].waits, wait{Delay{groups: rounds}, a, rounds, true})
	c.lps[a].waits = append(c.lps[a].waits, wait{Delay{groups: rounds}, b, rounds, false})
}
