package scheduler

// This file is what happens on the stacks of processes, so that these need not go back
// to the main goroutine of the loop for every event. It does no more than a few
// steps, and calls nobody: such a stack is small, and what else happens must not
// fail on it.

// mayPassTo reports whether the process that runs may set the clock to t, which is later
// than now, because that is all that the loop would do next.
func (l *Loop) mayPassTo(t Time) bool {
	return t <= l.until && l.events+1 < l.pause && len(l.posted) == 0 &&
		l.arrived.empty() && l.caused.empty() && l.queue.nothingUntil(t)
}

// nextProcess takes the next event, and returns the process that it lets go on. If it
// is an event of another kind, or takes more work than that, it returns nil and
// leaves the event to the main goroutine.
func (l *Loop) nextProcess() *Process {
	if l.events+1 >= l.pause {
		return nil
	}
	var p *Process
	if lane := l.firstLane(); lane != nil {
		head := &lane.events[lane.next]
		if p = l.canGoOn(head.event.do); p == nil || !l.queue.nothingUntil(l.now) {
			return nil
		}
		l.current = head.order
		lane.pop()
	} else {
		head := l.queue.atHand()
		if head == nil || head.time > l.until || len(l.posted) > 0 {
			return nil
		}
		if p = l.canGoOn(l.queue.slots.all[head.slot].event.do); p == nil {
			return nil
		}
		l.moveTo(head.time)
		l.current = head.order
		l.queue.popAtHand()
	}
	l.mark = max(l.mark, l.current)
	l.events++ // the one before has come to its end
	if p.co == nil {
		p.begin(l.coroutine())
	}
	p.goOn()
	return p
}

// canGoOn returns the process that an event lets go on, or nil.
func (l *Loop) canGoOn(do Handler) *Process {
	w, ok := do.(*wakening)
	if !ok {
		return nil
	}
	p := (*Process)(w)
	if p.state == processEnded || p.co == nil && (p.actor.retired || len(l.idle) == 0) {
		return nil
	}
	return p
}
