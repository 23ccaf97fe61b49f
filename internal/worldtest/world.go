package worldtest

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
)

// Levels is how deep groups are nested.
const Levels = 3

// Types of simulators.
const (
	TimeBased  = "time-based"
	EventBased = "event-based"
	Hybrid     = "hybrid"
)

// World is a random world. Times are small numbers.
type World struct {
	Seed   uint64 `json:"seed"`
	Until  int64  `json:"until"`
	Groups []int  `json:"groups"` // the parent of each group, -1: none
	Sims   []Sim  `json:"sims"`
	Links  []Link `json:"links"`
	Asks   []Link `json:"asks"`   // who may ask whom: Dst may ask Src in its steps, and set data in it; nil: no such requests
	Events bool   `json:"events"` // simulators set events for themselves
	Eager  bool   `json:"eager"`  // mosaik does not keep simulators in step with their readers (lazy_stepping)

	Outside []Event `json:"-"` // what happens outside of the world
}

// Event makes a simulator step because of something outside.
type Event struct {
	Sim  int
	Time int64
}

// Sim is a simulator of a world. Its entities are called m0, m1, ...
type Sim struct {
	Name     string   `json:"name"`
	Type     string   `json:"type"`
	Group    int      `json:"group"` // -1: none
	Entities int      `json:"entities"`
	Initial  int64    `json:"initial"` // time of the first step; -1: by type
	Inputs   []string `json:"inputs"`
	Outputs  []string `json:"outputs"`
}

// Link is a connection. Of the outputs "out" is persistent and "event" is not, of
// the inputs "trigger" triggers and "quiet" does not.
type Link struct {
	Src       int    `json:"src"`
	SrcEntity int    `json:"src_entity"`
	Output    string `json:"output"`
	Dst       int    `json:"dst"`
	DstEntity int    `json:"dst_entity"`
	Input     string `json:"input"`
	Shift     int64  `json:"shift"`
	Weak      bool   `json:"weak"`
	Initial   *int64 `json:"initial"` // nil: none
	// Mark is put before texts by the transform of the connection, see Options.Marks; "": none.
	Mark string `json:"mark"`
}

// Marked is what a link makes of a JSON value that is put out: a text with the mark. Other values stay.
func (l *Link) Marked(value string) string {
	if strings.HasPrefix(value, `"`) {
		return `"` + l.Mark + value[1:]
	}
	return value
}

// Unmarked is what was put out if the value came over the link; a text without the mark did not.
func (l *Link) Unmarked(value string) string {
	if text, marked := strings.CutPrefix(value, `"`+l.Mark); marked {
		return `"` + text
	} else if strings.HasPrefix(value, `"`) {
		return "not marked: " + value
	}
	return value
}

// Held: an event that is seen until the next one comes.
func (l *Link) Held() bool { return l.Output == "event" && l.Initial != nil }

// SameEnds reports whether two links lead from the same entity to the same input.
func (l *Link) SameEnds(m *Link) bool {
	return l.Src == m.Src && l.SrcEntity == m.SrcEntity && l.Dst == m.Dst && l.DstEntity == m.DstEntity && l.Input == m.Input
}

// Persistent reports whether what is seen is seen until the next value comes.
func (l *Link) Persistent() bool { return l.Output == "out" || l.Held() }

// Options say what worlds are like.
type Options struct {
	// Mosaik keeps to what mosaik allows: the attributes of each type of
	// simulator, an initial value for every shifted or weak connection to an input
	// that does not trigger, and one connection from one entity to one input.
	Mosaik bool
	// Shift is the longest shift.
	Shift int64
	// Twins connects some event outputs twice to an input that triggers, with different shifts.
	Twins bool
	// Marks gives some connections a transform, which puts a mark of the connection before texts.
	Marks bool
	// Asks lets simulators ask others while they step.
	Asks bool
	// Events lets simulators set events for themselves while they step. There are no groups, in which
	// mosaik has none.
	Events bool
	// Outside has events happen outside, which the interpreter knows from the
	// beginning, so that its MaxAdvance is another one.
	Outside bool
}

