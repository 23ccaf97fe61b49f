package scheduler

import (
	"iter"
	"runtime"
)

// maxIdle limits the coroutines that a loop keeps for processes to come. Each holds
// a stack, about 3 kB.
const maxIdle = 1024

// coroutine runs processes, one after the other: to make one takes longer than
// most processes run.
//
// A coroutine of package iter is a goroutine and a slot: next and yield swap the
// goroutine that runs with the one that is parked in the slot, whichever these are. So
// a process that stops need not go back to the goroutine that advances the loop, its
// main one, for this to go on to the next process: it swaps with that process at once.
// After some time everybody is parked in somebody else's slot.
//
// There are as many as there are processes, so it holds no more than it must: the process
// that it runs is that of the loop.
type coroutine struct {
	next  func() (struct{}, bool)
	yield func(struct{}) bool
	in    *coroutine // in whose slot it is parked
	lent  bool       // whoever is in its slot came by next, and is let go by yield
}

// coroutine returns one that is idle.
func (l *Loop) coroutine() *coroutine {
	if n := len(l.idle); n > 0 {
		c := l.idle[n-1]
		l.idle = l.idle[:n-1]
		return c
	}
	c := new(coroutine)
	c.in = c
	if l.perform == nil {
		l.perform = l.performOn
	}
	c.next, _ = iter.Pull(l.perform)
	return c
}

// performOn is what a coroutine does, the one that is active: process after process, until
// it is let go on without one.
func (l *Loop) performOn(yield func(struct{}) bool) {
	c := l.active
	c.yield = yield
	defer func() {
		if l.exiting != nil {
			// It is to end in its own slot, with the main goroutine in that.
			l.active = &l.main
			c.park(c)
		}
		l.active = &l.main
	}()
	for p := l.running; p != nil; p = l.running {
		p.perform()
		if l.unwinding {
			l.ended = p
			return
		}
		l.switchTo(c, l.afterEnd(p))
	}
}

// switchTo parks from, which runs, and lets to go on. It returns when it is from's
// turn again.
func (l *Loop) switchTo(from, to *coroutine) {
	for l.active = to; l.active != from; {
		// Whoever was in the slot of one that has ended comes here, too, and passes on.
		from.park(l.active.in)
	}
}

// park swaps c, which runs, with the one that is parked in a slot.
func (c *coroutine) park(slot *coroutine) {
	c.in = slot
	if slot.toggle() {
		slot.next()
	} else {
		slot.yield(struct{}{})
	}
}

// toggle notes that somebody is parked in the slot by the other way than the one before,
// and reports whether that is next.
func (c *coroutine) toggle() bool {
	c.lent = !c.lent
	return c.lent
}

// resume lets a process go on, which is the one that runs, and those that follow, until
// something is left to do to the main goroutine, which this is. It returns the failure
// of the one that was the last.
func (l *Loop) resume(p *Process) error {
	l.switchTo(&l.main, p.co)
	l.running = nil
	if p := l.exiting; p != nil {
		// The process has called runtime.Goexit, as failing tests do: that ends the
		// goroutine that advances the loop, too.
		l.exiting = nil
		c := p.co
		p.end()
		l.switchTo(&l.main, c)
		runtime.Goexit()
	}
	if p = l.ended; p == nil {
		return nil
	}
	l.ended = nil
	if !l.unwinding {
		l.release(p.co)
	}
	p.end()
	if p.err != nil {
		return p.failed()
	}
	return nil
}

// afterEnd returns who goes on when p has ended.
func (l *Loop) afterEnd(p *Process) *coroutine {
	if p.err == nil && len(l.idle) < maxIdle {
		l.release(p.co)
		p.end()
		if next := l.nextProcess(); next != nil {
			return next.co
		}
		return &l.main
	}
	l.ended = p
	return &l.main
}

// release takes back a coroutine whose process has ended.
func (l *Loop) release(c *coroutine) {
	if len(l.idle) == maxIdle {
		l.switchTo(&l.main, c)
		return
	}
	l.idle = append(l.idle, c)
}

// endIdle ends the coroutines that are idle: a coroutine is never collected.
func (l *Loop) endIdle() {
	for _, c := range l.idle {
		l.switchTo(&l.main, c)
	}
	l.idle = nil
}
