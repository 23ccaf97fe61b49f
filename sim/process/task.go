package process

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
func (t *Task[T]) Value() (T, error) { return t.result, t.ended.err() }
