package trace

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/simrun/simrun/internal/format"
	"github.com/simrun/simrun/sim"
)

// mostLines is how many lines of one kind a report has.
const mostLines = 6

// Report tells the difference of two runs, which people know by names.
func (d *Difference) Report(out io.Writer, names [2]string) error {
	r := newReport(d, names)
	r.begin()
	r.setting()
	r.first()
	r.before()
	r.more()
	_, err := io.WriteString(out, r.text.String())
	return err
}

type report struct {
	*Difference
	names [2]string
	words [2]words
	text  strings.Builder
}

func newReport(d *Difference, names [2]string) *report {
	r := &report{Difference: d, names: names}
	for i, h := range d.Headers {
		r.words[i] = words{&h.World}
	}
	return r
}

func (r *report) line(format string, args ...any) { fmt.Fprintf(&r.text, format+"\n", args...) }

func (r *report) begin() {
	w := &r.Headers[0].World
	at := "t=" + r.At.String()
	if !w.Start.IsZero() {
		at += w.Start.UTC().Add(time.Duration(r.At)).Format(" (2006-01-02 15:04:05 UTC)")
	}
	before := "nothing happens before"
	if r.Equal > 0 {
		before = "before, they are equal: " + steps(r.Equal)
	}
	r.line("%s and %s differ from %s on; %s.", r.names[0], r.names[1], at, before)
}

func steps(n int64) string {
	if n == 1 {
		return "1 step"
	}
	return format.Count(n) + " steps"
}

// setting tells what is known to differ between the runs.
func (r *report) setting() {
	var lines []string
	add := func(what string, values [2]string) {
		if values[0] != values[1] {
			lines = append(lines, fmt.Sprintf("%s: %s in %s, %s in %s", what, values[0], r.names[0], values[1], r.names[1]))
		}
	}
	both := func(text func(*Header) string) [2]string { return [2]string{text(r.Headers[0]), text(r.Headers[1])} }
	add("scenario", both(func(h *Header) string { return h.Scenario }))
	add("seed", both(func(h *Header) string { return fmt.Sprint(h.World.Seed) }))
	add("start", both(func(h *Header) string { return h.World.Start.UTC().Format("2006-01-02 15:04:05 UTC") }))
	add("end", both(func(h *Header) string { return h.World.Until.String() }))
	add("version of simrun", both(func(h *Header) string { return h.Version }))
	overrides := both(func(h *Header) string {
		var sets []string
		for _, o := range h.Overrides {
			if !strings.HasPrefix(o, "seed=") {
				sets = append(sets, o)
			}
		}
		if len(sets) == 0 {
			return "none"
		}
		return strings.Join(sets, " ")
	})
	add("values set for the run", overrides)
	add("containers in other processes", both(func(h *Header) string {
		if len(h.Containers) == 0 {
			return "none"
		}
		return strings.Join(h.Containers, ", ")
	}))
	if len(lines) == 0 && r.Headers[0].Digest != r.Headers[1].Digest {
		lines = append(lines, "the scenario file is not the same")
	}
	lines = append(lines, r.composition()...)
	if len(lines) == 0 {
		r.line("Nothing is known to differ in how the runs were made.")
		return
	}
	r.line("\nKnown to differ:")
	r.list(lines)
}

func (r *report) list(lines []string) {
	for i, l := range lines {
		if i == mostLines && len(lines) > mostLines+1 {
			r.line("  ... and %d more", len(lines)-mostLines)
			return
		}
		r.line("  %s", l)
	}
}

// composition tells what only one of the worlds has.
func (r *report) composition() (lines []string) {
	var have [2][]string
	for i, h := range r.Headers {
		w := words{&h.World}
		for _, s := range w.Sims {
			have[i] = append(have[i], fmt.Sprintf("simulator %s (%v)", s.Name, s.Type))
			for _, first := range s.First {
				have[i] = append(have[i], fmt.Sprintf("first step of %s at %v", s.Name, first))
			}
		}
		for j := range w.Outputs {
			have[i] = append(have[i], "output "+w.output(j))
		}
		for j := range w.Connections {
			c := &w.Connections[j]
			text := fmt.Sprintf("connection %s -> %s.%s", w.output(c.Output), c.Entity, c.Attr)
			if c.Delay.Time > 0 {
				text += fmt.Sprintf(", %v later", sim.Time(c.Delay.Time))
			}
			if c.Delay.Weak() {
				text += ", weak"
			}
			have[i] = append(have[i], text)
		}
	}
	for i := range have {
		other := make(map[string]bool)
		for _, text := range have[1-i] {
			other[text] = true
		}
		for _, text := range have[i] {
			if !other[text] {
				lines = append(lines, "only "+r.names[i]+" has: "+text)
			}
		}
	}
	return lines
}

