package container

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"reflect"
	"runtime/debug"
	"slices"
	"time"

	"github.com/simrun/simrun/codec"
	"github.com/simrun/simrun/internal/suggest"
	"github.com/simrun/simrun/scheduler"
)

// Container holds agents, see the package documentation.
type Container struct {
	loop     *scheduler.Loop
	name     string
	agents   map[string]*Agent
	leaving  []*Agent // removed; those that have ended are dropped together
	ending   int      // how many of these have not
	open     openCalls
	parcels  []*parcel // that are not under way
	jobs     []*job    // on which nobody works
	gathers  []*gather // for which nobody waits
	lists    lists     // that are copied
	media    *Media    // nil: messages arrive at once
	transits map[pair]*transit
	names    map[uintptr]string // of functions that behaviours have begun with
	endpoint *Endpoint          // nil: it is in no network
	router   router             // nil: there are only the agents on the loop
	tell     func(Message)      // of messages, as WithTrace wants; nil: nobody
	hear     func(Message)      // tell, and whoever watches; nil: nobody
	log      *slog.Logger       // nil: nothing is logged
	debug    bool               // it logs at that level
	base     string             // what the addresses of its agents begin with
	types    *codec.Types
	copier   codec.Codec
	start    time.Time // date of virtual time 0; zero: none
	ctx      context.Context
	// timerCtx is the context of calls that were put off: of no behaviour.
	timerCtx context.Context
	cancel   context.CancelFunc
	closed   bool
}

// New returns an empty container that lives on the clock of a loop. The name is
// the first part of its agents' addresses.
func New(loop *scheduler.Loop, name string, options ...Option) *Container {
	c := &Container{loop: loop, name: name, base: "local://" + name + "/", agents: make(map[string]*Agent), names: make(map[uintptr]string)}
	WithTypes()(c)
	for _, option := range options {
		option(c)
	}
	c.hear = c.tell
	c.copier = c.copies()
	c.ctx, c.cancel = context.WithCancel(context.Background())
	c.timerCtx = context.WithValue(c.ctx, behaviourKey{}, (*behaviour)(nil))
	return c
}

// Starter is implemented by agents that do something on their own. Start is
// their first behaviour: it begins at the time at which the agent was added,
// before anything else that the agent does, and it may sleep and call.
type Starter interface {
	Start(ctx context.Context) error
}

// Stopper is implemented by agents that hold something to release. Stop is
// called when the agent is removed or the container is closed; all its behaviours
// have ended by then.
type Stopper interface {
	Stop() error
}

// Add takes an agent in and begins its Start, if it has one. Agents may be added
// while others run, but not in a federation that has begun: there, agents make others
// with [Agent.Spawn]. Names are unique among all agents that live on one loop.
func (c *Container) Add(name string, m Member) error {
	if c.router != nil {
		return fmt.Errorf("agent %q: container %q is part of a federation that has begun; there, agents are made by other agents, see Agent.Spawn", name, c.name)
	}
	err := c.take(name, m, c.loop.Actor)
	if err == nil {
		c.logAgent("agent added", name)
	}
	return err
}

// take takes in an agent, for which register registers an actor.
func (c *Container) take(name string, m Member, register func(name string) (*scheduler.Actor, error)) error {
	if v := reflect.ValueOf(m); !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil() {
		return fmt.Errorf("agent %q: it is nil; add a pointer to a struct that embeds container.Agent", name)
	}
	a := m.base()
	if a.removed {
		return fmt.Errorf("agent %q: it was removed, as %q; add a new one", name, a.Name())
	}
	if a.container != nil {
		return fmt.Errorf("agent %q: it is in container %q already, as %q", name, a.container.name, a.Name())
	}
	if c.closed {
		return fmt.Errorf("agent %q: container %q is closed", name, c.name)
	}
	actor, err := register(name)
	if err != nil {
		return fmt.Errorf("agent %q: %w", name, err)
	}
	a.container, a.actor, a.member = c, actor, m
	actor.Owner = a
	c.agents[name] = a
	if s, ok := m.(Starter); ok {
		return a.begin(c.ctx, c.loop.Now(), scheduler.Urgent, "Start", s.Start)
	}
	return nil
}

// Agents returns the names of the agents in byte order.
func (c *Container) Agents() []string { return slices.Sorted(maps.Keys(c.agents)) }

// Notify begins a behaviour of an agent at time t, ahead of what is due there
// already. It is how the world outside reaches an agent: what names the
// occasion, for errors.
func (c *Container) Notify(t scheduler.Time, agent, what string, do func(ctx context.Context) error) error {
	a := c.agents[agent]
	if a == nil {
		return c.noAgent(agent)
	}
	return a.begin(c.ctx, t, scheduler.Urgent, what, do)
}

func (c *Container) noAgent(name string) error {
	return fmt.Errorf("no agent %q in container %q; %s", name, c.name, suggest.Sentence(name, c.Agents()))
}

// Close ends the agents, by name: their behaviours are unwound, waits return
// scheduler.ErrClosed; then those that have a Stop method are stopped. It
// returns the errors of all. It must not be called by an agent; calling it again
// does nothing.
func (c *Container) Close() error {
	if c.closed {
		return nil
	}
	if c.loop.Advancing() {
		return fmt.Errorf("container %q was closed by one of its agents; close it after the loop's AdvanceTo has returned", c.name)
	}
	errs := make([]error, 0, len(c.agents))
	for _, a := range slices.Clone(c.leaving) {
		errs = append(errs, a.end())
	}
	for _, name := range c.Agents() {
		errs = append(errs, c.agents[name].abandon())
	}
	c.closed = true
	c.cancel()
	for _, name := range c.Agents() {
		errs = append(errs, c.agents[name].actor.Close())
	}
	for _, name := range c.Agents() {
		errs = append(errs, c.agents[name].stop())
	}
	return errors.Join(errs...)
}

// stop calls the agent's Stop, if it has one.
func (a *Agent) stop() (err error) {
	s, ok := a.member.(Stopper)
	if !ok {
		return nil
	}
	defer func() {
		if v := recover(); v != nil {
			err = &scheduler.PanicError{Value: v, Stack: debug.Stack()}
		}
		if err != nil {
			err = fmt.Errorf("stop agent %q: %w", a.Name(), err)
		}
	}()
	return s.Stop()
}