// New makes the world of a seed.
func New(seed uint64, opts Options) *World {
	r := rand.New(rand.NewPCG(seed, 0))
	w := &World{Seed: seed, Until: 5 + r.Int64N(40), Events: opts.Events}
	groups := r.IntN(4)
	if opts.Events {
		groups = 0
	}
	for range groups {
		parent := r.IntN(len(w.Groups)+1) - 1
		if len(w.groupsAround(parent)) < Levels {
			w.Groups = append(w.Groups, parent)
		}
	}
	n := 1 + r.IntN(6)
	names := r.Perm(n) // so that ranks do not follow the order of the simulators
	for i := range n {
		s := Sim{Name: string(rune('a' + names[i])), Type: []string{TimeBased, EventBased, Hybrid}[r.IntN(3)], Entities: 1, Initial: -1,
			Group: max(r.IntN(2*len(w.Groups)+1)-len(w.Groups), 0) - 1, Inputs: []string{"trigger", "quiet"}, Outputs: []string{"out", "event"}}
		if r.IntN(5) == 0 {
			s.Initial = r.Int64N(8)
		}
		if opts.Mosaik {
			s.Entities += r.IntN(2)
			switch s.Type {
			case TimeBased:
				s.Inputs, s.Outputs = []string{"quiet"}, []string{"out"}
			case EventBased:
				s.Inputs, s.Outputs = []string{"trigger"}, []string{"event"}
			}
		}
		w.Sims = append(w.Sims, s)
	}
	level := r.Perm(n) // links without delay lead upwards only
	for range r.IntN(3 * n) {
		l := Link{Src: r.IntN(n), Dst: r.IntN(n)}
		src, dst := &w.Sims[l.Src], &w.Sims[l.Dst]
		l.SrcEntity, l.DstEntity = r.IntN(src.Entities), r.IntN(dst.Entities)
		l.Output, l.Input = src.Outputs[r.IntN(len(src.Outputs))], dst.Inputs[r.IntN(len(dst.Inputs))]
		l.Weak = w.common(&l) > 0 && r.IntN(2) == 0
		if level[l.Src] >= level[l.Dst] && !l.Weak || r.IntN(4) == 0 {
			l.Shift = 1 + r.Int64N(opts.Shift)
		}
		if w.stuck(l) {
			l.Shift = 1
		}
		if late := l.Shift > 0 || l.Weak; late {
			needed := l.Input == "quiet" && (opts.Mosaik || l.Output == "out")
			if r.IntN(3) == 0 || needed {
				initial := -1 - r.Int64N(9)
				l.Initial = &initial
			}
		}
		if opts.Mosaik && slices.ContainsFunc(w.Links, func(o Link) bool { return o.SameEnds(&l) }) {
			continue
		}
		w.Links = append(w.Links, l)
		if opts.Twins && l.Output == "event" && l.Input == "trigger" && l.Initial == nil && r.IntN(2) == 0 {
			twin := l
			twin.Shift += 1 + r.Int64N(opts.Shift)
			w.Links = slices.Insert(w.Links, len(w.Links)-r.IntN(2), twin)
		}
	}
	if opts.Asks {
		w.Asks = []Link{}
		for src := range w.Sims {
			l := Link{Src: src, Dst: r.IntN(n)}
			if l.Src != l.Dst && !w.stuck(l) {
				w.Asks = append(w.Asks, l)
			}
		}
	}
	if opts.Outside {
		for range 1 + r.IntN(6) {
			w.Outside = append(w.Outside, Event{r.IntN(n), 1 + r.Int64N(w.Until-1)})
		}
	}
	if opts.Marks {
		for i := range w.Links {
			if r.IntN(2) == 0 && w.alone(i) {
				w.Links[i].Mark = fmt.Sprint(i, ": ")
			}
		}
	}
	w.Eager = r.IntN(4) == 0
	return w
}

// alone reports whether a link is the only one from its entity to its input.
func (w *World) alone(link int) bool {
	for i := range w.Links {
		if i != link && w.Links[i].SameEnds(&w.Links[link]) {
			return false
		}
	}
	return true
}

// waits lists all links for which the one end waits for the other: also those of who asks, and
// in a group one back, so that who is asked waits with its next round; but not if who asks waits
// for all rounds of the other anyway, by way of somebody outside the group.
func (w *World) waits() []Link {
	all := slices.Concat(w.Links, w.Asks)
	for i := range w.Asks {
		if l := &w.Asks[i]; w.common(l) > 0 && !w.AllRounds(l) {
			all = append(all, back(l))
		}
	}
	return all
}

