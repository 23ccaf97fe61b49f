package process

import (
	"container/heap"
	"fmt"

	"github.com/simrun/simrun/scheduler"
)

// PreemptiveResource is a resource whose units can be taken away from those who
// have them by those of higher priority.
type PreemptiveResource struct {
	sim      *Simulation
	name     string
	capacity int
	holders  holders
	turn     uint64 // of the last who got a unit
	queue    queue
	usage    *Usage
}

// PreemptedError is why the wait of a process was interrupted: it has lost its
// unit of a resource. It is found with errors.As in the *InterruptedError.
type PreemptedError struct {
	Resource string
	By       *Process       // who has it now
	Since    scheduler.Time // when the process had got it
}

func (e *PreemptedError) Error() string {
	return fmt.Sprintf("process %q has taken the unit of resource %q", e.By.name, e.Resource)
}

// NewPreemptiveResource returns a resource of so many units, all of them free. It
// panics if capacity is not positive.
func NewPreemptiveResource(s *Simulation, name string, capacity int) *PreemptiveResource {
	if capacity <= 0 {
		panic(fmt.Sprintf("process: resource %q: a capacity of %d is not positive", name, capacity))
	}
	return &PreemptiveResource{sim: s, name: name, capacity: capacity}
}

// Capacity returns the number of units.
func (r *PreemptiveResource) Capacity() int { return r.capacity }

// InUse returns how many units are taken.
func (r *PreemptiveResource) InUse() int { return len(r.holders) }

// Queue returns how many processes wait.
func (r *PreemptiveResource) Queue() int { return r.queue.length }

// Acquire takes a unit. If none is free, and somebody holds one with a higher
// number as priority, it is taken away from the one with the highest, of several
// the one who got it last: the wait of that process is interrupted with a
// *PreemptedError. Otherwise Acquire waits, see Resource.AcquirePriority. A process
// holds at most one unit.
func (r *PreemptiveResource) Acquire(p *Process, priority int) error {
	if r.free(p) {
		if err := p.mayWait(); err != nil {
			return err
		}
		r.hold(p, priority)
		return nil
	}
	if worst := r.holders[0]; worst.priority > priority {
		if err := p.mayWait(); err != nil {
			return err
		}
		heap.Pop(&r.holders)
		r.hold(p, priority)
		worst.p.disturb(&InterruptedError{Cause: &PreemptedError{Resource: r.name, By: p, Since: worst.since}})
		return nil
	}
	return r.AcquirePatiently(p, priority)
}

// AcquirePatiently is Acquire, but takes nothing away from anybody.
func (r *PreemptiveResource) AcquirePatiently(p *Process, priority int) error {
	if err := p.mayWait(); err != nil {
		return err
	}
	if r.free(p) {
		r.hold(p, priority)
		return nil
	}
	p.node.priority = priority
	r.queue.enter(&p.node)
	r.usage.queued(r.sim.Now(), r.queue.length)
	return p.wait(r)
}

func (r *PreemptiveResource) free(p *Process) bool {
	if r.holders.find(p) >= 0 {
		panic(fmt.Sprintf("process: resource %q: process %q has a unit already", r.name, p.name))
	}
	return len(r.holders) < r.capacity
}

// Release gives the unit of p back, to the first who waits if there is one. If it
// was taken away, Release does nothing, so that it can be deferred.
func (r *PreemptiveResource) Release(p *Process) {
	i := r.holders.find(p)
	if i < 0 {
		return
	}
	heap.Remove(&r.holders, i)
	now := r.sim.Now()
	w := r.queue.first
	if w == nil {
		r.usage.holds(now, float64(len(r.holders)))
		return
	}
	r.queue.leave(w)
	r.usage.queued(now, r.queue.length)
	r.usage.served(now, w.p.since)
	r.give(w.p, w.priority)
	w.p.resume(nil)
}

func (r *PreemptiveResource) hold(p *Process, priority int) {
	r.give(p, priority)
	now := r.sim.Now()
	r.usage.served(now, now)
	r.usage.holds(now, float64(len(r.holders)))
}

func (r *PreemptiveResource) give(p *Process, priority int) {
	r.turn++
	heap.Push(&r.holders, holder{p, priority, r.turn, r.sim.Now()})
}

func (r *PreemptiveResource) describe() string { return fmt.Sprintf("resource %q", r.name) }

func (r *PreemptiveResource) leave(p *Process) {
	r.queue.leave(&p.node)
	r.usage.queued(r.sim.Now(), r.queue.length)
}

// Monitor begins to collect statistics.
func (r *PreemptiveResource) Monitor() *Usage {
	r.usage = newUsage(r.sim.Now(), float64(len(r.holders)), r.queue.length)
	return r.usage
}

// holder is a process that has a unit.
type holder struct {
	p        *Process
	priority int
	turn     uint64
	since    scheduler.Time
}

// holders is a heap of those who have a unit; the one to lose it is first.
type holders []holder

func (h holders) Len() int { return len(h) }
func (h holders) Less(i, j int) bool {
	if h[i].priority != h[j].priority {
		return h[i].priority > h[j].priority
	}
	return h[i].turn > h[j].turn
}
func (h holders) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *holders) Push(x any)   { *h = append(*h, x.(holder)) }
func (h *holders) Pop() any {
	last := len(*h) - 1
	x := (*h)[last]
	(*h)[last] = holder{}
	*h = (*h)[:last]
	return x
}

func (h holders) find(p *Process) int {
	for i := range h {
		if h[i].p == p {
			return i
		}
	}
	return -1
}
