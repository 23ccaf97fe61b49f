package sim

import (
	"slices"

	"github.com/simrun/simrun/scheduler"
)

// asyncLink allows asynchronous requests.
type asyncLink struct{ source, requester *Entity }

// delay is that of a connection from the source to the requester: what is there
// in its step.
func (a *asyncLink) delay() scheduler.Delay {
	return scheduler.NewDelay(0, common(a.source.lp.group, a.requester.lp.group), false)
}

// linkAsync lets requesters wait for those whom they ask, as over a connection without
// delay. But unless both are in one loop, the requester waits for all rounds of the
// source at the present time: the source does not wait for the requester with its next
// round, in the middle of which it must not be asked.
func (r *run) linkAsync() {
	w := r.w
	if len(w.async) == 0 {
		return
	}
	leads := make(map[*Instance][]*Instance) // without a delay in time
	for _, in := range w.instances {
		for _, e := range in.entityList {
			for _, p := range e.portList {
				for _, c := range p.conns {
					if src := c.src.lp; c.delay.Time == 0 && !slices.Contains(leads[src], in) {
						leads[src] = append(leads[src], in)
					}
				}
			}
		}
	}
	for _, a := range w.async {
		leads[a.source.lp] = append(leads[a.source.lp], a.requester.lp)
	}
	for i := range w.async {
		a := &w.async[i]
		delay := scheduler.NewDelay(0, 0, false)
		if reaches(leads, a.requester.lp, a.source.lp, map[*Instance]bool{}) {
			delay = a.delay()
		}
		r.coord.Link(a.source.lp.lp, a.requester.lp.lp, delay, false)
		r.coord.KeepInStep(a.source.lp.lp, a.requester.lp.lp)
	}
}

func reaches(leads map[*Instance][]*Instance, from, to *Instance, visited map[*Instance]bool) bool {
	if from == to {
		return true
	}
	if visited[from] {
		return false
	}
	visited[from] = true
	return slices.ContainsFunc(leads[from], func(next *Instance) bool { return reaches(leads, next, to, visited) })
}

// ConnectAsync lets the simulator of requester ask that of source for data, and
// set data in it, while it steps. The source then waits for the requester. The
// two entities become neighbours in the graph of entities.
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
