package graphdraw

import (
	"fmt"
	"strings"
	"time"

	"github.com/simrun/simrun/sim"
)

// MostSteps is how many steps a picture of an execution has at most.
const MostSteps = 400

// Execution is which step has led to which.
type Execution struct {
	Start  time.Time // date of time 0; zero: none
	Lanes  []string  // simulators
	Steps  []ExecutionStep
	Arrows []Arrow
}

// ExecutionStep is a step. Steps are in an order in which causes come before what they cause.
type ExecutionStep struct {
	Lane  int // in Execution.Lanes
	At    sim.Time
	Label string // short: its number
	Title string // all that there is to say
}

// ArrowKind says how a step has led to another one.
type ArrowKind uint8

// The kinds of arrows.
const (
	AskedArrow   ArrowKind = iota // it has asked for it: within a lane
	TriggerArrow                  // its value has triggered it
	SeenArrow                     // its value was seen there for the first time
)

// Arrow leads from one step to another.
type Arrow struct {
	From, To int // in Execution.Steps
	Kind     ArrowKind
	Title    string // what has travelled
}

// columns puts each step right of all at the same time that it depends on, and of
// all at earlier times.
func (e *Execution) columns() (of []int, times []columnTime) {
	of = make([]int, len(e.Steps))
	into := make([][]int, len(e.Steps))
	for _, a := range e.Arrows {
		into[a.To] = append(into[a.To], a.From)
	}
	lastOfLane := make([]int, len(e.Lanes))
	for i := range lastOfLane {
		lastOfLane[i] = -1
	}
	next := 0
	for i, s := range e.Steps {
		if i == 0 || s.At != e.Steps[i-1].At {
			times = append(times, columnTime{s.At, next})
		}
		column := times[len(times)-1].first
		for _, from := range append(into[i], lastOfLane[s.Lane]) {
			if from >= 0 && e.Steps[from].At == s.At {
				column = max(column, of[from]+1)
			}
		}
		of[i], lastOfLane[s.Lane] = column, i
		next = max(next, column+1)
	}
	return of, times
}

// columnTime is where the columns of a time begin.
type columnTime struct {
	at    sim.Time
	first int
}

// DOT is the execution for Graphviz.
func (e *Execution) DOT(name string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "digraph %s {\n", quote(name))
	b.WriteString("  rankdir=LR;\n  node [shape=box, style=rounded, fontname=\"Helvetica\", fontsize=10];\n  edge [fontname=\"Helvetica\", fontsize=8];\n")
	for lane, name := range e.Lanes {
		fmt.Fprintf(&b, "  subgraph cluster_%d {\n    label=%s;\n", lane, quote(name))
		for i, s := range e.Steps {
			if s.Lane == lane {
				fmt.Fprintf(&b, "    s%d [label=%s, tooltip=%s];\n", i, quote(s.Label+"\n"+e.when(s.At)), quote(s.Title))
			}
		}
		b.WriteString("  }\n")
	}
	for _, a := range e.Arrows {
		style := [...]string{AskedArrow: "color=gray", TriggerArrow: "color=black", SeenArrow: "style=dashed"}[a.Kind]
		fmt.Fprintf(&b, "  s%d -> s%d [%s, tooltip=%s];\n", a.From, a.To, style, quote(a.Title))
	}
	b.WriteString("}\n")
	return b.String()
}

// when is a time for people.
func (e *Execution) when(t sim.Time) string {
	if e.Start.IsZero() {
		return t.String()
	}
	date := e.Start.UTC().Add(time.Duration(t))
	if date.Nanosecond() != 0 {
		return date.Format("01-02 15:04:05.000")
	}
	return date.Format("01-02 15:04:05")
}
