package channel

// A callTable holds open calls by id; the value is nil for one that was given up.
// Ids count up, so a ring finds most; a call that is still open when the ring has
// gone round is moved out of the way.
type callTable struct {
	ring  []openCall // of a length that is a power of two, at least twice the number of calls
	old   map[uint64]*Pending
	count int
}

type openCall struct {
	id   uint64
	p    *Pending
	open bool
}

const minRing = 16

func (t *callTable) slot(id uint64) *openCall { return &t.ring[id&uint64(len(t.ring)-1)] }

func (t *callTable) len() int { return t.count }

// put adds a call.
func (t *callTable) put(id uint64, p *Pending) {
	if 2*t.count >= len(t.ring) {
		t.grow()
	}
	t.count++
	t.place(openCall{id, p, true})
}

func (t *callTable) place(c openCall) {
	s := t.slot(c.id)
	if s.open {
		if t.old == nil {
			t.old = map[uint64]*Pending{}
		}
		t.old[s.id] = s.p
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

// get returns a call, and whether it is open.
func (t *callTable) get(id uint64) (p *Pending, open bool) {
	if len(t.ring) == 0 {
		return nil, false
	}
	if s := t.slot(id); s.open && s.id == id {
		return s.p, true
	}
	p, open = t.old[id]
	return p, open
}

// giveUp keeps the id of an open call only.
func (t *callTable) giveUp(id uint64) {
	if s := t.slot(id); s.open && s.id == id {
		s.p = nil
		return
	}
	t.old[id] = nil
}

// remove takes out an open call.
func (t *callTable) remove(id uint64) {
	t.count--
	if s := t.slot(id); s.open && s.id == id {
		*s = openCall{}
		return
	}
	delete(t.old, id)
}

// all calls f for all open calls that were not given up.
func (t *callTable) all(f func(*Pending)) {
	for _, c := range t.ring {
		if c.p != nil {
			f(c.p)
		}
	}
	for _, p := range t.old {
		if p != nil {
			f(p)
		}
	}
}
