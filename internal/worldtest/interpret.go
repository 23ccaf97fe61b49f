package worldtest

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// Action is what a simulator does in a step.
type Action struct {
	Next    int64 // time of the next step it asks for; 0: none
	At      int64 // time of its outputs
	Outputs []Output
	Sets    []Set
	Event   int64 // time of an event that it sets for itself; 0: none
}

// Set is a value that is set in the first entity of another simulator.
type Set struct {
	Sim         int
	Attr, Value string
}

// Output is a value that is put out.
type Output struct {
	Entity int
	Attr   string
	Value  string
	// Omitted: it is null because it was left out, and triggers nobody.
	Omitted bool
}

// Made is an output that was made.
type Made struct {
	At    int64 // time of the output
	Value string

	made moment // when
}

// Made is the time of the step that put it out.
func (m Made) Made() int64 { return m.made.time }

// Step is what a simulator gets to see in a step.
type Step struct {
	Time, MaxAdvance int64
	Round            [Levels]int
	Again            int // how many steps it has made at that time before
	Inputs           []Input
	Asked            []string // what it is told by those that it may ask, in the order of World.Asks: their first output
	Place            int      // among the steps of all simulators, in the order of the rules
	Did              Action
}

// Input is a value that a step sees.
type Input struct {
	Entity        int
	Attr          string
	Source, Value string // the source is SIMULATOR.ENTITY
	Link          int    // index in World.Links; -1: it was set
}

// Outcome is what happens in a world, by simulator.
type Outcome struct {
	Steps   [][]Step
	Outputs []map[string][]Made // by "m0.out" and so on, in order of making
	// Beyond: somebody was triggered after the end, by a value that comes from
	// before it.
	Beyond bool
}

// moment is a time and a round of each level of groups.
type moment struct {
	time   int64
	rounds [Levels]int
}

func (m moment) compare(n moment) int {
	return cmp.Or(cmp.Compare(m.time, n.time), slices.Compare(m.rounds[:], n.rounds[:]))
}

// after is when that arrives which is sent at m over a link.
func (w *World) after(m moment, l *Link) moment {
	m.time += l.Shift
	common := w.common(l)
	clear(m.rounds[common:])
	if l.Weak {
		m.rounds[common-1]++
	}
	return m
}

// visible is from when on an output is seen over a link. Rounds matter within
// one time only.
func (w *World) visible(o Made, l *Link) moment {
	if o.At != o.made.time || l.Shift > 0 {
		return moment{time: o.At + l.Shift}
	}
	return w.after(o.made, l)
}

type interpreter struct {
	*World
	due   [][]moment // by simulator, ascending
	last  []moment   // by simulator, the previous step
	again []int      // by simulator, steps at that time before
	set   [][]Input  // by simulator, for its next step
	out   Outcome
}

// Interpret runs the world step by step; act says what a simulator does. The
// error is that of the interpreter: it has let somebody step before all outputs
// were made that the step should see.
func (w *World) Interpret(act func(sim int, s Step) Action) (*Outcome, error) {
	n := len(w.Sims)
	in := &interpreter{World: w, due: make([][]moment, n), last: make([]moment, n), again: make([]int, n), set: make([][]Input, n)}
	in.out.Steps = make([][]Step, n)
	for i, s := range w.Sims {
		in.last[i] = moment{time: -1}
		in.out.Outputs = append(in.out.Outputs, map[string][]Made{})
		switch {
		case s.Initial >= 0:
			in.schedule(i, moment{time: s.Initial})
		case s.Type != EventBased:
			in.schedule(i, moment{})
		}
	}
	for _, e := range w.Outside {
		in.schedule(e.Sim, moment{time: e.Time})
	}
	places, delay := w.places(), w.triggerDelays()
	type seen struct {
		who       int
		now, last moment
		set       []Input
		inputs    []Input
	}
	var all []seen
	for {
		who := -1
		for i := range n {
			if len(in.due[i]) > 0 && in.due[i][0].time < w.Until && (who < 0 || before(places[i], in.due[i][0], places[who], in.due[who][0])) {
				who = i
			}
		}
		if who < 0 {
			break
		}
		now, last := in.due[who][0], in.last[who]
		in.due[who] = in.due[who][1:]
		if in.again[who]++; last.time != now.time {
			in.again[who] = 0
		}
		s := Step{Place: len(all), Time: now.time, Round: now.rounds, Again: in.again[who], MaxAdvance: in.maxAdvance(who, delay), Inputs: in.inputs(who, now, last, in.set[who])}
		for i := range in.Asks {
			if l := &in.Asks[i]; l.Dst == who {
				s.Asked = append(s.Asked, in.asked(l, now))
			}
		}
		all = append(all, seen{who, now, last, in.set[who], s.Inputs})
		in.set[who] = nil
		s.Did = act(who, s)
		in.out.Steps[who] = append(in.out.Steps[who], s)
		in.last[who] = now
		in.make(who, now, s.Did)
	}
	for _, s := range all {
		if later := in.inputs(s.who, s.now, s.last, s.set); !slices.Equal(s.inputs, later) {
			return nil, fmt.Errorf("the interpreter let %s step too soon, at %v: it saw %v instead of %v\n%s", w.Sims[s.who].Name, s.now, s.inputs, later, w)
		}
	}
	return &in.out, nil
}

