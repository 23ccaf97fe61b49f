package mosaik_test

import (
	"fmt"
	"slices"
	"strings"

	"github.com/simrun/simrun/internal/worldtest"
)

// What mosaik does otherwise, as docs/mosaik.md calls it, with the reasons.
const (
	prunedCache  = "Persistent values get lost"
	oldOutput    = "Outputs in the future hide others"
	noRounds     = "Rounds are not told apart"
	otherInitial = "Initial values reach other connections"
	repeatEvents = "Events are repeated beside an initial value"
	unknownSteps = "max_advance depends on timing"
	setStays     = "What is set stays in the place of an event"
	askedCache   = "An asynchronous get_data depends on the cache"
	askedTimed   = "An asynchronous get_data fails after an output in the future"
	oldProgress  = "get_progress is that after the last step"
	afterEnd     = "A step after the end is waited for"

	outsideRounds = "Who reads or asks may wait for ever"
)

var allClasses = []string{prunedCache, oldOutput, noRounds, otherInitial, repeatEvents, unknownSteps, setStays, askedCache, askedTimed, oldProgress, afterEnd, outsideRounds}

// difference is an input of a step in which mosaik differs from the rules.
type difference struct {
	world   *worldtest.World
	outcome *worldtest.Outcome
	link    *worldtest.Link // the first, if several have the same ends
	step    worldtest.Step
	rule    string // value; "" if there should be none
	mosaik  string // value; "" if there is none
}

// explain tells which class a difference belongs to, "" if to none. A class must
// say what value mosaik gives, not only that it may be wrong.
func (d *difference) explain() string {
	l := d.link
	made := d.outcome.Outputs[l.Src][fmt.Sprintf("m%d.%s", l.SrcEntity, l.Output)]
	// Whether mosaik's value is an output that satisfies a condition.
	is := func(condition func(worldtest.Made) bool) bool {
		return slices.ContainsFunc(made, func(m worldtest.Made) bool { return m.Value == d.mosaik && condition(m) })
	}
	if l.Output == "event" {
		visible := func(m worldtest.Made) bool { return m.At+d.leastShift() <= d.step.Time }
		switch {
		case d.mosaik != "" && d.holds() && is(visible):
			return repeatEvents
		case d.holds() && d.isSet():
			return setStays
		case (d.inRounds() || l.Weak && l.Shift > 0) && (d.mosaik == "" || l.Held() && d.isInitial() || is(visible)):
			return noRounds
		}
		return ""
	}
	switch {
	case (l.Shift > 0 || l.Weak) && (d.mosaik == "null" || d.isInitial() || l.Shift > 0 && is(func(m worldtest.Made) bool { return m.At+l.Shift <= d.step.Time })):
		return prunedCache
	case d.world.Eager && d.mosaik == "null":
		return prunedCache
	case d.isInitial():
		return otherInitial
	case (d.inRounds() || l.Weak) && is(func(m worldtest.Made) bool { return m.At == d.step.Time }):
		return noRounds
	case slices.ContainsFunc(made, func(m worldtest.Made) bool { return m.At > m.Made() && m.Made() <= d.step.Time }) &&
		(d.mosaik == "null" || is(func(m worldtest.Made) bool { return m.At <= d.step.Time })):
		return oldOutput
	}
	return ""
}

// leastShift is the least of all links with the same ends.
func (d *difference) leastShift() int64 {
	least := d.link.Shift
	for i := range d.world.Links {
		if l := &d.world.Links[i]; l.SameEnds(d.link) {
			least = min(least, l.Shift)
		}
	}
	return least
}

// holds reports whether the entity has an input with events that are held.
func (d *difference) holds() bool {
	return slices.ContainsFunc(d.world.Links, func(l worldtest.Link) bool {
		return l.Dst == d.link.Dst && l.DstEntity == d.link.DstEntity && l.Held()
	})
}

// isInitial reports whether mosaik gives the initial value of a connection from
// the same output.
func (d *difference) isInitial() bool {
	return slices.ContainsFunc(d.world.Links, func(l worldtest.Link) bool {
		return l.Src == d.link.Src && l.SrcEntity == d.link.SrcEntity && l.Output == d.link.Output && l.Initial != nil && fmt.Sprint(*l.Initial) == d.mosaik
	})
}

// isSet reports whether mosaik gives what the source has set in the place of what comes over
// the connection, in the last step before this one in which it did so.
func (d *difference) isSet() bool {
	last := ""
	for _, s := range d.outcome.Steps[d.link.Src] {
		for _, set := range s.Did.Sets {
			if s.Place < d.step.Place && d.link.SrcEntity == 0 && d.link.DstEntity == 0 && set.Sim == d.link.Dst && set.Attr == d.link.Input {
				last = set.Value
			}
		}
	}
	return last != "" && last == d.mosaik
}

// inRounds reports whether the source or the reader makes several steps at the
// time of the step.
func (d *difference) inRounds() bool {
	for _, i := range []int{d.link.Src, d.link.Dst} {
		for _, s := range d.outcome.Steps[i] {
			if s.Time+d.link.Shift >= d.step.Time && s.Time <= d.step.Time && s.Round != [worldtest.Levels]int{} {
				return true
			}
		}
	}
	return false
}

