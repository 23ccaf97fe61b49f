package process

import (
	"context"
	"fmt"
	"time"

	"github.com/simrun/simrun/scheduler"
)

// Simulation is a model: processes, and what they wait for, in one virtual time
// that begins at 0.
type Simulation struct {
	loop  *scheduler.Loop
	actor *scheduler.Actor
	spare *deadline // deadlines that can be used again
}

// New returns an empty model. The name says in errors which one failed; it panics if that is
// empty.
func New(name string) *Simulation { return NewWith(name, scheduler.Config{}) }

// NewWith is New for a model whose run has limits, is traced, or tells how far it is.
func NewWith(name string, cfg scheduler.Config) *Simulation {
	s := &Simulation{loop: scheduler.NewLoop(cfg)}
	actor, err := s.loop.Actor(name)
	if err != nil {
		panic(fmt.Sprintf("process: a model of name %q: %v", name, err))
	}
	actor.Owner, s.actor = s, actor
	return s
}

// Now returns the present virtual time.
func (s *Simulation) Now() scheduler.Time { return s.loop.Now() }

// Stats returns how far the run is: its time, how many events have run and how many are
// pending, and how many processes there are.
func (s *Simulation) Stats() scheduler.Stats { return s.loop.Stats() }

// At calls do at virtual time t, after what is due there already. It is how
// entities without a process act. An error that do returns ends the run. At fails
// with a *scheduler.PastError if t is before Now.
func (s *Simulation) At(t scheduler.Time, do func() error) (scheduler.EventID, error) {
	return s.loop.At(t, s.actor, do)
}

// After calls do after duration d, see At. It fails if d is negative, or leads beyond the
// range of scheduler.Time.
func (s *Simulation) After(d time.Duration, do func() error) (scheduler.EventID, error) {
	return s.loop.After(d, s.actor, do)
}

// Cancel takes back what was put off with At or After, and reports whether it
// was still to come.
func (s *Simulation) Cancel(id scheduler.EventID) bool { return s.loop.Cancel(id) }

// Run runs the model until nothing is left to happen. That is no error, even if processes
// still wait then, for what will never come: servers that wait for customers do. Waiting
// names them; RunUntilDone is for those who must get to their end. The error is the failure
// of a process or an event, a *scheduler.EventError that names it and the virtual time, or
// wraps that of ctx and its cause: the run can go on then.
func (s *Simulation) Run(ctx context.Context) error {
	return scheduler.RunUntil(ctx, s.loop, scheduler.Never)
}

// RunUntil runs the model over [Now, t) and sets the clock to t. What is due at t
// has not happened when it returns. It may be called again with a later time. See
// Run for errors.
func (s *Simulation) RunUntil(ctx context.Context, t scheduler.Time) error {
	if t < s.Now() {
		return &scheduler.PastError{Time: t, Now: s.Now()}
	}
	if t == scheduler.Never {
		return fmt.Errorf("the clock cannot be set to never; use Run")
	}
	err := ctx.Err()
	if t > s.Now() {
		err = s.loop.AdvanceTo(ctx, t-1)
	}
	if err != nil {
		return err
	}
	return s.loop.MoveTo(t)
}

// RunUntilDone runs the model until w has happened, and everything else that
// happens at that time. If w is an event that failed, its error is returned. If nothing is
// left to happen before, it fails with a *DeadlockError. See Run for other errors.
func (s *Simulation) RunUntilDone(ctx context.Context, w Waitable) error {
	for next := s.Now(); next < scheduler.Never; next = s.loop.Next() {
		if err := s.loop.AdvanceTo(ctx, next); err != nil {
			return err
		}
		if done := w.occurrence(); done.hasHappened() {
			return done.err()
		}
	}
	return &DeadlockError{Time: s.Now(), For: w.describe(), Waiting: s.Waiting()}
}

// Close ends the processes that are left: their waits return scheduler.ErrClosed,
// and their deferred functions run. It returns panics that happen meanwhile. No
// goroutine is left afterwards. Nothing can be done with a closed model.
func (s *Simulation) Close() error { return s.loop.Close() }

// Wait says that a process waits.
type Wait struct {
	Process string
	For     string         // such as: resource "counter"
	Since   scheduler.Time // when it began
}

func (w Wait) String() string {
	return fmt.Sprintf("%q waits since %v for %s", w.Process, w.Since, w.For)
}

// Waiting tells which processes wait, and for what, in the order in which they
// were started. One that holds waits for a time.
func (s *Simulation) Waiting() []Wait {
	var waits []Wait
	for co := range s.actor.Processes() {
		p := (*Process)(co.Body().(*story))
		if r := p.waiting(); r != nil {
			waits = append(waits, Wait{Process: p.Name(), For: r.describe(), Since: p.co.Since()})
		}
	}
	return waits
}

// DeadlockError says that nothing is left to happen although somebody waits for
// something.
type DeadlockError struct {
	Time    scheduler.Time
	For     string // what has not happened
	Waiting []Wait // the processes that wait
}

func (e *DeadlockError) Error() string {
	const most = 10
	text := fmt.Sprintf("t=%v: nothing is left to happen, and %s has not happened", e.Time, e.For)
	for i, w := range e.Waiting {
		if i == most {
			return text + fmt.Sprintf("; %d more wait", len(e.Waiting)-most)
		}
		text += "; " + w.String()
	}
	return text
}

func errNegative(d time.Duration) error {
	return fmt.Errorf("a duration of %v is negative; nothing can happen in the past", d)
}

func (p *Process) errNotRunning() error {
	return fmt.Errorf("process %q cannot wait here; only the process that runs can wait: pass on the one that the function was given", p.Name())
}