func (in *interpreter) make(who int, now moment, a Action) {
	for _, next := range []int64{a.Next, a.Event} {
		if next > 0 && next < in.Until {
			in.schedule(who, moment{time: next})
		}
	}
	for _, s := range a.Sets {
		in.put(s, fmt.Sprintf("%s.m0", in.Sims[who].Name))
	}
	from := now
	if a.At != now.time {
		from = moment{time: a.At}
	}
	for _, o := range a.Outputs {
		key := fmt.Sprintf("m%d.%s", o.Entity, o.Attr)
		in.out.Outputs[who][key] = append(in.out.Outputs[who][key], Made{a.At, o.Value, now})
		for i := range in.Links {
			l := &in.Links[i]
			if l.Src == who && l.SrcEntity == o.Entity && l.Output == o.Attr && l.Input == "trigger" && !o.Omitted {
				in.schedule(l.Dst, in.after(from, l))
			}
		}
	}
}

// put sets a value, which is there at the next step, in the place of an older one.
func (in *interpreter) put(s Set, source string) {
	for i := range in.set[s.Sim] {
		if older := &in.set[s.Sim][i]; older.Source == source && older.Attr == s.Attr {
			older.Value = s.Value
			return
		}
	}
	in.set[s.Sim] = append(in.set[s.Sim], Input{0, s.Attr, source, s.Value, -1})
}

// asked is what a simulator gets for the first output of another: the newest value that
// it could see over a connection.
func (in *interpreter) asked(l *Link, now moment) string {
	v, at := "null", moment{time: -1}
	for _, o := range in.out.Outputs[l.Src]["m0."+in.Sims[l.Src].Outputs[0]] {
		if visible := in.visible(o, l); visible.compare(now) <= 0 && visible.compare(at) >= 0 {
			v, at = o.Value, visible
		}
	}
	return v
}

func (in *interpreter) schedule(i int, m moment) {
	if (moment{time: in.Until}).compare(m) < 0 {
		in.out.Beyond = true
	}
	if !slices.Contains(in.due[i], m) {
		in.due[i] = append(in.due[i], m)
		slices.SortFunc(in.due[i], moment.compare)
	}
}

// before is the order of steps: by time; those in no loop with each other by
// their place, those in one by its rounds.
func before(p []int, m moment, q []int, n moment) bool {
	if m.time != n.time {
		return m.time < n.time
	}
	for level := range p {
		if p[level] != q[level] {
			return p[level] < q[level]
		}
		if m.rounds[level] != n.rounds[level] {
			return m.rounds[level] < n.rounds[level]
		}
	}
	return false
}

// places is the order of the simulators at one time: topological by the links
// without shift, of several that could be next the first by name; loops are
// kept together, and inside a loop it is that of the links that are not weak.
func (w *World) places() [][]int {
	places := make([][]int, len(w.Sims))
	all := make([]int, len(w.Sims))
	for i := range all {
		all[i] = i
	}
	w.place(all, 0, places)
	return places
}

func (w *World) place(members []int, level int, places [][]int) {
	n := len(w.Sims)
	leads := make([][]bool, n)
	for i := range leads {
		leads[i] = make([]bool, n)
	}
	all := w.waits()
	for i := range all {
		l := &all[i]
		if l.Shift == 0 && slices.Contains(members, l.Src) && slices.Contains(members, l.Dst) && !(l.Weak && w.common(l) == level) {
			leads[l.Src][l.Dst] = true
		}
	}
	for k := range n {
		for i := range n {
			for j := range n {
				leads[i][j] = leads[i][j] || leads[i][k] && leads[k][j]
			}
		}
	}
	for place := 0; len(members) > 0; place++ {
		next := -1
		for _, i := range members {
			free := !slices.ContainsFunc(members, func(j int) bool { return leads[j][i] && !leads[i][j] })
			// Loops are named after the first of their members.
			if free && (next < 0 || w.Sims[i].Name < w.Sims[next].Name) {
				next = i
			}
		}
		var loop, rest []int
		for _, i := range members {
			if i == next || leads[i][next] && leads[next][i] {
				places[i] = append(places[i], place)
				loop = append(loop, i)
			} else {
				rest = append(rest, i)
			}
		}
		if len(loop) > 1 {
			w.place(loop, level+1, places)
		}
		members = rest
	}
}

const noPath = math.MaxInt32

// triggerDelays is how soon a step of one simulator may cause one of another,
// over whatever path (Floyd and Warshall).
func (w *World) triggerDelays() [][]int64 {
	n := len(w.Sims)
	d := make([][]int64, n)
	for i := range d {
		d[i] = slices.Repeat([]int64{noPath}, n)
	}
	for _, l := range w.Links {
		if l.Input == "trigger" {
			d[l.Src][l.Dst] = min(d[l.Src][l.Dst], l.Shift)
		}
	}
	for k := range n {
		for i := range n {
			for j := range n {
				d[i][j] = min(d[i][j], d[i][k]+d[k][j])
			}
		}
	}
	return d
}