// first tells the first difference.
func (r *report) first() {
	a, b := r.First[0], r.First[1]
	if a == nil || b == nil {
		i := 0
		if a == nil {
			i = 1
		}
		n := r.First[i]
		r.line("\nFirst difference: only %s has %s", r.names[i], r.head(i, n))
		r.list(r.outcome(i, n))
		return
	}
	r.line("\nFirst difference: %s", r.head(0, a))
	if why := r.words[1].causes(b.Causes); why != r.words[0].causes(a.Causes) {
		r.line("  in %s %s", r.names[1], why)
	}
	r.list(r.differences(a, b))
	name := r.words[0].Sims[a.Ref.Sim].Name
	origin := name
	if agent := firstAgent(a.Step.Agents, b.Step.Agents); agent != "" {
		origin = "its agent " + agent
	}
	if slices.Equal(r.words[0].inputs(a.Inputs), r.words[1].inputs(b.Inputs)) {
		r.line("Up to then %s has seen the same in both runs: the difference comes from %s itself, from\nits parameters, its random numbers, its program, or what it reads from elsewhere.", name, origin)
	} else {
		r.line("It has not seen the same:")
		for i, n := range r.First {
			for _, text := range r.words[i].inputs(n.Inputs) {
				r.line("  %s: %s", r.names[i], text)
			}
		}
	}
}

// head names a step and why it was made.
func (r *report) head(i int, n *Node) string {
	return fmt.Sprintf("%s at %v, made %s", r.words[i].step(n.Ref), n.Step.Stamp, r.words[i].causes(n.Causes))
}

// outcome tells what others have of a step.
func (r *report) outcome(i int, n *Node) (lines []string) {
	if n.Step.Err != "" {
		lines = append(lines, "it failed: "+n.Step.Err)
	}
	w := r.words[i]
	for k := range n.Step.Requests {
		lines = append(lines, w.request(&n.Step.Requests[k]))
	}
	for k := range n.Step.Values {
		lines = append(lines, w.value(&n.Step.Values[k]))
	}
	return lines
}

// differences tells in what two steps differ.
func (r *report) differences(a, b *Node) (lines []string) {
	add := func(what, x, y string) {
		if x != y {
			lines = append(lines, fmt.Sprintf("%s: %s in %s, %s in %s", what, x, r.names[0], y, r.names[1]))
		}
	}
	orNone := func(text string) string {
		if text == "" {
			return "none"
		}
		return text
	}
	add("failure", orNone(a.Step.Err), orNone(b.Step.Err))
	lines = append(lines, r.agents(a, b)...)
	for k := range max(len(a.Step.Requests), len(b.Step.Requests)) {
		var texts [2]string
		for i, n := range r.First {
			if k < len(n.Step.Requests) {
				texts[i] = r.words[i].request(&n.Step.Requests[k])
			}
		}
		add("request", orNone(texts[0]), orNone(texts[1]))
	}
	var values [2]map[string]string
	var order []string
	for i, n := range [2]*Node{a, b} {
		values[i] = make(map[string]string)
		for k := range n.Step.Values {
			v := &n.Step.Values[k]
			name := r.words[i].output(v.Output)
			_, text, _ := strings.Cut(r.words[i].value(v), " = ")
			values[i][name] = text
			order = append(order, name)
		}
	}
	for k, name := range order {
		if slices.Index(order, name) == k {
			add(name, orNone(values[0][name]), orNone(values[1][name]))
		}
	}
	add("time of the outputs", a.Step.Output.String(), b.Step.Output.String())
	add("next step", a.Step.Next.String(), b.Step.Next.String())
	return lines
}

// parting is the place of the first event that is not the same.
func parting(x, y []sim.AgentEvent) int {
	k := 0
	for k < len(x) && k < len(y) && sameEvent(x[k], y[k]) {
		k++
	}
	return k
}

// firstAgent is the agent that was the first to do something else, "" if none did.
func firstAgent(x, y []sim.AgentEvent) string {
	k := parting(x, y)
	for _, events := range [2][]sim.AgentEvent{x, y} {
		if k < len(events) {
			return events[k].Agent
		}
	}
	return ""
}

