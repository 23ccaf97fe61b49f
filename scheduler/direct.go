package scheduler

// This file is what happens on the stacks of processes, so that these need not go back
// to the main goroutine of the loop for every event. It does no more than a few
// steps, and calls nobody: such a stack is small, and what else happens must not
// fail on it.

// maxExchange is how many events may lie between the one that passOn takes and the one
// that it puts in.
const maxExchange = 8

// alone reports whether nothing is left to do at the present time but what the process that runs
// does, and nothing for the main goroutine, so that the process may look for the next event itself
// when it waits until t.
func (l *Loop) alone(t Time) bool {
	q := &l.queue.ladder
	return t > l.now && l.events+1 < l.pause && len(l.posted) == 0 && l.arrived.empty() && l.caused.empty() &&
		len(q.late) == 0 && (t < q.nearEnd || l.queue.len() == 0)
}

// skipTo lets time pass until the event with that key, which is next and need not be scheduled.
func (l *Loop) skipTo(t Time, o order) {
	l.events++
	l.moveTo(t)
	l.current, l.mark = o, o
}

// passOn schedules that the process that runs, and is alone, goes on at time t, takes the next event,
// which is not after t, and returns the process that this lets go on. It does so in one step: the event that is
// put in has the place of the one that is taken. If there is more to do than that, passOn does nothing and returns nil.
func (l *Loop) passOn(p *Process, t Time) *Process {
	actor, queue, slots := p.actor, &l.queue.ladder, &l.queue.slots
	entries, i := queue.ends[near], queue.head
	head := entries[i]
	at := &slots.all[head.slot]
	next := l.canGoOn(at.event.do)
	k := key{t, order(Normal)<<(sourceBits+seqBits) | order(actor.number)<<seqBits | order(actor.seq+1)}
	if next == nil || head.time > l.until || queue.stale > 0 || !head.before(k) || head.slot >= slots.keep ||
		len(entries)-i > maxExchange && entries[i+maxExchange].before(k) {
		return nil
	}
	actor.seq++
	for i+1 < len(entries) && entries[i+1].before(k) {
		entries[i] = entries[i+1]
		i++
	}
	entries[i] = entry{key: k, slot: head.slot}
	p.slot, p.serial = head.slot, slots.exchange(head.slot, event{actor, (*wakening)(p)})
	if next.co == nil {
		next.co = l.coroutine()
	}
	l.moveTo(head.time)
	l.goOn(next, head.order)
	return next
}

// nextProcess takes the next event, and returns the process that it lets go on. If it
// is an event of another kind, or takes more work than that, it returns nil and
// leaves the event to the main goroutine.
func (l *Loop) nextProcess() *Process {
	if l.events+1 >= l.pause {
		return nil
	}
	var (
		p *Process
		o order
	)
	if lane := l.firstLane(); lane != nil {
		head := &lane.events[lane.next]
		if p = l.canGoOn(head.event.do); p == nil || !l.queue.nothingUntil(l.now) {
			return nil
		}
		o = head.order
		lane.pop()
	} else {
		head := l.queue.plain()
		if head == nil || head.time > l.until || len(l.posted) > 0 {
			return nil
		}
		if p = l.canGoOn(l.queue.slots.all[head.slot].event.do); p == nil {
			return nil
		}
		o = head.order
		l.moveTo(head.time)
		l.queue.popPlain(head.slot)
	}
	if p.co == nil {
		p.co = l.coroutine()
	}
	l.goOn(p, o)
	return p
}

// goOn notes that a process goes on in an event.
func (l *Loop) goOn(p *Process, o order) {
	l.current, l.mark = o, max(l.mark, o)
	l.events++ // the one before has come to its end
	p.goOn()
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
