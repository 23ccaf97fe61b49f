package process

import (
	"fmt"
	"time"
)

// Waitable is what can happen once: an Event, the end of a Process.
type Waitable interface{ occurrence() *occurrence }

// occurrence is something that happens at most once, and those who wait for it.
type occurrence struct {
	sim      *Simulation
	what     string // "event", "process"
	name     string
	happened bool
	err      error
	queue    queue
	parts    []*group // groups that it belongs to
}

func (o *occurrence) describe() string {
	if o.name == "" {
		return o.what
	}
	return fmt.Sprintf("%s %q", o.what, o.name)
}

func (o *occurrence) leave(p *Process) { o.queue.leave(&p.node) }

// happen lets all go on who wait, in the order in which they came.
func (o *occurrence) happen(err error) {
	o.happened, o.err = true, err
	for w := o.queue.first; w != nil; w = o.queue.first {
		o.queue.leave(w)
		w.p.resume(err)
	}
	parts := o.parts
	o.parts = nil
	for _, g := range parts {
		g.tell(o)
	}
}

// Wait waits until w has happened; if it has already, it does not wait. The error
// is that with which an event failed, or what any wait may return, see Process.
func (p *Process) Wait(w Waitable) error {
	if err := p.mayWait(); err != nil {
		return err
	}
	o := w.occurrence()
	if o.happened {
		return o.err
	}
	p.node.priority = 0
	o.queue.enter(&p.node)
	return p.wait(o)
}

// Event is something that happens once, and then has a value, or an error. Every
// process that waits for it goes on.
type Event[T any] struct {
	o     occurrence
	value T
}

// NewEvent returns an event that has not happened.
func NewEvent[T any](s *Simulation, name string) *Event[T] {
	return &Event[T]{o: occurrence{sim: s, what: "event", name: name}}
}

func (e *Event[T]) occurrence() *occurrence { return &e.o }

// Trigger lets the event happen. It panics if it has happened before.
func (e *Event[T]) Trigger(value T) {
	e.o.mustBeNew()
	e.value = value
	e.o.happen(nil)
}

// Fail lets the event happen as a failure: waits for it return err. It panics if
// it has happened before, or if err is nil.
func (e *Event[T]) Fail(err error) {
	e.o.mustBeNew()
	if err == nil {
		panic(fmt.Sprintf("process: %s is to fail without an error", e.o.describe()))
	}
	e.o.happen(err)
}

func (o *occurrence) mustBeNew() {
	if o.happened {
		panic(fmt.Sprintf("process: %s happens a second time; make a new one", o.describe()))
	}
}

// Happened reports whether the event has happened.
func (e *Event[T]) Happened() bool { return e.o.happened }

// Value returns the value of an event that has happened, or its error.
func (e *Event[T]) Value() (T, error) { return e.value, e.o.err }

// Outcome is a Waitable that then has a value: an *Event or a *Task.
type Outcome[T any] interface {
	Waitable
	Value() (T, error)
}

// Await waits for an event, or the end of a task, and returns its value.
func Await[T any](p *Process, o Outcome[T]) (T, error) {
	if err := p.Wait(o); err != nil {
		var none T
		return none, err
	}
	return o.Value()
}

// Task is a process that has a result.
type Task[T any] struct {
	*Process
	result T
}

// StartTask begins a process that has a result, see Simulation.Start.
func StartTask[T any](s *Simulation, name string, body func(p *Process) (T, error)) *Task[T] {
	t := &Task[T]{}
	t.Process = s.Start(name, func(p *Process) (err error) {
		t.result, err = body(p)
		return err
	})
	return t
}

// Value returns the result of a task that has ended.
func (t *Task[T]) Value() (T, error) { return t.result, t.ended.err }

// Timeout returns an event that happens after duration d. It fails if d is
// negative.
func (s *Simulation) Timeout(d time.Duration) (*Event[struct{}], error) {
	e := NewEvent[struct{}](s, fmt.Sprintf("timeout of %v", d))
	_, err := s.After(d, func() error {
		e.Trigger(struct{}{})
		return nil
	})
	return e, err
}
