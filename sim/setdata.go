package sim

import (
	"cmp"
	"slices"

	"github.com/simrun/simrun/scheduler"
)

// setValue is a value set by a simulator, as coming from src.
type setValue struct {
	src         string
	value       Value
	by          *Instance
	first, last scheduler.Stamp // of the steps in which it did
}

// put notes a value for the next step of the port's simulator that comes after the
// one in which it was set: it may be making one meanwhile. Of several values of one
// simulator for one src only the newest will be seen; but one of the present time may be
// for a later step than those of times before.
func (p *port) put(v setValue) {
	older := -1
	for i := range p.later {
		s := &p.later[i]
		switch {
		case s.by != v.by || s.src != v.src:
		case s.last.Time == v.last.Time:
			s.value, s.last = v.value, v.last
			return
		case older < 0:
			older = i
		default: // two of times before
			p.later[older].value, p.later[older].last = s.value, s.last
			*s = v
			return
		}
	}
	p.later = append(p.later, v)
}

// settle moves what is for the step at a stamp to where it will be seen, in an order
// that does not depend on who was faster: that of the first steps in which it was set.
// Of several values for one src the newest counts. It reports whether some are for a
// later step.
func (p *port) settle(at scheduler.Stamp) (more bool) {
	kept := p.later[:0]
	for _, v := range p.later {
		if scheduler.CompareSteps(v.by.places, v.last, p.lp.places, at) > 0 {
			kept = append(kept, v)
			continue
		}
		p.set = append(p.set, v)
	}
	clear(p.later[len(kept):])
	p.later = kept
	if len(p.set) > 1 {
		slices.SortStableFunc(p.set, func(a, b setValue) int {
			return cmp.Or(a.first.Compare(b.first), cmp.Compare(a.by.rank, b.by.rank))
		})
		settled := p.set[:0]
		for _, v := range p.set {
			i := slices.IndexFunc(settled, func(s setValue) bool { return s.src == v.src })
			if i < 0 {
				settled = append(settled, v)
			} else if s := &settled[i]; cmp.Or(v.last.Compare(s.last), cmp.Compare(v.by.rank, s.by.rank)) > 0 {
				s.value, s.last, s.by = v.value, v.last, v.by
			}
		}
		clear(p.set[len(settled):])
		p.set = settled
	}
	return len(p.later) > 0
}

// settle makes visible what was set for the step that begins.
func (in *Instance) settle() {
	waiting := in.laterPorts[:0]
	for _, p := range in.laterPorts {
		more := p.settle(in.stamp)
		if len(p.set) > 0 {
			in.setPorts = append(in.setPorts, p)
		}
		if more {
			waiting = append(waiting, p)
		}
	}
	clear(in.laterPorts[len(waiting):])
	in.laterPorts = waiting
}
