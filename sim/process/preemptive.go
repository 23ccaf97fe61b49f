package process

import (
	"fmt"

	"github.com/simrun/simrun/scheduler"
)

// PreemptiveResource is a resource whose units can be taken away from those who
// have them by those of higher priority.
type PreemptiveResource struct {
	sim      *Simulation
	name     string
	capacity int
	holders  heap[*holder] // the one to lose its unit is first
	turn     uint64        // of the last who got a unit
	spare    *holder       // those that can be used again
	line     rankedLine
	usage    *Usage
}

// holder is a process that has a unit.
type holder struct {
	p        *Process
	resource *PreemptiveResource
	priority int
	turn     uint64
	since    scheduler.Time
	place    int     // in the heap
	next     *holder // of the same process, or the next spare one
}

// PreemptedError is why the wait of a process was interrupted: it has lost its
// unit of a resource. It is found with errors.As in the *InterruptedError.
type PreemptedError struct {
	Resource string
	By       *Process       // who has it now
	Since    scheduler.Time // when the process had got it
	resource *PreemptiveResource
}

func (e *PreemptedError) Error() string {
	return fmt.Sprintf("process %q has taken the unit of resource %q", e.By.Name(), e.Resource)
}

// NewPreemptiveResource returns a resource of so many units, all of them free. It
// panics if capacity is not positive.
func NewPreemptiveResource(s *Simulation, name string, capacity int) *PreemptiveResource {
	if capacity <= 0 {
		panic(fmt.Sprintf("process: resource %q: a capacity of %d is not positive", name, capacity))
	}
	r := &PreemptiveResource{sim: s, name: name, capacity: capacity, line: newRankedLine()}
	r.holders.before = func(a, b *holder) bool {
		if a.priority != b.priority {
			return a.priority > b.priority
		}
		return a.turn > b.turn
	}
	r.holders.placed = func(h *holder, at int) { h.place = at }
	return r
}

// Name returns the name given to NewPreemptiveResource.
func (r *PreemptiveResource) Name() string { return r.name }

// Capacity returns the number of units.
func (r *PreemptiveResource) Capacity() int { return r.capacity }

// InUse returns how many units are taken.
func (r *PreemptiveResource) InUse() int { return len(r.holders.elements) }

// Queue returns how many processes wait.
func (r *PreemptiveResource) Queue() int { return r.line.length() }

// Acquire takes a unit. If none is free, and somebody holds one with a higher
// number as priority, it is taken away from the one with the highest, of several
// the one who got it last: the wait of that process is interrupted with a
// *PreemptedError. Otherwise Acquire waits, see Resource.AcquirePriority; so it does if
// somebody waits who comes first by priority, or as an equal, whom it must not overtake.
// Those who wait take nothing away. A process holds at most one unit.
func (r *PreemptiveResource) Acquire(p *Process, priority int) error {
	if err := p.mayWait(); err != nil {
		return err
	}
	r.mustHaveNone(p)
	if r.InUse() == r.capacity {
		worst := r.holders.elements[0]
		if worst.priority <= priority || r.line.comesFirst(priority) {
			return r.queue(p, priority)
		}
		victim, since := worst.p, worst.since
		r.drop(worst)
		victim.disturb(&InterruptedError{Cause: &PreemptedError{Resource: r.name, By: p, Since: since, resource: r}})
	}
	r.hold(p, priority)
	return nil
}

// AcquirePatiently is Acquire, but takes nothing away from anybody.
func (r *PreemptiveResource) AcquirePatiently(p *Process, priority int) error {
	if err := p.mayWait(); err != nil {
		return err
	}
	r.mustHaveNone(p)
	if r.InUse() == r.capacity {
		return r.queue(p, priority)
	}
	r.hold(p, priority)
	return nil
}

func (r *PreemptiveResource) mustHaveNone(p *Process) {
	if r.held(p) != nil {
		panic(fmt.Sprintf("process: resource %q: process %q has a unit already", r.name, p.Name()))
	}
}

func (r *PreemptiveResource) queue(p *Process, priority int) error {
	p.node.since = r.sim.Now()
	r.line.enter(&p.node, priority)
	r.usage.queued(p.node.since, r.line.length())
	return p.wait(r)
}

// Release gives the unit of p back, to the first who waits if there is one. If it
// was taken away, Release does nothing, so that it can be deferred; and if p has not been
// told so far, because what it waited for had come at the same time, it is not told any more.
func (r *PreemptiveResource) Release(p *Process) {
	h := r.held(p)
	if h == nil {
		r.forgive(p)
		return
	}
	r.drop(h)
	now := r.sim.Now()
	first, ok := r.line.next()
	if !ok {
		r.usage.holds(now, float64(r.InUse()))
		return
	}
	r.usage.queued(now, r.line.length())
	r.usage.served(now, first.waiter.since)
	r.give(first.waiter.then.(*Process), first.priority) // others cannot ask for a unit
	first.waiter.goOn(nil)
}

func (r *PreemptiveResource) hold(p *Process, priority int) {
	r.give(p, priority)
	now := r.sim.Now()
	r.usage.served(now, now)
	r.usage.holds(now, float64(r.InUse()))
}

func (r *PreemptiveResource) give(p *Process, priority int) {
	h := r.spare
	if h == nil {
		h = &holder{resource: r}
	} else {
		r.spare = h.next
	}
	r.turn++
	rare := p.rarely()
	h.p, h.priority, h.turn, h.since, h.next = p, priority, r.turn, r.sim.Now(), rare.units
	rare.units = h
	r.holders.add(h)
}

func (r *PreemptiveResource) drop(h *holder) {
	r.holders.remove(h.place)
	of := &h.p.rare.units
	for *of != h {
		of = &(*of).next
	}
	*of = h.next
	h.p, h.next, r.spare = nil, r.spare, h
}

// forgive takes back that p is told of the loss of its unit, which it has no use for any more.
func (r *PreemptiveResource) forgive(p *Process) {
	if p.rare == nil {
		return
	}
	for n := &p.rare.interrupts; *n != nil; n = &(*n).next {
		if lost, ok := (*n).err.Cause.(*PreemptedError); ok && lost.resource == r {
			*n = (*n).next
			return
		}
	}
}

// held returns the unit that p has, or nil. A process has units of few resources.
func (r *PreemptiveResource) held(p *Process) *holder {
	if p.rare == nil {
		return nil
	}
	h := p.rare.units
	for h != nil && h.resource != r {
		h = h.next
	}
	return h
}

func (r *PreemptiveResource) describe() string { return fmt.Sprintf("resource %q", r.name) }

func (r *PreemptiveResource) leave(p *Process) {
	r.line.leave(&p.node)
	r.usage.queued(r.sim.Now(), r.line.length())
}

// Monitor begins to collect statistics.
func (r *PreemptiveResource) Monitor() *Usage {
	r.usage = newUsage(r.sim.Now(), float64(r.InUse()), r.line.length())
	return r.usage
}
