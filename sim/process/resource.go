package process

import "fmt"

// Resource is a number of equal servers, tools, places: units that processes
// take for a while. Those who find none free wait in a line, by priority and then
// first come, first served.
type Resource struct {
	sim      *Simulation
	name     string
	capacity int
	inUse    int
	line     rankedLine
	usage    *Usage // nil: not monitored
}

// NewResource returns a resource of so many units, all of them free. It panics if
// capacity is not positive.
func NewResource(s *Simulation, name string, capacity int) *Resource {
	if capacity <= 0 {
		panic(fmt.Sprintf("process: resource %q: a capacity of %d is not positive", name, capacity))
	}
	return &Resource{sim: s, name: name, capacity: capacity, line: newRankedLine()}
}

// Name returns the name given to NewResource.
func (r *Resource) Name() string { return r.name }

// Capacity returns the number of units.
func (r *Resource) Capacity() int { return r.capacity }

// InUse returns how many units are taken.
func (r *Resource) InUse() int { return r.inUse }

// Queue returns how many wait. A customer that balks looks at it before it joins.
func (r *Resource) Queue() int { return r.line.length() }

// Acquire takes a unit, and waits for one if need be, with priority 0. Release it
// when it is no longer needed, best with defer.
func (r *Resource) Acquire(p *Process) error { return r.AcquirePriority(p, 0) }

// AcquirePriority is Acquire with a priority: who has a lower number comes first.
func (r *Resource) AcquirePriority(p *Process, priority int) error {
	if err := p.mayWait(); err != nil {
		return err
	}
	if r.TryAcquire() {
		return nil
	}
	r.enter(&p.node, priority)
	return p.wait(r)
}

// TryAcquire takes a unit if one is free, and reports whether it has.
func (r *Resource) TryAcquire() bool {
	if r.inUse == r.capacity {
		return false
	}
	r.inUse++ // nobody waits
	now := r.sim.Now()
	r.usage.holds(now, float64(r.inUse))
	r.usage.served(now, now)
	return true
}

// Release gives a unit back, to the first who waits if there is one. It panics if
// none is taken.
func (r *Resource) Release() {
	if r.inUse == 0 {
		panic(fmt.Sprintf("process: resource %q: a unit is released that was not acquired", r.name))
	}
	now := r.sim.Now()
	first, ok := r.line.next()
	if !ok {
		r.inUse--
		r.usage.holds(now, float64(r.inUse))
		return
	}
	r.usage.queued(now, r.line.length())
	r.usage.served(now, first.waiter.since)
	first.waiter.goOn(nil)
}

func (r *Resource) enter(w *waiter, priority int) {
	w.since = r.sim.Now()
	r.line.enter(w, priority)
	r.usage.queued(w.since, r.line.length())
}

func (r *Resource) withdraw(w *waiter) {
	r.line.leave(w)
	r.usage.queued(r.sim.Now(), r.line.length())
}

func (r *Resource) describe() string { return fmt.Sprintf("resource %q", r.name) }
func (r *Resource) leave(p *Process) { r.withdraw(&p.node) }

// Monitor begins to collect statistics.
func (r *Resource) Monitor() *Usage {
	r.usage = newUsage(r.sim.Now(), float64(r.inUse), r.line.length())
	return r.usage
}
