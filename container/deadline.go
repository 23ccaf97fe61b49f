package container

import (
	"context"
	"fmt"
	"time"

	"github.com/simrun/simrun/scheduler"
)

// afterAll is the priority at which a deadline passes.
const afterAll = scheduler.Priority(15)

// deadlineKey is the key of a deadline in a context.
type deadlineKey struct{}

// Within returns a context with which the behaviour waits for answers for duration d
// of virtual time from now at most, or until the deadline that ctx has already, if
// that is sooner:
//
//	price, err := a.Call(a.Within(ctx, 5*time.Second), "seller", "offer", 3)
//
// A call that has not been answered by then fails with a *CallError, whose chain has
// context.DeadlineExceeded; its answer is dropped, should it come. The deadline passes
// after everything that is due at that time, but for further rounds: an answer that
// arrives just then after a delay (see [Medium]) counts, one that is sent only then is
// late.
//
// Only calls heed the deadline; behaviours that are begun with the context have it,
// too. The context's own Deadline and Done, which are about the time on the wall,
// know nothing of it.
func (a *Agent) Within(ctx context.Context, d time.Duration) context.Context {
	t := a.Now().Add(max(d, 0))
	if sooner, has := ctx.Value(deadlineKey{}).(scheduler.Time); has {
		t = min(t, sooner)
	}
	return context.WithValue(ctx, deadlineKey{}, t)
}

// limit lets the gather end when the deadline of its context has passed, if there is
// one, and returns the event that does it.
func (g *gather) limit(ctx context.Context) (scheduler.EventID, error) {
	t, has := ctx.Value(deadlineKey{}).(scheduler.Time)
	if !has {
		return scheduler.EventID{}, nil
	}
	a := g.behaviour.agent
	return a.container.loop.AtPriority(max(t, a.Now()), afterAll, a.actor, func() error {
		g.fail(fmt.Errorf("no answer has come by t=%v: %w", t, context.DeadlineExceeded))
		return g.behaviour.process.Wake()
	})
}

// fail gives all calls that have not been answered an error, and reports whether
// there were any.
func (g *gather) fail(err error) bool {
	left := g.left
	open := &g.behaviour.agent.container.open
	for _, id := range g.ids {
		if o := open.get(id); o != nil && o.gather == g {
			g.replies[o.index].Err = &CallError{Agent: o.callee, Method: o.method, Err: err}
			open.remove(id)
		}
	}
	g.left = 0
	return left > 0
}
