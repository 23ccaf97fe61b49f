package worldtest

import (
	"fmt"
	"hash/crc32"
)

// Generic is what simulator i does in a step if it is one of those in
// sim/mosaik/testdata/conformance/generic.py: by numbers that depend on the seed, the
// name, and the step. It goes with Interpret.
func (w *World) Generic(i int, s Step) Action {
	sim := &w.Sims[i]
	draw := func(what string) int64 {
		return int64(crc32.ChecksumIEEE(fmt.Appendf(nil, "%d %s %d %d %s", w.Seed, sim.Name, s.Time, s.Again, what)))
	}
	a := Action{At: s.Time}
	if next := draw("next"); sim.Type == TimeBased {
		a.Next = s.Time + 1 + next%4
	} else if next%2 == 0 {
		a.Next = s.Time + 1 + next/2%6
	}
	if time := draw("time"); time%6 == 0 {
		a.At = s.Time + 1 + time/6%5
	}
	for _, l := range w.Asks {
		other := &w.Sims[l.Src]
		if set := draw("set " + other.Name); l.Dst == i && set%3 == 0 {
			a.Sets = append(a.Sets, Set{Sim: l.Src, Attr: other.Inputs[int(set/3)%len(other.Inputs)],
				Value: fmt.Sprintf("%q", fmt.Sprintf("%s set %d/%d", sim.Name, s.Time, s.Again))})
		}
	}
	if event := draw("event"); w.Events && event%4 == 0 {
		a.Event = s.Time + 1 + event/4%5
	}
	for e := range sim.Entities {
		for _, attr := range sim.Outputs {
			chance := map[string]int64{"out": 7, "event": 4}[attr]
			switch given := s.Again < 5 && draw(fmt.Sprintf("m%d.%s", e, attr))%8 < chance; {
			case given:
				a.Outputs = append(a.Outputs, Output{Entity: e, Attr: attr,
					Value: fmt.Sprintf("%q", fmt.Sprintf("%s.m%d.%s %d/%d", sim.Name, e, attr, s.Time, s.Again))})
			case attr == "out":
				a.Outputs = append(a.Outputs, Output{Entity: e, Attr: attr, Value: "null", Omitted: true})
			}
		}
	}
	return a
}
