package container

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"strings"
	"time"

	"github.com/simrun/simrun/scheduler"
)

// behaviour is one of an agent's, and the context that stands for it.
type behaviour struct {
	context.Context
	process scheduler.Process
	agent   *Agent
	do      func(context.Context) error
	limited bool // the context that it was begun with may end its waits
}

// behaviourKey is the key of a behaviour in its context.
type behaviourKey struct{}

func (b *behaviour) Value(key any) any {
	if key == (behaviourKey{}) {
		return b
	}
	return b.Context.Value(key)
}

// Run makes the behaviour the body of its process.
func (b *behaviour) Run(*scheduler.Process) error {
	err := b.do(b)
	if b.agent.removed && errors.Is(err, ErrRemoved) {
		return nil // it was interrupted by the agent's own leave
	}
	if err != nil {
		b.logFailure(err)
	}
	return err
}

var errNotAdded = errors.New("the agent is in no container; add it to one first")

// present returns why the agent cannot do anything now.
func (a *Agent) present() error {
	if a.container == nil {
		return errNotAdded
	}
	if a.removed {
		return ErrRemoved
	}
	return nil
}

// waited is what the behaviour is told of a wait.
func (a *Agent) waited(err error) error {
	if a.removed && errors.Is(err, scheduler.ErrClosed) {
		return ErrRemoved
	}
	return err
}

// begin lets an agent do something from time t on.
func (a *Agent) begin(ctx context.Context, t scheduler.Time, p scheduler.Priority, name string, do func(context.Context) error) error {
	if err := a.present(); err != nil {
		return err
	}
	_, limited := ctx.Value(deadlineKey{}).(scheduler.Time)
	if done := ctx.Done(); done != nil && done != a.container.ctx.Done() {
		limited = true
	}
	b := &behaviour{Context: ctx, agent: a, do: do, limited: limited}
	return a.container.loop.Begin(&b.process, t, p, a.actor, name, b)
}

// running returns the behaviour that ctx stands for, which must be the one of
// this agent that runs.
func (a *Agent) running(ctx context.Context) (*behaviour, error) {
	if b, ok := ctx.(*behaviour); ok && b.agent == a && !a.removed && b.process.Running() {
		return b, b.Err()
	}
	return a.runningIn(ctx)
}

// runningIn is running for every context.
func (a *Agent) runningIn(ctx context.Context) (*behaviour, error) {
	const advice = "pass on the context that the behaviour was given"
	if err := a.present(); err != nil {
		return nil, err
	}
	b, known := ctx.(*behaviour)
	if !known {
		b, known = ctx.Value(behaviourKey{}).(*behaviour)
	}
	switch {
	case known && b == nil:
		return nil, fmt.Errorf("agent %q: the context is that of a call that was put off, which cannot wait; begin a behaviour with Go", a.Name())
	case b == nil:
		return nil, fmt.Errorf("agent %q: the context is not that of a behaviour; %s", a.Name(), advice)
	case b.agent != a:
		return nil, fmt.Errorf("agent %q: the context is that of agent %q; %s", a.Name(), b.agent.Name(), advice)
	case !b.process.Running():
		return nil, fmt.Errorf("agent %q: the context is that of behaviour %s, which does not run now; %s", a.Name(), b.process.Name(), advice)
	}
	return b, ctx.Err()
}

// Sleep lets the behaviour wait for duration d of virtual time. A sleep of 0
// ends in the next round of the present time. It fails if d is negative, and
// with scheduler.ErrClosed when the container is closed, or ErrRemoved.
func (a *Agent) Sleep(ctx context.Context, d time.Duration) error {
	b, err := a.running(ctx)
	if err != nil {
		return err
	}
	return a.waited(b.process.Sleep(d))
}

// SleepUntil lets the behaviour wait until virtual time t, see Sleep. It fails
// if t is in the past.
func (a *Agent) SleepUntil(ctx context.Context, t scheduler.Time) error {
	b, err := a.running(ctx)
	if err != nil {
		return err
	}
	return a.waited(b.process.SleepUntil(t))
}

// Go begins another behaviour of the agent. It begins at the present time, after
// the present behaviour has come to its next wait.
func (a *Agent) Go(ctx context.Context, do func(ctx context.Context) error) error {
	return a.begin(ctx, a.Now(), scheduler.Normal, a.nameOf(do), do)
}

// Every begins a behaviour that calls do now and after every further period. If
// a call takes longer than the period, those that should have begun meanwhile
// are left out.
func (a *Agent) Every(ctx context.Context, period time.Duration, do func(ctx context.Context) error) error {
	if period <= 0 {
		return fmt.Errorf("agent %q: a period of %v is not positive", a.Name(), period)
	}
	return a.begin(ctx, a.Now(), scheduler.Normal, a.nameOf(do), func(ctx context.Context) error {
		for next := a.Now(); ; {
			if err := do(ctx); err != nil {
				return err
			}
			for next <= a.Now() {
				next = next.Add(period)
			}
			if err := a.SleepUntil(ctx, next); err != nil {
				return err
			}
		}
	})
}

// nameOf is funcName, which is remembered.
func (a *Agent) nameOf(do func(context.Context) error) string {
	if a.container == nil {
		return ""
	}
	pc := reflect.ValueOf(do).Pointer()
	name, known := a.container.names[pc]
	if !known {
		name = funcName(do)
		a.container.names[pc] = name
	}
	return name
}

// funcName is the name of a function as errors show it: "negotiate" for the
// method, "Start.func1" for a function literal in Start.
func funcName(do func(context.Context) error) string {
	name := runtime.FuncForPC(reflect.ValueOf(do).Pointer()).Name()
	name = name[strings.LastIndexByte(name, '/')+1:]
	if _, after, ok := strings.Cut(name, ")."); ok { // package.(*Type).method-fm
		name = after
	} else if _, after, ok := strings.Cut(name, "."); ok {
		name = after
	}
	return strings.TrimSuffix(name, "-fm")
}
