package container

import (
	"context"
	"fmt"
	"time"

	"github.com/simrun/simrun/scheduler"
)

// Timer is a call that an agent has put off with [Agent.CallIn] and its like.
type Timer struct {
	agent     *Agent
	container *Container // that of the agent, which need not be looked at when the call is made
	next      *Timer     // of the agent's
	id        scheduler.EventID
	do        func(context.Context) error
	rule      *rule // nil: only once
	pending   bool
}

// rule tells when a call is made again.
type rule struct {
	last scheduler.Time // for which it was put off
	next func(last scheduler.Time) (scheduler.Time, error)
}

// CallIn calls do after duration d of virtual time, 0 being the present round.
// It fails if d is negative.
//
// A call that is put off takes no virtual time and holds no coroutine: it is
// given a context with which it can begin behaviours ([Agent.Go]), but not sleep
// or call. An error that it returns ends the run.
func (a *Agent) CallIn(d time.Duration, do func(ctx context.Context) error) (*Timer, error) {
	if d < 0 {
		return nil, fmt.Errorf("agent %q: a delay of %v is negative; nothing can happen in the past", a.Name(), d)
	}
	return a.CallAt(a.Now().Add(d), do)
}

// CallAt calls do at virtual time t, see CallIn. It fails with a
// *scheduler.PastError if t is before Now; scheduler.Never does not come.
func (a *Agent) CallAt(t scheduler.Time, do func(ctx context.Context) error) (*Timer, error) {
	return a.arm(t, do, nil)
}

// CallAtDate calls do at a date, see CallIn. It fails if the date has passed, or
// if the container has no start date.
func (a *Agent) CallAtDate(date time.Time, do func(ctx context.Context) error) (*Timer, error) {
	t, err := a.timeOf(date)
	if err != nil {
		return nil, err
	}
	return a.arm(t, do, nil)
}

// CallEvery calls do after every period of virtual time, the first time after one
// period, until the timer is cancelled; see CallIn. The period must be positive.
func (a *Agent) CallEvery(period time.Duration, do func(ctx context.Context) error) (*Timer, error) {
	if period <= 0 {
		return nil, fmt.Errorf("agent %q: a period of %v is not positive", a.Name(), period)
	}
	return a.arm(a.Now().Add(period), do, func(last scheduler.Time) (scheduler.Time, error) {
		return last.Add(period), nil
	})
}

// CallOnDates calls do at dates that follow a rule, such as 6 o'clock in local
// time on working days, until the timer is cancelled; see CallIn. The rule next
// returns the first date after the one given, which at first is the present and
// then the last date; the zero time means that there is none. It fails, or later
// ends the run, if next returns a date that is not after the one given, and if the
// container has no start date.
func (a *Agent) CallOnDates(next func(after time.Time) time.Time, do func(ctx context.Context) error) (*Timer, error) {
	following := func(last scheduler.Time) (scheduler.Time, error) {
		after := a.date(last)
		date := next(after)
		if date.IsZero() {
			return scheduler.Never, nil
		}
		if !date.After(after) {
			return 0, fmt.Errorf("agent %q: the rule for dates says that %v follows %v; return a later date, or the zero time to end",
				a.Name(), date, after)
		}
		return a.timeOf(date)
	}
	if err := a.dated(); err != nil {
		return nil, err
	}
	first, err := following(a.Now())
	if err != nil {
		return nil, err
	}
	return a.arm(first, do, following)
}

func (a *Agent) arm(t scheduler.Time, do func(context.Context) error, again func(scheduler.Time) (scheduler.Time, error)) (*Timer, error) {
	if err := a.present(); err != nil {
		return nil, err
	}
	timer := &Timer{agent: a, container: a.container, do: do, pending: true}
	if again != nil {
		timer.rule = &rule{next: again}
	}
	if err := timer.schedule(t); err != nil {
		return nil, fmt.Errorf("agent %q: %w", a.Name(), err)
	}
	a.timers.add(timer)
	return timer, nil
}

// Cancel removes the call, and all that would follow, and reports whether one was
// still to come. A periodic call may cancel its own timer.
func (t *Timer) Cancel() bool {
	if !t.pending {
		return false
	}
	t.container.loop.Cancel(t.id)
	t.end()
	return true
}

// end says that the call is not made again. What it would have done is let go; the
// agent forgets the timer later.
func (t *Timer) end() { t.pending, t.do = false, nil }

func (t *Timer) schedule(at scheduler.Time) (err error) {
	if t.rule != nil {
		t.rule.last = at
	}
	t.id, err = t.container.loop.Schedule(at, scheduler.Normal, t.agent.actor, (*firing)(t))
	if at == scheduler.Never {
		t.end()
	}
	return err
}

// firing is the event in which the call is made.
type firing Timer

// Handle makes the call, and puts off the next one.
func (f *firing) Handle() error {
	t := (*Timer)(f)
	do := t.do
	if t.rule == nil {
		t.end()
	}
	if err := do(t.container.timerCtx); err != nil {
		return fmt.Errorf("%s: %w", funcName(do), err)
	}
	if !t.pending {
		return nil
	}
	next, err := t.rule.next(t.rule.last)
	if err != nil {
		return err
	}
	return t.schedule(next)
}

// timers are those of an agent, the latest first. Where many agents have some, it takes
// longer to get at one of them than to make a call. So those that have ended stay
// until others come.
type timers struct {
	latest *Timer
	room   int32 // how many may be added before those that have ended are looked for
}

func (l *timers) add(t *Timer) {
	for l.latest != nil && !l.latest.pending {
		l.latest, l.latest.next = l.latest.next, nil
	}
	if l.room == 0 {
		l.room = l.tidy() + 8
	}
	l.room--
	t.next, l.latest = l.latest, t
}

// tidy drops those that have ended, and returns how many are left.
func (l *timers) tidy() (left int32) {
	for at := &l.latest; *at != nil; {
		if t := *at; t.pending {
			left++
			at = &t.next
		} else {
			*at, t.next = t.next, nil
		}
	}
	return left
}

// cancel cancels all.
func (l *timers) cancel() {
	for t := l.latest; t != nil; t = t.next {
		t.Cancel()
	}
	*l = timers{}
}
