package sim

import (
	"slices"

	"github.com/simrun/simrun/scheduler"
)

// asyncLink allows asynchronous requests.
type asyncLink struct{ source, requester *Entity }

// delay is that of a connection from the source to the requester: what is there
// in its step.
func (a *asyncLink) delay() scheduler.Delay { return scheduler.NewDelay(0, a.groups(), false) }

// groups is how many groups both ends are in.
func (a *asyncLink) groups() int { return common(a.source.lp.group, a.requester.lp.group) }

// linkAsync makes requesters wait for those whom they ask, as over a connection without delay.
// In a group the source also waits for the requester before its next round, as over a weak
// connection back: it must not be asked in the middle of a step, and what is set in one round is
// seen in the next.
//
// That cannot be if the requester waits, by way of somebody outside the group, for all rounds of
// the source. It makes its step after them then.
func (r *run) linkAsync() {
	w := r.w
	if len(w.async) == 0 {
		return
	}
	leads := make(instantPaths)
	for _, in := range w.instances {
		for _, e := range in.entityList {
			for _, p := range e.portList {
				for _, c := range p.conns {
					if src := c.src.lp; c.delay.Time == 0 {
						leads.add(src, instantEdge{in, common(src.group, in.group), c.delay.Weak()})
					}
				}
			}
		}
	}
	for i := range w.async {
		a := &w.async[i]
		leads.add(a.source.lp, instantEdge{a.requester.lp, a.groups(), false})
	}
	back := make([]bool, len(w.async))
	for i := range w.async {
		a := &w.async[i]
		back[i] = a.groups() > 0 && !leads.outside(a)
	}
	// Several of these connections back may wait for each other.
	all := leads.clone()
	for i := range w.async {
		if a := &w.async[i]; back[i] {
			all.add(a.requester.lp, instantEdge{a.source.lp, a.groups(), true})
		}
	}
	for i := range w.async {
		a := &w.async[i]
		if back[i] = back[i] && !all.outside(a); back[i] {
			leads.add(a.requester.lp, instantEdge{a.source.lp, a.groups(), true})
		}
	}
	for i := range w.async {
		a := &w.async[i]
		source, requester := a.source.lp, a.requester.lp
		delay := scheduler.NewDelay(0, 0, false)
		if leads.any(requester, source, func(int, int) bool { return true }) { // in a loop
			delay = a.delay()
		}
		r.coord.Link(source.lp, requester.lp, delay, false)
		if back[i] {
			r.coord.Link(requester.lp, source.lp, scheduler.NewDelay(0, a.groups(), true), false)
		}
		r.coord.KeepInStep(source.lp, requester.lp)
	}
}

// ConnectAsync lets the simulator of requester ask that of source for data, and
// set data in it, while it steps. The source then waits for the requester before it
// steps at a later time or, in a group, in a later round. The two entities become
// neighbours in the graph of entities.
func (w *World) ConnectAsync(source, requester *Entity) {
	w.async = append(w.async, asyncLink{source, requester})
	source.lp.asked = true
}

// remember keeps an output for asynchronous requests. Who may make them steps
// at the present time of the source or later, so older ones but for the newest
// are not asked for any more.
func (s *slot) remember(at scheduler.Stamp, now Time) {
	n := 0
	for n+1 < len(s.history) && !scheduler.At(now).Before(s.history[n+1].at) {
		n++
	}
	i := len(s.history)
	for i > 0 && at.Before(s.history[i-1].at) {
		i--
	}
	s.history = slices.Delete(slices.Insert(s.history, i, timed{at: at, value: s.value.detached()}), 0, n)
}

// asOf returns the newest output that can be seen at a stamp over a link with
// the given delay, null if there is none yet. It is not known if the simulator
// has put out nothing at all.
func (s *slot) asOf(now scheduler.Stamp, delay scheduler.Delay) (v Value, known bool) {
	for _, o := range s.history {
		if !now.Before(o.at.Plus(delay)) {
			v = o.value
		}
	}
	return v, len(s.history) > 0
}
