package channel

// A callTable holds open calls by id, with whom to tell of their end; that is nil
// for one that was given up. Ids count up, so a ring finds most; a call that is
// still open when the ring has gone round is moved out of the way.
type callTable struct {
	ring  []openCall // of a length that is a power of two, at least twice the number of calls
	old   map[uint64]Completer
	count int
}

type openCall struct {
	id   uint64
	to   Completer
	open bool
}

const minRing = 16

func (t *callTable) slot(id uint64) *openCall { return &t.ring[id&uint64(len(t.ring)-1)] }

func (t *callTable) len() int { return t.count }

// put adds a call.
func (t *callTable) put(id uint64, to Completer) {
	if 2*t.count >= len(t.ring) {
		t.grow()
	}
	t.count++
	t.place(openCall{id, to, true})
}

func (t *callTable) place(c openCall) {
	s := t.slot(c.id)
	if s.open {
		if t.old == nil {
			t.old = map[uint64]Completer{}
		}
		t.old[s.id] = s.to
	}
	*s = c
}

func (t *callTable) grow() {
	ring := t.ring
	t.ring = make([]openCall, max(minRing, 2*len(ring)))
	for _, c := range ring {
		if c.open {
			t.place(c)
		}
	}
}

// get returns whom to tell, and whether the call is open.
func (t *callTable) get(id uint64) (to Completer, open bool) {
	if len(t.ring) == 0 {
		return nil, false
	}
	if s := t.slot(id); s.open && s.id == id {
		return s.to, true
	}
	to, open = t.old[id]
	return to, open
}

// take is get; an open call is removed.
func (t *callTable) take(id uint64) (to Completer, open bool) {
	to, open = t.get(id)
	if !open {
		return nil, false
	}
	t.count--
	if s := t.slot(id); s.open && s.id == id {
		*s = openCall{}
	} else {
		delete(t.old, id)
	}
	return to, true
}

// giveUp keeps the id of an open call only.
func (t *callTable) giveUp(id uint64) {
	if s := t.slot(id); s.open && s.id == id {
		s.to = nil
		return
	}
	t.old[id] = nil
}

// all calls f for all open calls that were not given up, in no particular order.
func (t *callTable) all(f func(Completer)) {
	for _, c := range t.ring {
		if c.to != nil {
			f(c.to)
		}
	}
	for _, to := range t.old {
		if to != nil {
			f(to)
		}
	}
}
