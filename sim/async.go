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
