package container

import (
	"errors"
	"fmt"

	"github.com/simrun/simrun/channel"
	"github.com/simrun/simrun/scheduler"
)

// ErrRemoved is returned by everything that an agent tries to do after it was
// removed, and by the waits of its behaviours.
var ErrRemoved = errors.New("the agent was removed from its container")

// lookupError is what callers of a removed agent are told.
func lookupError() error {
	return &channel.RemoteError{Type: "LookupError", Message: "the agent was removed before it had answered"}
}

// Has reports whether there is an agent of that name.
func (c *Container) Has(name string) bool { return c.agents[name] != nil }

// Remove takes an agent out. Its name is free at once, and its timers are
// cancelled. Calls that it works on, or that reach its name while nobody has it,
// fail with a *channel.RemoteError of type LookupError; what it has sent arrives.
// Then its behaviours are unwound, where waits return [ErrRemoved], and it is
// stopped if it has a Stop method.
//
// Outside the loop all of that has happened when Remove returns, and the error is
// that of Stop, or of panics in behaviours. If an agent calls Remove, the
// behaviours end at the same time and round, ahead of what is due there otherwise,
// as soon as the present behaviour waits or ends; an error then ends the run.
func (c *Container) Remove(name string) error {
	a := c.agents[name]
	if a == nil {
		return c.noAgent(name)
	}
	if c.closed {
		return fmt.Errorf("agent %q: container %q is closed", name, c.name)
	}
	delete(c.agents, name)
	a.removed = true
	a.actor.Retire()
	a.timers.cancel()
	c.logAgent("agent removed", name)
	c.leaving = append(c.leaving, a)
	c.ending++
	if !c.loop.Advancing() {
		return a.end()
	}
	_, err := c.loop.AtPriority(c.loop.Now(), scheduler.Urgent, a.actor, a.end)
	return err
}

// Leave removes the agent from its container, see [Container.Remove]. The present
// behaviour goes on to its end, or to where it waits next.
func (a *Agent) Leave() error {
	if err := a.present(); err != nil {
		return err
	}
	return a.container.Remove(a.Name())
}

// end ends everything that a removed agent does.
func (a *Agent) end() error {
	c := a.container
	if a.ended {
		return nil
	}
	a.ended = true
	if c.ending--; c.ending == 0 {
		clear(c.leaving)
		c.leaving = c.leaving[:0]
	}
	var errs []error
	for a.jobs.first != nil {
		errs = append(errs, a.jobs.first.answer(nil, lookupError()))
	}
	errs = append(errs, a.actor.Close(), a.stop())
	a.methods, a.last = nil, nil
	return errors.Join(errs...)
}
