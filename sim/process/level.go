package process

import (
	"fmt"
	"math"
)

// Level is an amount of something that cannot be told apart, such as fuel in a
// tank: some processes put amounts in, others get amounts out. Those who must wait
// do so in two lines, and in each first come, first served: who is first is not
// overtaken by others who want less. Amounts are added up as floating-point numbers:
// where they must come out even, choose a unit in which they are whole.
type Level struct {
	sim      *Simulation
	name     string
	capacity float64
	amount   float64
	getters  levelLine
	putters  levelLine
	usage    *Usage
}

type levelLine struct {
	countedLine
	level *Level
	what  string
}

// NewLevel returns a level with a capacity and an initial amount. The capacity may
// be infinite. It panics unless 0 <= initial <= capacity and capacity is positive.
func NewLevel(s *Simulation, name string, capacity, initial float64) *Level {
	if !(capacity > 0 && initial >= 0 && initial <= capacity) || math.IsInf(initial, 0) {
		panic(fmt.Sprintf("process: level %q: it cannot hold %v of at most %v", name, initial, capacity))
	}
	l := &Level{sim: s, name: name, capacity: capacity, amount: initial}
	l.getters.level, l.getters.what = l, "an amount in"
	l.putters.level, l.putters.what = l, "room in"
	return l
}

// Name returns the name given to NewLevel.
func (l *Level) Name() string { return l.name }

// Amount returns how much is there.
func (l *Level) Amount() float64 { return l.amount }

// Capacity returns how much there may be.
func (l *Level) Capacity() float64 { return l.capacity }

// Queue returns how many processes wait to get something, and how many to put.
func (l *Level) Queue() (getters, putters int) { return l.getters.length, l.putters.length }

// Get takes an amount out, and waits until there is enough. It fails if that can
// never be, and if the amount is not positive.
func (l *Level) Get(p *Process, amount float64) error { return l.change(p, &l.getters, amount) }

// Put puts an amount in, and waits until there is room. It fails if that can never
// be, and if the amount is not positive.
func (l *Level) Put(p *Process, amount float64) error { return l.change(p, &l.putters, amount) }

func (l *Level) change(p *Process, q *levelLine, amount float64) error {
	if err := p.mayWait(); err != nil {
		return err
	}
	if err := l.check(amount); err != nil {
		return err
	}
	if l.try(q, amount) {
		return nil
	}
	l.enter(&p.node, q, amount)
	return p.wait(q)
}

func (l *Level) check(amount float64) error {
	if !(amount > 0) || math.IsInf(amount, 0) || amount > l.capacity {
		return fmt.Errorf("level %q: an amount of %v is not between 0 and the capacity, %v", l.name, amount, l.capacity)
	}
	return nil
}

// try does at once what can be done at once, if nobody came before.
func (l *Level) try(q *levelLine, amount float64) bool {
	if q.length > 0 || !l.fits(q, amount) {
		return false
	}
	now := l.sim.Now()
	l.usage.served(now, now)
	l.apply(q, amount)
	l.serve()
	return true
}

func (l *Level) enter(w *waiter, q *levelLine, amount float64) {
	w.amount, w.since = amount, l.sim.Now()
	q.enter(w)
	l.queued()
}

func (l *Level) fits(q *levelLine, amount float64) bool {
	if q == &l.getters {
		return amount <= l.amount
	}
	return l.amount+amount <= l.capacity
}

func (l *Level) apply(q *levelLine, amount float64) {
	if q == &l.getters {
		amount = -amount
	}
	l.amount += amount
	l.usage.holds(l.sim.Now(), l.amount)
}

// serve lets those go on who are first in their lines, as far as possible.
func (l *Level) serve() {
	for l.serveFirst(&l.putters) || l.serveFirst(&l.getters) {
	}
}

func (l *Level) serveFirst(q *levelLine) bool {
	w := q.first
	if w == nil || !l.fits(q, w.amount) {
		return false
	}
	q.countedLine.leave(w)
	l.apply(q, w.amount)
	l.usage.served(l.sim.Now(), w.since)
	l.queued()
	w.goOn(nil)
	return true
}

func (l *Level) queued() { l.usage.queued(l.sim.Now(), l.getters.length+l.putters.length) }

func (q *levelLine) describe() string { return fmt.Sprintf("%s level %q", q.what, q.level.name) }

func (q *levelLine) leave(p *Process) { q.withdraw(&p.node) }

func (q *levelLine) withdraw(w *waiter) {
	q.countedLine.leave(w)
	q.level.queued()
	q.level.serve() // it may have been in the way of others
}

// Monitor begins to collect statistics.
func (l *Level) Monitor() *Usage {
	l.usage = newUsage(l.sim.Now(), l.amount, l.getters.length+l.putters.length)
	return l.usage
}
