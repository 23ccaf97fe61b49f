package container

import (
	"context"
	"fmt"
	"time"

	"github.com/simrun/simrun/scheduler"
)

// Option configures a container.
type Option func(*Container)

// WithStart gives a container the date of virtual time 0. The zero time means
// none.
func WithStart(date time.Time) Option {
	return func(c *Container) { c.start = date.UTC() }
}

// UTC returns the present date, which is the start date of the container and the
// virtual time since; it is the zero time if the container has none.
func (a *Agent) UTC() time.Time {
	if a.dated() != nil {
		return time.Time{}
	}
	return a.date(a.Now())
}

// SleepUntilDate lets the behaviour wait until a date, see Sleep. It fails if the
// date has passed, or if the container has no start date.
func (a *Agent) SleepUntilDate(ctx context.Context, date time.Time) error {
	t, err := a.timeOf(date)
	if err != nil {
		return err
	}
	return a.SleepUntil(ctx, t)
}

// dated returns why the agent knows no dates.
func (a *Agent) dated() error {
	if err := a.present(); err != nil {
		return err
	}
	if a.container.start.IsZero() {
		return fmt.Errorf("agent %q: container %q has no start date; make it with container.WithStart", a.Name(), a.container.name)
	}
	return nil
}

// date is what UTC returns at time t.
func (a *Agent) date(t scheduler.Time) time.Time { return a.container.start.Add(time.Duration(t)) }

// timeOf is the virtual time of a date that has not passed.
func (a *Agent) timeOf(date time.Time) (scheduler.Time, error) {
	if err := a.dated(); err != nil {
		return 0, err
	}
	if now := a.UTC(); date.Before(now) {
		return 0, fmt.Errorf("agent %q: %v is before the present, %v; nothing can happen in the past", a.Name(), date.UTC(), now)
	}
	// Sub ends at the largest duration, which is scheduler.Never.
	t := scheduler.Time(date.Sub(a.container.start))
	if t == scheduler.Never {
		return 0, fmt.Errorf("agent %q: %v is more than 292 years after the start of container %q", a.Name(), date.UTC(), a.container.name)
	}
	return t, nil
}
