package process

// Task is a process that has a result.
type Task[T any] struct {
	*Process
	result T
	err    error // of its body
}

// StartTask begins a process that has a result, see Simulation.Start.
func StartTask[T any](s *Simulation, name string, body func(p *Process) (T, error)) *Task[T] {
	t := &Task[T]{err: ErrCancelled} // unless its body comes to its end
	t.Process = s.Start(name, func(p *Process) error {
		t.result, t.err = body(p)
		return t.err
	})
	return t
}

// Value returns what the body of a task that has ended has returned. The error of one that
// was cancelled before it came to its end is ErrCancelled.
func (t *Task[T]) Value() (T, error) {
	if !t.Ended() {
		var none T
		return none, nil
	}
	return t.result, t.err
}