// Triggered reports whether another simulator may trigger this one.
func (w *World) Triggered(sim int) bool {
	for i, all := range w.triggerDelays() {
		if i != sim && all[sim] < noPath {
			return true
		}
	}
	return false
}

// maxAdvance: a step that would be at the end counts, if it was triggered.
func (in *interpreter) maxAdvance(who int, delay [][]int64) int64 {
	most := in.Until
	if len(in.due[who]) > 0 {
		most = min(most, in.due[who][0].time-1)
	}
	for i := range in.Sims {
		if i != who && delay[i][who] < noPath && len(in.due[i]) > 0 {
			most = min(most, in.due[i][0].time+delay[i][who]-1)
		}
	}
	return most
}

// inputs lists what a step sees: per input, values that were set before events that
// are held before events before persistent values. The first are in the order of connection, the second
// by simulators and the third by simulators and delays, in the order in which
// these were first connected to the simulator.
func (in *interpreter) inputs(who int, now, last moment, set []Input) []Input {
	var inputs []Input
	for entity := range in.Sims[who].Entities {
		for _, attr := range []string{"trigger", "quiet"} {
			for _, v := range set {
				if v.Entity == entity && v.Attr == attr {
					inputs = append(inputs, v)
				}
			}
			to := func(l *Link) bool { return l.Dst == who && l.DstEntity == entity && l.Input == attr }
			for _, kind := range []struct {
				has  func(*Link) bool
				with func(l, m *Link) bool // whether they go together
			}{
				{(*Link).Held, func(l, m *Link) bool { return l == m }},
				{func(l *Link) bool { return l.Output == "event" && !l.Held() }, func(l, m *Link) bool { return l.Src == m.Src }},
				{func(l *Link) bool { return l.Output == "out" }, func(l, m *Link) bool { return l.Src == m.Src && l.Shift == m.Shift && l.Weak == m.Weak }},
			} {
				inputs = in.list(inputs, now, last, to, func(l *Link) bool { return l.Dst == who && kind.has(l) }, kind.with)
			}
		}
	}
	return inputs
}

func (in *interpreter) list(inputs []Input, now, last moment, to, of func(*Link) bool, with func(l, m *Link) bool) []Input {
	listed := make([]bool, len(in.Links))
	for i := range in.Links {
		if listed[i] || !of(&in.Links[i]) {
			continue
		}
		for k := i; k < len(in.Links); k++ {
			l := &in.Links[k]
			if !of(l) || !with(&in.Links[i], l) {
				continue
			}
			listed[k] = true
			if !to(l) {
				continue
			}
			if v, ok := in.seen(l, now, last); ok {
				inputs = append(inputs, Input{l.DstEntity, l.Input, fmt.Sprintf("%s.m%d", in.Sims[l.Src].Name, l.SrcEntity), v, k})
			}
		}
	}
	in.newestLast(inputs, now, last)
	return inputs
}

// newestLast puts events from one entity in the order in which they came: by time, the step that
// made them, and which output was connected first.
func (in *interpreter) newestLast(inputs []Input, now, last moment) {
	for i := range inputs {
		for k := i + 1; k < len(inputs); k++ {
			a, b := &inputs[i], &inputs[k]
			if a.Link < 0 || b.Link < 0 || a.Source != b.Source || a.Entity != b.Entity || a.Attr != b.Attr {
				continue
			}
			l, m := &in.Links[a.Link], &in.Links[b.Link]
			if l.Output != "event" || m.Output != "event" || l.Held() || m.Held() {
				continue
			}
			newer, older := in.newest(l, now, last), in.newest(m, now, last)
			if cmp.Or(cmp.Compare(newer.at.time, older.at.time), newer.made.compare(older.made)) > 0 {
				a.Value, b.Value, a.Link, b.Link = b.Value, a.Value, b.Link, a.Link
			}
		}
	}
}

// seen is what a step sees over a link.
func (in *interpreter) seen(l *Link, now, last moment) (string, bool) {
	if o := in.newest(l, now, last); o != nil {
		return l.Marked(o.value), true
	}
	if l.Initial != nil {
		return fmt.Sprint(*l.Initial), l.Persistent()
	}
	return "null", l.Persistent()
}

// come is an output that has come over a link.
type come struct {
	value    string
	at, made moment // when it could be seen, and when it was made
}

// newest is the newest of the outputs that a step sees; of events, of those that were not
// visible at the step before. nil: there is none.
func (in *interpreter) newest(l *Link, now, last moment) (newest *come) {
	for _, o := range in.out.Outputs[l.Src][fmt.Sprintf("m%d.%s", l.SrcEntity, l.Output)] {
		visible := in.visible(o, l)
		if visible.compare(now) <= 0 && (newest == nil || visible.compare(newest.at) >= 0) && (l.Persistent() || visible.compare(last) > 0) {
			newest = &come{o.Value, visible, o.made}
		}
	}
	return newest
}
