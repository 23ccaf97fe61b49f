package process

import (
	"errors"
	"fmt"
	"time"

	"github.com/simrun/simrun/scheduler"
)

// Waitable is what can happen once: an Event, the end of a Process, a Request.
type Waitable interface {
	reason
	occurrence() *occurrence
}

// occurrence is something that happens at most once, and those who wait for it.
type occurrence struct {
	outcome error // nil until it has happened, and then its error or errNone
	line    line
}

// errNone is the outcome of an occurrence without an error.
var errNone = errors.New("no error")

func (o *occurrence) hasHappened() bool { return o.outcome != nil }

// err returns the error with which it has happened.
func (o *occurrence) err() error {
	if o.outcome == errNone {
		return nil
	}
	return o.outcome
}

// happen tells all who wait, in the order in which they came.
func (o *occurrence) happen(err error) {
	if o.outcome = err; err == nil {
		o.outcome = errNone
	}
	for w := o.line.first; w != nil; w = o.line.first {
		o.line.leave(w)
		w.goOn(err)
	}
}

// Wait waits until w has happened; if it has already, it does not wait. The error
// is that with which an event failed, or what any wait may return, see Process.
func (p *Process) Wait(w Waitable) error {
	if err := p.mayWait(); err != nil {
		return err
	}
	o := w.occurrence()
	if o.hasHappened() {
		return o.err()
	}
	o.line.enter(&p.node)
	return p.wait(w)
}

// When calls do when w has happened, after what is due then already; if it has
// happened, after what is due now. It is how entities without a process wait. An
// error that do returns ends the run.
func (s *Simulation) When(w Waitable, do func() error) {
	h := &handler{sim: s, do: do}
	h.node.then = h
	if o := w.occurrence(); o.hasHappened() {
		h.happened(o.err())
	} else {
		o.line.enter(&h.node)
	}
}

type handler struct {
	sim  *Simulation
	do   func() error
	node waiter
}

func (h *handler) happened(error) {
	_, err := h.sim.loop.At(h.sim.Now(), h.sim.actor, h.do)
	mustSchedule(err)
}

// Event is something that happens once, and then has a value, or an error. Every
// process that waits for it goes on.
type Event[T any] struct {
	o     occurrence
	name  string
	what  describer // or what the event is, if it has no name of its own
	value T
}

type describer interface{ describe() string }

// NewEvent returns an event that has not happened.
func NewEvent[T any](s *Simulation, name string) *Event[T] {
	return &Event[T]{name: name}
}

func (e *Event[T]) occurrence() *occurrence { return &e.o }
func (e *Event[T]) leave(p *Process)        { e.o.line.leave(&p.node) }

func (e *Event[T]) describe() string {
	if e.what != nil {
		return e.what.describe()
	}
	return fmt.Sprintf("event %q", e.name)
}

// Trigger lets the event happen. It panics if it has happened before.
func (e *Event[T]) Trigger(value T) {
	e.mustBeNew()
	e.value = value
	e.o.happen(nil)
}

// Fail lets the event happen as a failure: waits for it return err. If nobody waits
// for it, nothing comes of it. It panics if the event has happened before, or if err
// is nil.
func (e *Event[T]) Fail(err error) {
	e.mustBeNew()
	if err == nil {
		panic(fmt.Sprintf("process: %s is to fail without an error", e.describe()))
	}
	e.o.happen(err)
}

func (e *Event[T]) mustBeNew() {
	if e.o.hasHappened() {
		panic(fmt.Sprintf("process: %s happens a second time; make a new one", e.describe()))
	}
}

// Happened reports whether the event has happened.
func (e *Event[T]) Happened() bool { return e.o.hasHappened() }

// Value returns the value of an event that has happened, or its error.
func (e *Event[T]) Value() (T, error) { return e.value, e.o.err() }

// Outcome is a Waitable that then has a value: an *Event, a *Task, a *StoreRequest.
type Outcome[T any] interface {
	Waitable
	Value() (T, error)
}

// Await waits for an outcome and returns its value.
func Await[T any](p *Process, o Outcome[T]) (T, error) {
	if err := p.Wait(o); err != nil {
		var none T
		return none, err
	}
	return o.Value()
}

// Timeout returns an event that happens after duration d, see After for errors. To limit how long one process waits, Process.Within is simpler.
func (s *Simulation) Timeout(d time.Duration) (*Event[struct{}], error) {
	e := NewEvent[struct{}](s, "")
	e.what = timeout{s.Now().Add(d)}
	_, err := s.After(d, func() error {
		e.Trigger(struct{}{})
		return nil
	})
	return e, err
}

type timeout struct{ at scheduler.Time }

func (t timeout) describe() string { return fmt.Sprintf("timeout at %v", t.at) }
