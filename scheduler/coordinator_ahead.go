package scheduler

import (
	"slices"
	"sort"
)

// lead is how a process runs ahead of those that are behind it.
type lead struct {
	readers []LP // whom it may leave behind by so many steps
	window  int
	most    int    // that window may be
	past    []Time // of the last steps that it began, a ring of a length that is a power of two
	begun   int    // steps
}

// SetWindow lets a process run ahead of those that read it and that it may
// trigger: it begins no step before they have completed what comes before the
// step that it began that many steps ago. 0, the default, keeps it in step: it waits
// until they have got to the time of the step. What it puts out has to wait
// for them meanwhile. Which steps are made, with what MaxAdvance, does not depend
// on it. Processes in one loop are always in step.
//
// Before Start it sets the most that may be set afterwards. Afterwards it may be
// set while the process steps.
func (c *Coordinator) SetWindow(lp LP, steps int) {
	p := &c.lps[lp]
	if !c.started {
		p.most = steps
	}
	if steps < 0 || steps > p.most {
		panic("scheduler: SetWindow to more than before Start")
	}
	p.window = steps
}

// KeepInStep makes from wait for to whatever its window is.
func (c *Coordinator) KeepInStep(from, to LP) {
	if c.started {
		panic("scheduler: KeepInStep after Start")
	}
	c.inStep[[2]LP{from, to}] = true
}

// Bound returns a stamp before which no step of lp begins any more, but for events
// from outside.
func (c *Coordinator) Bound(lp LP) Stamp { return c.lps[lp].bound }

// bounded makes from wait for to: at once, or when it is ahead by its window.
func (c *Coordinator) bounded(from, to LP) {
	// In rounds it may run ahead, unless both are in one loop: the reader may have
	// to wait for somebody outside the group who waits for the source to make all
	// its rounds.
	levels := c.loopLevels(from, to)
	if levels > 0 || c.inStep[[2]LP{from, to}] {
		c.lps[from].waits = append(c.lps[from].waits, wait{Delay{groups: TierLevels}, to, levels, false})
	}
	if levels == 0 {
		c.lps[from].readers = append(c.lps[from].readers, to)
	}
}

// scan is how many of a process's waits, and then of its readers, are known not to hold up
// its step at key. They do not begin to, as bounds become later only, unless there
// is an event from outside. So whoever waits for many looks at each of them once a step.
type scan struct {
	key     Stamp
	lowered int
	passed  int
}

// unmet returns a process that p waits for, or NoLP.
func (c *Coordinator) unmet(p *process) LP {
	s := &p.scan
	if s.key != p.key || s.lowered != c.lowered {
		*s = scan{key: p.key, lowered: c.lowered}
	}
	for ; s.passed < len(p.waits); s.passed++ {
		if w := &p.waits[s.passed]; !w.met(c.lps[w.lp].bound, p.key) {
			return w.lp
		}
	}
	if len(p.readers) == 0 {
		return NoLP
	}
	tail := p.tail(p.key.Time)
	for ; s.passed < len(p.waits)+len(p.readers); s.passed++ {
		if reader := p.readers[s.passed-len(p.waits)]; c.lps[reader].bound.Time < tail {
			return reader
		}
	}
	return NoLP
}

// open makes room for the times of past steps.
func (l *lead) open() {
	slices.Sort(l.readers)
	l.readers = slices.Compact(l.readers)
	n := 1
	for n <= l.most {
		n *= 2
	}
	l.past = make([]Time, n)
}

// begin notes a step.
func (l *lead) begin(t Time) {
	if len(l.past) > 0 {
		l.past[l.begun&(len(l.past)-1)] = t
		l.begun++
	}
}

// tail returns the time that the readers must have got to before a step at now;
// 0 if there is none.
func (l *lead) tail(now Time) Time {
	switch {
	case l.window == 0:
		return now
	case l.begun < l.window:
		return 0
	}
	return l.past[(l.begun-l.window)&(len(l.past)-1)]
}

// since returns the time of the first step, begun or still to come at next, that is
// not before from; it must not be further back than the window.
func (l *lead) since(from, next Time) Time {
	n := min(l.begun, len(l.past))
	at := func(i int) Time { return l.past[(l.begun-n+i)&(len(l.past)-1)] }
	if n == 0 || at(n-1) < from {
		return next
	}
	return at(sort.Search(n, func(i int) bool { return at(i) >= from }))
}

// ancestor is a process that may trigger another one, directly or not.
type ancestor struct {
	lp    LP
	delay Time // the shortest
	// turns: both are in a loop, so it has made nothing that comes after the present
	// step of the other. Otherwise it may have, and what counts is its first step at
	// a time that is not before the present one, or after it.
	turns bool
	after bool
}

// next is the time of the ancestor's first step that comes after one at now. A step
// that did not exist when that one was due has been caused by one that did, of
// another ancestor, so it changes nothing about who may trigger when.
func (c *Coordinator) next(a *ancestor, now Time) Time {
	p := &c.lps[a.lp]
	switch {
	case a.turns:
		return p.key.Time
	case a.after:
		now++
	}
	return p.since(now, p.key.Time)
}
