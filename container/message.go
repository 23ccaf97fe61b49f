package container

import (
	"fmt"
	"slices"
	"strings"

	"github.com/simrun/simrun/channel"
	"github.com/simrun/simrun/codec"
	"github.com/simrun/simrun/internal/suggest"
	"github.com/simrun/simrun/scheduler"
)

// messageKind tells what a message is.
type messageKind uint8

const (
	callMessage   messageKind = iota // wants an answer
	answerMessage                    // to a call
	oneWayMessage                    // wants none
)

// message is all that travels between agents. It is plain data: nothing in it
// belongs to either side.
type message struct {
	kind     messageKind
	from, to string         // names of agents
	at       scheduler.Time // when it arrives; in the next round if that is the present
	id       uint64         // of the call among those that are open where its sender lives
	method   string         // of a call or one-way message
	args     []any          // for the method, in the terms of package codec
	kwargs   codec.Object
	value    any // that a call brought, in the terms of package codec
	err      *channel.RemoteError
	lost     error         // why a call, or its answer, to or from elsewhere did not arrive
	sent     scheduler.Key // of the event in which it was sent, if the container is traced
}

// router knows the way to those who do not live on the container's loop.
type router interface {
	// route takes a message whose recipient it knows, and reports whether it
	// has. The message is sent at the present time, and caused by an actor of the
	// loop. What it does not take goes to an agent on the loop, or to nobody. The
	// list of arguments is valid until it returns.
	route(by *scheduler.Actor, m message) (taken bool, err error)
}

// send puts a parcel that an actor causes on its way.
func (c *Container) send(by *scheduler.Actor, p *parcel) error {
	p.at, p.by, p.in = c.loop.Now(), by, c
	if p.recipient != nil && c.tell == nil && c.media == nil && c.router == nil {
		return c.loop.PostHandler(by, p)
	}
	return c.sendAside(p)
}

// sendAside is send for messages that need more than to arrive in the next round.
func (c *Container) sendAside(p *parcel) error {
	if c.tell != nil {
		p.sent = c.loop.Key()
	}
	if p.link != nil {
		return p.leave()
	}
	if p.recipient == nil && distant(p.to) {
		name, own := strings.CutPrefix(p.to, c.base)
		switch {
		case own:
			p.to = name
		case c.endpoint != nil:
			return p.leave()
		}
	}
	if c.media != nil {
		delay, lost := c.travel(p.from, p.to)
		if lost {
			if c.hear != nil {
				c.hear(p.told(Lost))
			}
			if c.debug {
				c.logTravel(p, true)
			}
			p.release()
			return nil
		}
		p.at = p.at.Add(delay)
		if c.debug && delay > 0 {
			c.logTravel(p, false)
		}
	}
	if c.router != nil {
		if taken, err := c.router.route(p.by, p.message); taken || err != nil {
			p.release()
			return err
		}
	}
	return p.post()
}

// leave has the parcel's message sent to another container.
func (p *parcel) leave() error {
	err := p.in.endpoint.route(p)
	p.release()
	return err
}

// post lets the parcel arrive at its time.
func (p *parcel) post() error {
	loop := p.in.loop
	if p.at > loop.Now() {
		_, err := loop.Schedule(p.at, scheduler.Normal, p.by, p)
		return err
	}
	return loop.PostHandler(p.by, p)
}

// Handle acts on a message that arrives.
func (p *parcel) Handle() error {
	if hear := p.in.hear; hear != nil {
		hear(p.told(Arrived))
	}
	to := p.addressee()
	switch {
	case p.kind == answerMessage && to != nil:
		err := to.container.answered(to, &p.message)
		p.release()
		return err
	case to == nil && p.kind != callMessage: // the caller has gone, or nobody hears it
		p.release()
		return nil
	case to == nil:
		return p.turnBack()
	}
	do := p.do
	if do == nil {
		do = to.methods.get(p.method)
		p.sender.rememberMethod(to, p.method, do)
	}
	if do == nil {
		why := fmt.Sprintf("it exposes no method %q; %s", p.method, suggest.Sentence(p.method, to.exposed()))
		if p.kind == oneWayMessage {
			return fmt.Errorf("message from %q to %q: %s", p.from, p.to, why)
		}
		p.turn(nil, &channel.RemoteError{Type: "LookupError", Message: why})
		return to.container.send(to.actor, p)
	}
	if do.instant {
		return to.serve(p, do)
	}
	return to.work(p, do)
}

// turnBack answers a call to nobody. There is nobody to cause the answer, so it has
// the key of the call, wherever that arrived.
func (p *parcel) turnBack() error {
	c := p.in
	if c.closed {
		p.release()
		return nil // so nobody waits
	}
	p.turn(nil, &channel.RemoteError{Type: "LookupError", Message: c.nobody(p.to)})
	p.at = c.loop.Now()
	if c.tell != nil {
		p.sent = c.loop.Key()
	}
	if p.recipient == nil && distant(p.to) && c.endpoint != nil {
		return p.leave()
	}
	if c.router != nil {
		if taken, err := c.router.route(p.by, p.message); taken || err != nil {
			p.release()
			return err
		}
	}
	c.loop.PostAgain(p.by, p.Handle)
	return nil
}

// nobody says that there is no agent of a name, in words that depend neither on who
// has left meanwhile nor on where agents live.
func (c *Container) nobody(name string) string {
	if distant(name) {
		return fmt.Sprintf("no agent %q: agents of a run, and of any container that is not in a network (Listen), cannot call addresses; call it by its name", name)
	}
	known := c.loop.Known()
	if _, was := slices.BinarySearch(known, name); was {
		return fmt.Sprintf("agent %q has left", name)
	}
	for ancestor := parentOf(name); ancestor != ""; ancestor = parentOf(ancestor) {
		if _, was := slices.BinarySearch(known, ancestor); was {
			return fmt.Sprintf("no agent %q: agent %q has spawned none of that name, or it has left", name, parentOf(name))
		}
	}
	here := slices.DeleteFunc(c.Agents(), func(name string) bool { return c.agents[name].actor.Descends() })
	known = slices.DeleteFunc(append(here, known...), distant)
	slices.Sort(known)
	return fmt.Sprintf("no agent %q; %s", name, suggest.Sentence(name, slices.Compact(known)))
}

// answer is the answer to a call.
func (m *message) answer(value any, err *channel.RemoteError) message {
	return message{kind: answerMessage, from: m.to, to: m.from, id: m.id, value: value, err: err}
}

// agentOn returns the agent of a name, in whatever container on the loop, or nil.
func agentOn(loop *scheduler.Loop, name string) *Agent {
	if actor := loop.Lookup(name); actor != nil {
		a, _ := actor.Owner.(*Agent)
		return a
	}
	return nil
}