// compare compares what mosaik did with the rules. It returns the classes of the
// differences, and an account of those that belong to none.
func compare(w *worldtest.World, o *worldtest.Outcome, r *mosaikRun) (classes []string, unexplained string) {
	var account strings.Builder
	note := func(class, format string, args ...any) {
		if class == "" {
			fmt.Fprintf(&account, format+"\n", args...)
		} else if !slices.Contains(classes, class) {
			classes = append(classes, class)
		}
	}
	if r.Error != "" {
		class := ""
		switch {
		case r.Error != "it waits for ever":
		case o.Beyond:
			class = afterEnd
		case waitsOutsideOfRounds(w, o):
			class = outsideRounds
		}
		note(class, "%s", r.Error)
		return classes, account.String()
	}
	for i := range w.Sims {
		name := w.Sims[i].Name
		made := r.Steps[name]
		if !slices.EqualFunc(o.Steps[i], made, func(s worldtest.Step, m *jsonStep) bool { return s.Time == m.time }) {
			note("", "%s makes other steps: %v", name, made)
			continue
		}
		if w.Asks != nil {
			compareTold(w, i, made, note)
		}
		previous := int64(-1)
		for k, s := range o.Steps[i] {
			for _, r := range answersThatDiffer(w, o, i, s, previous, made[k]) {
				note(r.explain(), "%s at %d (%v): it is told %q, not %q, by %s", name, s.Time, s.Round, r.mosaik, r.rule, w.Sims[r.link.Src].Name)
			}
			previous = s.Time
			for _, wrong := range setsThatDiffer(w, i, s, made[k]) {
				note("", "%s at %d (%v): %s", name, s.Time, s.Round, wrong)
			}
			if s.MaxAdvance != made[k].maxAdvance {
				class := ""
				if w.Triggered(i) {
					class = unknownSteps
				}
				note(class, "%s at %d: max_advance is %d, not %d", name, s.Time, made[k].maxAdvance, s.MaxAdvance)
			}
			all := differences(w, o, i, s, made[k])
			if len(all) == 0 && !holds(w, i) && !sameOrder(w, s, made[k]) {
				note("", "%s at %d: the order of sources is another one: %v", name, s.Time, made[k])
			}
			for _, d := range all {
				note(d.explain(), "%s at %d (%v): m%d.%s sees %q, not %q, from m%d.%s of %s", name, s.Time, s.Round, d.link.DstEntity, d.link.Input,
					d.mosaik, d.rule, d.link.SrcEntity, d.link.Output, w.Sims[d.link.Src].Name)
			}
		}
	}
	return classes, account.String()
}

func differences(w *worldtest.World, o *worldtest.Outcome, i int, s worldtest.Step, made *jsonStep) (all []*difference) {
	for k := range w.Links {
		l := &w.Links[k]
		if l.Dst != i || slices.ContainsFunc(w.Links[:k], func(m worldtest.Link) bool { return m.SameEnds(l) }) {
			continue
		}
		d := &difference{world: w, outcome: o, link: l, step: s}
		for _, in := range made.to(fmt.Sprintf("m%d.%s", l.DstEntity, l.Input)) {
			if in.source == fmt.Sprintf("%s.m%d", w.Sims[l.Src].Name, l.SrcEntity) {
				d.mosaik = in.value
			}
		}
		for _, in := range s.Inputs { // of several values of a source the last one counts
			if in.Entity == l.DstEntity && in.Attr == l.Input && in.Source == fmt.Sprintf("%s.m%d", w.Sims[l.Src].Name, l.SrcEntity) {
				d.rule = in.Value
			}
		}
		if d.rule != d.mosaik {
			d.mosaik = l.Unmarked(d.mosaik) // as outputs are
			all = append(all, d)
		}
	}
	return all
}

// holds reports whether a simulator has an input with events that are held.
// There mosaik's order is that in which sources were first seen.
func holds(w *worldtest.World, i int) bool {
	return slices.ContainsFunc(w.Links, func(l worldtest.Link) bool { return l.Dst == i && l.Held() })
}

// sameOrder reports whether the sources of each input are in the same order. Of
// events it is that of their arrival in mosaik, and that of connections here.
func sameOrder(w *worldtest.World, s worldtest.Step, made *jsonStep) bool {
	sources, events := map[string][]string{}, map[string]bool{}
	sets := map[string]int{}
	for _, in := range s.Inputs {
		to := fmt.Sprintf("m%d.%s", in.Entity, in.Attr)
		if !slices.Contains(sources[to], in.Source) {
			sources[to] = append(sources[to], in.Source)
		}
		if in.Link < 0 {
			sets[to]++
		}
		events[to] = events[to] || in.Link >= 0 && w.Links[in.Link].Output == "event" || sets[to] > 1
	}
	for to, want := range sources {
		if !events[to] && !slices.EqualFunc(want, made.to(to), func(source string, in input) bool { return source == in.source }) {
			return false
		}
	}
	return true
}
