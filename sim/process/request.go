package process

// Request is a place in the line of a resource, and later a unit, which is not bound
// to a process: it is an event that happens with the unit. So a process can wait for
// the first of several resources (AnyOf), be interrupted without losing its place,
// or change to a shorter line; and what is no process can ask for a unit, too
// (Simulation.When).
type Request struct {
	resource *Resource
	granted  occurrence
	node     waiter
	over     bool
}

// Request enters the line for a unit with a priority, or takes it at once, and waits
// for nothing.
func (r *Resource) Request(priority int) *Request {
	q := &Request{resource: r}
	q.node.then = q
	if r.TryAcquire() {
		q.granted.happen(nil)
	} else {
		r.enter(&q.node, priority)
	}
	return q
}

// Granted reports whether the request has, or had, its unit.
func (q *Request) Granted() bool { return q.granted.hasHappened() }

// Release gives the unit back, or leaves the line; a request that has left never
// happens. Called again it does nothing, so that it can be deferred.
func (q *Request) Release() {
	switch {
	case q.over:
		return
	case q.granted.hasHappened():
		q.resource.Release()
	default:
		q.resource.withdraw(&q.node)
	}
	q.over = true
}

func (q *Request) occurrence() *occurrence { return &q.granted }
func (q *Request) describe() string        { return q.resource.describe() }
func (q *Request) leave(p *Process)        { q.granted.line.leave(&p.node) }
func (q *Request) happened(err error)      { q.granted.happen(err) }

// StoreRequest is a place in the line of those who want an item of a store, and later
// the item: an event that has it as value. See Request for what it is good for.
type StoreRequest[T any] struct {
	errand    errand[T]
	got       occurrence
	node      waiter
	withdrawn bool
}

// Request enters the line for the first item that matches, nil for any, or takes it at
// once, and waits for nothing.
func (s *Store[T]) Request(match func(item T) bool) *StoreRequest[T] {
	q := &StoreRequest[T]{errand: errand[T]{store: s, line: &s.getters, match: match}}
	q.node.then = q
	if item, ok := s.TryGet(match); ok {
		q.errand.item = item
		q.got.happen(nil)
	} else {
		s.enter(&q.node, &q.errand)
	}
	return q
}

// Value returns the item, once the request has it.
func (q *StoreRequest[T]) Value() (T, error) { return q.errand.item, nil }

// Withdraw leaves the line, so that the request never happens. It reports whether it
// has: not if it got its item before.
func (q *StoreRequest[T]) Withdraw() bool {
	if q.got.hasHappened() || q.withdrawn {
		return false
	}
	q.withdrawn = true
	q.errand.store.withdraw(&q.node, &q.errand)
	return true
}

func (q *StoreRequest[T]) occurrence() *occurrence { return &q.got }
func (q *StoreRequest[T]) describe() string        { return q.errand.describe() }
func (q *StoreRequest[T]) leave(p *Process)        { q.got.line.leave(&p.node) }
func (q *StoreRequest[T]) happened(err error)      { q.got.happen(err) }

// LevelRequest is a place in the line of those who want an amount of a level: an event
// that happens when the amount has been taken out. See Request for what it is good for.
type LevelRequest struct {
	level     *Level
	got       occurrence
	node      waiter
	withdrawn bool
}

// Request enters the line for an amount, or takes it out at once, and waits for nothing.
// See Level.Get for errors.
func (l *Level) Request(amount float64) (*LevelRequest, error) {
	if err := l.check(amount); err != nil {
		return nil, err
	}
	q := &LevelRequest{level: l}
	q.node.then = q
	if l.try(&l.getters, amount) {
		q.got.happen(nil)
	} else {
		l.enter(&q.node, &l.getters, amount)
	}
	return q, nil
}

// Withdraw leaves the line, so that the request never happens. It reports whether it
// has: not if the amount was taken out before.
func (q *LevelRequest) Withdraw() bool {
	if q.got.hasHappened() || q.withdrawn {
		return false
	}
	q.withdrawn = true
	q.level.getters.withdraw(&q.node)
	return true
}

func (q *LevelRequest) occurrence() *occurrence { return &q.got }
func (q *LevelRequest) describe() string        { return q.level.getters.describe() }
func (q *LevelRequest) leave(p *Process)        { q.got.line.leave(&p.node) }
func (q *LevelRequest) happened(err error)      { q.got.happen(err) }
