package sim

import (
	"cmp"
	"slices"
)

// wiring lists the attributes of the simulator that are in use.
func (in *Instance) wiring() Wiring {
	var w Wiring
	for _, e := range in.entityList {
		for _, p := range e.portList {
			w.Inputs = append(w.Inputs, WiredInput{e.id, p.attr, Input{p}})
		}
		for _, s := range e.slotList {
			if s.wanted() {
				w.Outputs = append(w.Outputs, WiredOutput{e.id, s.attr, Output{s}, len(s.dests) > 0})
			}
		}
	}
	return w
}

// indexSlots numbers the simulator's slots by name, so that digests do not
// depend on the order in which a world was composed. Short names come first:
// that is how numbered entities are mostly made, and stepped, in order.
func (in *Instance) indexSlots() {
	var all []*slot
	for _, e := range in.entityList {
		all = append(all, e.slotList...)
	}
	slices.SortFunc(all, func(a, b *slot) int {
		return cmp.Or(cmp.Compare(len(a.entity.id), len(b.entity.id)), cmp.Compare(a.entity.id, b.entity.id), cmp.Compare(a.attr, b.attr))
	})
	for i, s := range all {
		s.index = uint32(i)
	}
}