// agents tells where what agents did parts, and what came before.
func (r *report) agents(a, b *Node) (lines []string) {
	x, y := a.Step.Agents, b.Step.Agents
	k := parting(x, y)
	if k == len(x) && k == len(y) {
		return nil
	}
	for i, events := range [2][]sim.AgentEvent{x, y} {
		text := "nothing more"
		if k < len(events) {
			text = roundOf(&events[k]) + ": " + r.words[i].event(&events[k])
		}
		lines = append(lines, fmt.Sprintf("agents, in %s: %s", r.names[i], text))
	}
	of, i := x, 0
	if k >= len(x) {
		of, i = y, 1
	}
	for _, e := range leading(of, k) {
		lines = append(lines, "  after "+roundOf(e)+": "+r.words[i].event(e))
	}
	return lines
}

// leading are the events of the same step that have led to one: that in which a message
// was sent, and what the agent has done or heard before, the last first.
func leading(events []sim.AgentEvent, k int) (chain []*sim.AgentEvent) {
	for len(chain) <= mostHops {
		e := &events[k]
		next := -1
		for i := k - 1; i >= 0 && next < 0; i-- {
			before := &events[i]
			switch {
			case e.Message != nil && e.Message.Sent != 0:
				if before.Key == e.Message.Sent {
					next = i
				}
			case acts(before) == acts(e):
				next = i
			}
		}
		if next < 0 {
			return chain
		}
		chain = append(chain, &events[next])
		k = next
	}
	return chain
}

// before tells what has led to the first difference.
func (r *report) before() {
	texts := [2]string{}
	for i := range r.Before {
		var b strings.Builder
		if r.First[i] == nil {
			continue
		}
		for _, n := range append([]*Node{r.First[i]}, r.Before[i]...) {
			if n != r.First[i] {
				fmt.Fprintf(&b, "  %s\n", r.head(i, n))
				for k, text := range r.outcome(i, n) {
					if k == mostOfStep {
						fmt.Fprintf(&b, "      ...\n")
						break
					}
					fmt.Fprintf(&b, "      %s\n", text)
				}
			}
			for k, text := range r.words[i].inputs(n.Inputs) {
				if k == mostOfStep {
					fmt.Fprintf(&b, "    saw more\n")
					break
				}
				fmt.Fprintf(&b, "    saw %s\n", text)
			}
		}
		texts[i] = b.String()
	}
	switch {
	case texts[0] == texts[1] && texts[0] != "":
		r.line("\nWhat led to it, in both runs, the last first:\n%s", strings.TrimSuffix(texts[0], "\n"))
	default:
		for i, text := range texts {
			if text != "" {
				r.line("\nWhat led to it in %s, the last first:\n%s", r.names[i], strings.TrimSuffix(text, "\n"))
			}
		}
	}
}

// more tells of what differs at the same time for reasons of its own.
func (r *report) more() {
	if len(r.More) == 0 {
		return
	}
	r.line("\nAt the same time, for reasons of their own:")
	var lines []string
	for _, pair := range r.More {
		if pair[0] == nil || pair[1] == nil {
			i := 0
			if pair[0] == nil {
				i = 1
			}
			lines = append(lines, fmt.Sprintf("only %s has %s", r.names[i], r.head(i, pair[i])))
			continue
		}
		text := r.words[0].step(pair[0].Ref)
		if differ := r.differences(pair[0], pair[1]); len(differ) > 0 {
			text += ": " + differ[0]
			if len(differ) > 1 {
				text += fmt.Sprintf(" and %d more", len(differ)-1)
			}
		}
		lines = append(lines, text)
	}
	r.list(lines)
}

// Report tells that one of the runs, which people know by names, ends early.
func (e *Ended) Report(out io.Writer, names [2]string) error {
	why := "in the middle: the run was killed, or is under way"
	switch {
	case e.End != nil && e.End.Err != "":
		why = fmt.Sprintf("at %v: %s", e.End.Reached, e.End.Err)
	case e.End != nil:
		why = fmt.Sprintf("at %v", e.End.Reached)
	}
	r := newReport(&Difference{Headers: e.Headers}, names)
	r.line("%s and %s are equal as far as both go, %s. %s has ended %s.\n%s goes on at %v.",
		names[0], names[1], steps(e.Equal), names[e.Side], why, names[1-e.Side], e.Next)
	r.setting()
	_, err := io.WriteString(out, r.text.String())
	return err
}
