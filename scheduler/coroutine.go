package scheduler

import "iter"

// maxIdle limits the coroutines that a loop keeps for processes to come. Each holds
// a stack, about 3 kB.
const maxIdle = 1024

// coroutine runs processes, one after the other: to make one takes longer than
// most processes run.
type coroutine struct {
	process *Process // that it runs
	resume  func() (struct{}, bool)
	stop    func()
	yield   func(struct{}) bool
}

// coroutine returns one that is idle.
func (l *Loop) coroutine() *coroutine {
	if n := len(l.idle); n > 0 {
		c := l.idle[n-1]
		l.idle = l.idle[:n-1]
		return c
	}
	c := &coroutine{}
	c.resume, c.stop = iter.Pull(c.run)
	return c
}

func (c *coroutine) run(yield func(struct{}) bool) {
	c.yield = yield
	for goesOn := true; goesOn; goesOn = yield(struct{}{}) {
		c.process.perform()
	}
}

// release takes back a coroutine whose process has ended.
func (l *Loop) release(c *coroutine) {
	if c.process = nil; len(l.idle) == maxIdle {
		c.stop()
		return
	}
	l.idle = append(l.idle, c)
}

// endIdle ends the coroutines that are idle: a coroutine is never collected.
func (l *Loop) endIdle() {
	for _, c := range l.idle {
		c.stop()
	}
	l.idle = nil
}