// back is how who is asked over a link in a group waits for who asks.
func back(l *Link) Link { return Link{Src: l.Dst, Dst: l.Src, Weak: true} }

// AllRounds reports whether who may ask or who reads over a link waits for all rounds of the other,
// although they are in a group, because of somebody outside of it: over links, or also because of
// others who ask.
func (w *World) AllRounds(l *Link) bool {
	all := slices.Concat(w.Links, w.Asks)
	switch {
	case w.common(l) == 0:
		return false
	case w.outside(back(l), all):
		return true
	}
	with := slices.Clone(all)
	for i := range w.Asks {
		if b := back(&w.Asks[i]); w.common(&b) > 0 && !w.outside(b, all) {
			with = append(with, b)
		}
	}
	return w.outside(back(l), with)
}

// outside reports whether links without shift lead from the destination of a link to its source
// by way of somebody outside of the groups that both are in, and none of them to a next round of
// those groups that all of them are in.
func (w *World) outside(back Link, links []Link) bool {
	type path struct{ to, groups, weakest int }
	paths := []path{{back.Dst, w.common(&back), w.common(&back)}}
	for i := 0; i < len(paths); i++ {
		at := paths[i]
		if at.to == back.Src {
			if at.groups < at.weakest {
				return true
			}
			continue
		}
		for _, l := range links {
			if l.Src != at.to || l.Shift > 0 {
				continue
			}
			next := path{l.Dst, min(at.groups, w.common(&l)), at.weakest}
			if l.Weak {
				next.weakest = min(next.weakest, w.common(&l))
			}
			if !slices.Contains(paths, next) {
				paths = append(paths, next)
			}
		}
	}
	return false
}

// groupsAround lists a group and those that it is in, the outermost first.
func (w *World) groupsAround(g int) []int {
	if g < 0 {
		return nil
	}
	return append(w.groupsAround(w.Groups[g]), g)
}

// common is how many groups both ends of a link are in.
func (w *World) common(l *Link) int {
	a, b := w.groupsAround(w.Sims[l.Src].Group), w.groupsAround(w.Sims[l.Dst].Group)
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

// stuck reports whether a further link closes a cycle in which nobody could step
// first: all at one time, and without a weak link of the innermost group that all
// the links of the cycle are in.
func (w *World) stuck(last Link) bool {
	if last.Shift > 0 {
		return false
	}
	all := slices.Concat(w.Links, w.Asks)
	visited := make([]bool, len(w.Sims))
	var from func(at, groups, weakest int) bool
	from = func(at, groups, weakest int) bool {
		if at == last.Src {
			return weakest > groups
		}
		visited[at] = true
		defer func() { visited[at] = false }()
		for i := range all {
			if l := &all[i]; l.Src == at && l.Shift == 0 && !visited[l.Dst] {
				weak := weakest
				if l.Weak {
					weak = min(weak, w.common(l))
				}
				if from(l.Dst, min(groups, w.common(l)), weak) {
					return true
				}
			}
		}
		return false
	}
	weakest := math.MaxInt
	if last.Weak {
		weakest = w.common(&last)
	}
	return from(last.Dst, w.common(&last), weakest)
}

// String describes the world for messages of failed tests.
func (w *World) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "seed %d until %d, groups in %v\n", w.Seed, w.Until, w.Groups)
	for _, s := range w.Sims {
		fmt.Fprintf(&b, "%s %v in %d, initial %d\n", s.Name, s.Type, s.Group, s.Initial)
	}
	for _, l := range w.Links {
		fmt.Fprintf(&b, "%s.m%d.%s -> %s.m%d.%s shift %d", w.Sims[l.Src].Name, l.SrcEntity, l.Output, w.Sims[l.Dst].Name, l.DstEntity, l.Input, l.Shift)
		if l.Weak {
			b.WriteString(" weak")
		}
		if l.Initial != nil {
			fmt.Fprintf(&b, " initial %d", *l.Initial)
		}
		if l.Mark != "" {
			fmt.Fprintf(&b, " mark %q", l.Mark)
		}
		b.WriteByte('\n')
	}
	for _, l := range w.Asks {
		fmt.Fprintf(&b, "%s asks %s\n", w.Sims[l.Dst].Name, w.Sims[l.Src].Name)
	}
	for _, e := range w.Outside {
		fmt.Fprintf(&b, "%s steps at %d\n", w.Sims[e.Sim].Name, e.Time)
	}
	return b.String()
}
