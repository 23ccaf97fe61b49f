package container

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/simrun/simrun/scheduler"
)

// openCalls are the calls that the agents of a container have made and that have
// not been answered. A call's id is its place in the table, in the lower half,
// and how many calls have had that place: the id of an answer that comes too late
// fits no other call.
type openCalls struct {
	places []openCall
	free   []uint32
	serial uint64
}

type openCall struct {
	times          uint32  // that the place was taken
	index          int32   // of the reply
	gather         *gather // nil: the place is free
	serial         uint64  // counts calls in the order in which they were made
	callee, method string
	since          scheduler.Time
}

func (t *openCalls) add(g *gather, index int, callee, method string) uint64 {
	var at uint32
	if n := len(t.free); n > 0 {
		at, t.free = t.free[n-1], t.free[:n-1]
	} else {
		at = uint32(len(t.places))
		t.places = append(t.places, openCall{})
	}
	t.serial++
	o := &t.places[at] // which is empty, so no *o = openCall{...}, which would be made on the stack and copied
	o.times++
	o.index, o.gather, o.serial, o.callee, o.method, o.since = int32(index), g, t.serial, callee, method, g.behaviour.agent.container.loop.Now()
	return uint64(o.times)<<32 | uint64(at)
}

// get returns the call of an id, or nil. It is valid until the next add.
func (t *openCalls) get(id uint64) *openCall {
	at := uint32(id)
	if int(at) >= len(t.places) {
		return nil
	}
	if o := &t.places[at]; o.gather != nil && uint64(o.times) == id>>32 {
		return o
	}
	return nil
}

func (t *openCalls) remove(id uint64) {
	if o := t.get(id); o != nil {
		*o = openCall{times: o.times}
		t.free = append(t.free, uint32(id))
	}
}

// Wait is a call that has not been answered.
type Wait struct {
	Agent     string // who waits
	Behaviour string // in which of its behaviours
	Since     scheduler.Time
	Callee    string // for which agent: its name or address
	Method    string // to do what
}

func (w Wait) String() string {
	return fmt.Sprintf("%q (%s) waits since %v for %q (%s)", w.Agent, w.Behaviour, w.Since, w.Callee, w.Method)
}

// Waiting tells who waits for whom: all calls that have not been answered, by
// name of the waiting agent and in the order in which they were made. If nothing
// is left to happen, these agents will wait for ever. After Close it tells who
// waited then.
func (c *Container) Waiting() []Wait {
	var calls []*openCall
	for i := range c.open.places {
		if o := &c.open.places[i]; o.gather != nil {
			calls = append(calls, o)
		}
	}
	slices.SortFunc(calls, func(x, y *openCall) int {
		return cmp.Or(cmp.Compare(x.gather.behaviour.agent.Name(), y.gather.behaviour.agent.Name()), cmp.Compare(x.serial, y.serial))
	})
	waits := make([]Wait, len(calls))
	for i, o := range calls {
		waits[i] = Wait{o.gather.behaviour.agent.Name(), o.gather.behaviour.process.Name(), o.since, o.callee, o.method}
	}
	return waits
}
