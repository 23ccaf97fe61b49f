package scheduler

import (
	"context"
	"fmt"
)

// RunUntil runs a loop as fast as possible over [0, until): what is due at until
// or later does not happen. Afterwards the clock stands at the last event.
func RunUntil(ctx context.Context, l *Loop, until Time) error {
	if err := l.mayRun("RunUntil"); err != nil || l.Next() >= until {
		return err
	}
	return l.run(ctx, until-1)
}

// MoveTo sets the clock to t and runs nothing: what is due at t is still to come.
// It fails with a *PastError if t is before Now, and if something is due before t.
func (l *Loop) MoveTo(t Time) error {
	if err := l.mayAdvance("MoveTo", t); err != nil {
		return err
	}
	if next := l.Next(); next < t {
		return fmt.Errorf("the clock cannot be set to %v; something is due at %v, run that first", t, next)
	}
	l.moveTo(t)
	return nil
}
