package scheduler

import "context"

// RunUntil runs a loop as fast as possible over [0, until): what is due at until
// or later does not happen. Afterwards the clock stands at the last event.
func RunUntil(ctx context.Context, l *Loop, until Time) error {
	for l.Next() < until {
		if err := l.AdvanceTo(ctx, l.Next()); err != nil {
			return err
		}
	}
	return nil
}
