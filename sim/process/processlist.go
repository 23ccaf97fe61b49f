package process

// processList is the processes of a model, in the order of their start.
type processList struct{ first, last *Process }

func (l *processList) add(p *Process) {
	if p.prev = l.last; l.last != nil {
		l.last.next = p
	} else {
		l.first = p
	}
	l.last = p
}

func (l *processList) remove(p *Process) {
	if p.prev != nil {
		p.prev.next = p.next
	} else {
		l.first = p.next
	}
	if p.next != nil {
		p.next.prev = p.prev
	} else {
		l.last = p.prev
	}
	p.next, p.prev = nil, nil
}
