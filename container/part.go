package container

import (
	"context"
	"fmt"
	"slices"

	"github.com/simrun/simrun/scheduler"
)

// A Part is a container of a [Federation]: one in this process, see [Local], or
// whatever stands for one elsewhere. The Federation calls its methods one at a time.
type Part interface {
	// Name names the part in errors.
	Name() string
	// Agents returns the names of the agents that live there. Only those are added later
	// that they spawn, see Agent.Spawn.
	Agents(ctx context.Context) ([]string, error)
	// Join tells the names of all agents of the federation, in byte order.
	Join(ctx context.Context, everybody []string) error
	// Next returns when something is due there, or scheduler.Never.
	Next() scheduler.Time
	// Round has the agents do what belongs to one round, and returns what they
	// have sent to others, which is valid until the next call. The messages of the
	// order must not be kept. The error is a *RoundError if an agent failed.
	Round(ctx context.Context, order Order) ([]Envelope, error)
}

// An Order is what a part is to do next: to run one round of a time. The messages
// have come for it since its last round.
type Order struct {
	Time     scheduler.Time
	Round    int
	Messages []Envelope
}

// An Envelope is a message from an agent of one part to an agent of another one, with
// its place in the order of events. It cannot be changed.
type Envelope struct {
	key scheduler.Key
	to  int // number of the recipient, or of its ancestor that was there at the beginning
	// Its ends are not both those that the numbers, in key and to, stand for.
	named bool
	message
}

// cause returns the name of the agent that has sent the message, or, if it was turned
// back, had sent it.
func (e *Envelope) cause() string {
	if e.key.Source() == e.to { // who lives together sends each other nothing from part to part
		return e.message.to
	}
	return e.from
}

// A RoundError is the failure of an agent in one round.
type RoundError struct {
	// Mark is how far the round had come, see scheduler.Loop.Mark: of several
	// failures in one round the one with the smallest mark comes first.
	Mark scheduler.Key
	Err  error // a *scheduler.EventError or *scheduler.RoundsError
}

func (e *RoundError) Error() string { return e.Err.Error() }

// Unwrap returns Err.
func (e *RoundError) Unwrap() error { return e.Err }

// localPart is a container of this process as a Part.
type localPart struct {
	c   *Container
	out []Envelope
}

// Local makes a Part of a container, which must be the only one on its loop, and not
// have begun. From then on its clock belongs to the federation.
func Local(c *Container) Part { return &localPart{c: c} }

// Name implements Part.
func (p *localPart) Name() string { return p.c.name }

// Agents implements Part.
func (p *localPart) Agents(context.Context) ([]string, error) { return p.c.Agents(), nil }

// Join implements Part.
func (p *localPart) Join(_ context.Context, everybody []string) error {
	if p.c.router != nil {
		return fmt.Errorf("container %q is connected to others already", p.c.name)
	}
	for _, name := range everybody {
		if p.c.Has(name) {
			continue
		}
		if _, err := p.c.loop.Remote(name); err != nil {
			return err
		}
	}
	p.c.loop.Seal()
	p.c.router = p
	return nil
}

// Next implements Part.
func (p *localPart) Next() scheduler.Time { return p.c.loop.Next() }

// Round implements Part.
func (p *localPart) Round(ctx context.Context, order Order) ([]Envelope, error) {
	l := p.c.loop
	// It may have had nothing to do at that time until now. But what is due now, because
	// of new inputs, belongs to this round.
	if order.Round > 0 && l.Now() < order.Time && l.Next() > order.Time {
		if err := p.runRound(ctx, order.Time, order.Round-1); err != nil {
			return nil, err
		}
	}
	for i := range order.Messages {
		m := &order.Messages[i]
		if m.at > order.Time {
			later := *m
			m = &later
		}
		if err := l.Deliver(m.at, m.key, m.cause(), func(by *scheduler.Actor) error { return p.c.parcelOf(by, &m.message).Handle() }); err != nil {
			return nil, fmt.Errorf("message from %q to %q: %w", m.from, m.message.to, err)
		}
	}
	clear(p.out)
	p.out = p.out[:0]
	if err := p.runRound(ctx, order.Time, order.Round); err != nil {
		return nil, err
	}
	return p.out, nil
}

// runRound has the loop run a round.
func (p *localPart) runRound(ctx context.Context, t scheduler.Time, round int) error {
	err := p.c.loop.RunRound(ctx, t, round)
	switch err.(type) {
	case *scheduler.EventError, *scheduler.RoundsError:
		return &RoundError{Mark: p.c.loop.Mark(), Err: err}
	}
	return err
}

// route takes messages to agents that live elsewhere. Where one lives that another has
// spawned follows from its name.
func (p *localPart) route(by *scheduler.Actor, m message) (taken bool, err error) {
	to := p.c.loop.Lookup(m.to)
	for ancestor := parentOf(m.to); to == nil && ancestor != ""; ancestor = parentOf(ancestor) {
		to = p.c.loop.Lookup(ancestor)
	}
	if to == nil || !to.Remote() {
		return false, nil
	}
	m.args = slices.Clone(m.args)
	e := Envelope{to: to.Number(), message: m, key: p.c.loop.Key()}
	e.named = m.to != to.Name() || by.Descends() || by.Remote()
	if !by.Remote() { // else it is turned back under its own key
		if e.key, err = by.NextKey(); err != nil {
			return false, err
		}
	}
	p.out = append(p.out, e)
	return true, nil
}
