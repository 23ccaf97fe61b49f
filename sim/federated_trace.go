package sim

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/simrun/simrun/codec"
	"github.com/simrun/simrun/container"
	"github.com/simrun/simrun/scheduler"
)

// takeEvents takes in the events that come with a reply, and reports whether there are
// more.
func (h *remoteSet) takeEvents(r *wireReader, items *[]codec.Raw, order container.Order) (more bool) {
	list := r.take(items)
	if more = r.number(items, 2) == 1; r.err != nil {
		return false
	}
	if h.traced += len(list); h.traced > maxStepEvents {
		r.err = fmt.Errorf("it has more than %d MB of events for one step, which is the limit; run without a trace, or have less happen at one time", maxStepEvents>>20)
		return false
	}
	var events []codec.Raw
	if events, r.err = h.codec.Split(nil, list); r.err == nil && !h.tracing && (more || len(events) > 0) {
		r.err = errors.New("it has events, but the run is not traced")
	}
	h.events = slices.Grow(h.events, len(events)/fewestItems)
	for len(events) > 0 && r.err == nil {
		e := r.event(&events, h.names)
		e.Time, e.Round = order.Time, order.Round
		h.events = append(h.events, e)
	}
	return more
}

// fetchEvents fetches what is left of the events of a round.
func (h *remoteSet) fetchEvents(ctx context.Context, order container.Order) error {
	asked := fmt.Sprintf("for more events of round %d of t=%v", order.Round, order.Time)
	for more := true; more; {
		items, err := h.call(ctx, h.roundTimeout, asked, "events")
		if err != nil {
			return err
		}
		r := &wireReader{codec: h.codec}
		before := len(h.events)
		more = h.takeEvents(r, &items, order)
		if r.err == nil && len(h.events) == before {
			r.err = errors.New("there are none")
		}
		if err := r.done(items); err != nil {
			return h.badReply(asked, err)
		}
	}
	return nil
}

// gatherEvents puts the events of a step, which has ended with err, into the order in
// which they would have been on one loop. Within a round that takes the first of
// those that are next in the containers, again and again, because what happens in one does not touch
// the others before the next round. Where an agent has failed, one loop would have
// ended.
func (s *agentSim) gatherEvents(err error) {
	var lists [][]AgentEvent
	last := -1 // of lists: with the event that has failed at its end
	failure, failed := errors.AsType[*scheduler.EventError](err)
	elsewhere := false
	for _, h := range s.there {
		if len(h.events) > 0 {
			if failed && h.failure == failure {
				last, elsewhere = len(lists), true
			}
			lists = append(lists, h.events)
		}
		h.events = nil
	}
	if len(lists) == 0 {
		return
	}
	if failed && !elsewhere {
		last = len(lists)
	}
	s.env.events.list = merged(append(lists, s.env.events.list), last)
}

// merged merges lists by their heads, until the list with number last, if there is such,
// has come to its end.
func merged(lists [][]AgentEvent, last int) []AgentEvent {
	total := 0
	for _, l := range lists {
		total += len(l)
	}
	all := make([]AgentEvent, 0, total)
	for {
		first := -1
		for i, l := range lists {
			if len(l) > 0 && (first < 0 || compareEvents(&l[0], &lists[first][0]) < 0) {
				first = i
			}
		}
		if first < 0 {
			return all
		}
		all = append(all, lists[first][0])
		if lists[first] = lists[first][1:]; first == last && len(lists[first]) == 0 {
			return all
		}
	}
}

func compareEvents(a, b *AgentEvent) int {
	return cmp.Or(cmp.Compare(a.Time, b.Time), cmp.Compare(a.Round, b.Round), cmp.Compare(a.Key, b.Key))
}
