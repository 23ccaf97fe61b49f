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
		for _, w := range p.waits {
			o := &c.lps[w.lp]
			if n := len(o.watchers); n == 0 || o.watchers[n-1] != LP(lp) {
				o.watchers = append(o.watchers, LP(lp))
			}
		}
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
	// The source must not run ahead of its readers, so that nothing piles up
	// between them. In rounds it may, unless both are in one loop: the reader
	// may have to wait for somebody outside the group who waits for the source
	// to make all its rounds.
	c.lps[from].waits = append(c.lps[from].waits, wait{Delay{groups: TierLevels}, l.to, c.loopLevels(from, l.to), false})
}

// Immediate reports whether a link without delay is immediate: while from is in
// a step, to has completed every step before the stamp at which what it sends
// will arrive, and has begun none later.
func (c *Coordinator) Immediate(from, to LP, delay Delay) bool {
	return delay.Instantaneous() && from != to && delay.groups <= c.loopLevels(from, to)
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
// how soon, and makes them and lp take turns.
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
		c.lps[lp].advance = append(c.lps[lp].advance, e)
		for _, in := range c.lps[e.lp].trigIn {
			q.push(edge{in.lp, Delay{Time: time.Duration(Time(in.delay.Time).Add(e.delay.Time))}}, less)
		}
	}
	for _, e := range c.lps[lp].advance {
		c.takeTurns(lp, e.lp)
	}
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
