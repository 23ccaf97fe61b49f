package trace

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/simrun/simrun/container"
	"github.com/simrun/simrun/sim"
)

// most is how many causes or inputs a line names.
const most = 3

// words names what a trace refers to.
type words struct{ *sim.TraceWorld }

func (w words) step(r Ref) string { return fmt.Sprintf("%s step %d", w.Sims[r.Sim].Name, r.N) }

func (w words) output(i int) string { o := &w.Outputs[i]; return o.Entity + "." + o.Attr }

func (w words) value(v *sim.TraceValue) string {
	text := w.output(v.Output) + " = " + v.Value.String()
	if unit := w.Outputs[v.Output].Unit; unit != "" && unit != "1" {
		text += " " + unit
	}
	if v.Omitted {
		text += " (left out)"
	}
	return text
}

// causes tells why a step was made, in one line: those of one step together.
func (w words) causes(all []Cause) string {
	if len(all) == 0 {
		return "for a reason that is not in the trace"
	}
	groups := grouped(all, func(c Cause) Ref {
		if c.Kind == Trigger {
			return c.Step
		}
		return Ref{Sim: -1 - int(c.Kind)}
	})
	return "because " + some(len(groups), func(i int) string { return w.cause(groups[i]) })
}

// grouped brings together what has to do with the same step, in the order of first
// occurrences.
func grouped[T any](all []T, step func(T) Ref) (groups [][]T) {
	places := make(map[Ref]int)
	for _, one := range all {
		ref := step(one)
		place, known := places[ref]
		if !known {
			place = len(groups)
			places[ref], groups = place, append(groups, nil)
		}
		groups[place] = append(groups[place], one)
	}
	return groups
}

// cause tells a reason for a step: several are values that one step has put out.
func (w words) cause(all []Cause) string {
	c := all[0]
	switch c.Kind {
	case Initial:
		return "it is its first"
	case Asked:
		return fmt.Sprintf("its step %d asked for it", c.Step.N)
	case Trigger:
		var outputs []int
		for _, c := range all {
			outputs = append(outputs, w.Connections[c.Connection].Output)
		}
		slices.Sort(outputs)
		outputs = slices.Compact(outputs) // one may lead to several inputs
		return fmt.Sprintf("%s put out %s", w.step(c.Step), some(len(outputs), func(i int) string { return w.output(outputs[i]) }))
	}
	return "it was asked for from outside"
}

// some lists a few of n.
func some(n int, text func(i int) string) string {
	var list []string
	for i := range min(n, most) {
		list = append(list, text(i))
	}
	if n > most {
		return strings.Join(list, ", ") + fmt.Sprintf(" and %d more", n-most)
	}
	if len(list) < 2 {
		return strings.Join(list, "")
	}
	return strings.Join(list[:len(list)-1], ", ") + " and " + list[len(list)-1]
}

// inputs tells what a step has seen, those of one step together.
func (w words) inputs(all []Input) (lines []string) {
	for _, group := range grouped(all, func(in Input) Ref { return in.Step }) {
		known := make(map[int]bool)
		group = slices.DeleteFunc(group, func(in Input) bool {
			if in.Connection < 0 {
				return false
			}
			output := w.Connections[in.Connection].Output // one may lead to several entities
			again := known[output]
			known[output] = true
			return again
		})
		seen := some(len(group), func(i int) string { return w.input(group[i]) })
		lines = append(lines, fmt.Sprintf("from %s: %s", w.step(group[0].Step), seen))
	}
	return lines
}

// input tells a value that was seen.
func (w words) input(in Input) string {
	if in.Connection < 0 {
		return fmt.Sprintf("%s.%s = %v, set by a request", in.Request.Entity, in.Request.Attr, in.Value)
	}
	return w.value(&sim.TraceValue{Output: w.Connections[in.Connection].Output, Value: in.Value})
}

func (w words) request(q *sim.TraceRequest) string {
	if q.Set {
		return fmt.Sprintf("sets %s.%s = %v, as from %s", q.Entity, q.Attr, q.Value, q.Source)
	}
	return fmt.Sprintf("asks for %s.%s: %v", q.Entity, q.Attr, q.Value)
}

// event tells what happened to agents.
func (w words) event(e *sim.AgentEvent) string {
	m := e.Message
	switch {
	case m == nil && e.Behaviour == "":
		return fmt.Sprintf("agent %s: a call that was put off", e.Agent)
	case m == nil:
		return fmt.Sprintf("agent %s: %s begins or goes on", e.Agent, e.Behaviour)
	}
	text := fmt.Sprintf("%s %s -> %s", m.Kind, m.From, m.To)
	switch {
	case m.Err != "":
		text += " failed: " + m.Err
	case m.Kind == container.AnswerMessage:
		text += ": " + shortened(string(m.Content))
	default:
		text += ": " + m.Method + "(" + arguments(string(m.Content)) + ")"
	}
	if m.Fate == container.Lost {
		text += " (lost)"
	}
	return text
}

// arguments takes the brackets off a list.
func arguments(content string) string {
	if inner, ok := strings.CutPrefix(content, "["); ok {
		return shortened(strings.TrimSuffix(inner, "]"))
	}
	return shortened(content)
}

// shortened fits a line.
func shortened(text string) string {
	const longest = 120
	if len(text) > longest {
		return strings.ToValidUTF8(text[:longest], "") + "..."
	}
	return text
}

func roundOf(e *sim.AgentEvent) string {
	if e.Round == 0 {
		return e.Time.String()
	}
	return fmt.Sprintf("%v round %d", e.Time, e.Round)
}

// Text prints items for people, a line for each part.
type Text struct {
	words
	out   io.Writer
	width int // of the names of simulators
}

// NewText returns one that prints to out.
func NewText(out io.Writer, h *Header) *Text {
	t := &Text{words: words{&h.World}, out: out}
	for _, s := range h.World.Sims {
		t.width = max(t.width, len(s.Name))
	}
	return t
}

// Item prints an item.
func (t *Text) Item(item *Item) error {
	s := item.Step
	var b strings.Builder
	line := func(at, format string, args ...any) {
		fmt.Fprintf(&b, "%-12s  %-*s  ", at, t.width, t.Sims[s.Sim].Name)
		fmt.Fprintf(&b, format, args...)
		b.WriteByte('\n')
	}
	at := s.Stamp.String()
	if item.Wanted {
		line(at, "step %d, %s", item.Ref.N, t.outcome(item))
		for _, text := range t.inputs(item.Inputs) {
			line(at, "  sees %s", text)
		}
	}
	for i := range s.Agents {
		line(roundOf(&s.Agents[i]), "  %s", t.event(&s.Agents[i]))
	}
	for i := range s.Requests {
		line(at, "  %s", t.request(&s.Requests[i]))
	}
	for i := range s.Values {
		line(at, "  %s", t.value(&s.Values[i]))
	}
	_, err := io.WriteString(t.out, b.String())
	return err
}

// outcome tells why a step was made, and what is next.
func (t *Text) outcome(item *Item) string {
	s := item.Step
	text := t.causes(item.Causes)
	switch {
	case s.Err != "":
		return text + "; it failed: " + s.Err
	case s.Next != sim.Never:
		text += fmt.Sprintf("; next at %v", s.Next)
	}
	if s.Output != s.Stamp.Time {
		text += fmt.Sprintf("; outputs as of %v", s.Output)
	}
	if s.Unsettled {
		text += "; unsettled"
	}
	return text
}
