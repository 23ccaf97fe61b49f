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
	// loop. What it does not take goes to an agent on the loop, or to nobody.
	route(by *scheduler.Actor, m message) (taken bool, err error)
}

// send puts a message that an actor causes on its way. Neither it nor post or deliver
// keep the pointer.
func (c *Container) send(by *scheduler.Actor, m *message) error {
	m.at = c.loop.Now()
	if c.tell != nil {
		m.sent = c.loop.Key()
	}
	if distant(m.to) {
		name, own := strings.CutPrefix(m.to, c.base)
		switch {
		case own:
			m.to = name
		case c.endpoint != nil:
			return c.endpoint.route(m)
		}
	}
	if c.media != nil {
		delay, lost := c.travel(m.from, m.to)
		if lost {
			if c.tell != nil {
				c.tell(m.told(Lost))
			}
			return nil
		}
		m.at = m.at.Add(delay)
	}
	if c.router != nil {
		if taken, err := c.router.route(by, *m); taken || err != nil {
			if taken && c.tell != nil {
				c.tell(m.told(Left))
			}
			return err
		}
	}
	return c.post(by, m)
}

// post lets a message arrive at its time, as caused by an actor.
func (c *Container) post(by *scheduler.Actor, m *message) error {
	p := c.parcel(by, m)
	if m.at > c.loop.Now() {
		_, err := c.loop.At(m.at, by, p.arrive)
		return err
	}
	return c.loop.Post(by, p.arrive)
}

// parcel is a message on its way through the loop. It is used again.
type parcel struct {
	message
	by     *scheduler.Actor
	arrive func() error // deliver, made once
	in     *Container
}

func (c *Container) parcel(by *scheduler.Actor, m *message) *parcel {
	var p *parcel
	if n := len(c.parcels); n > 0 {
		p, c.parcels = c.parcels[n-1], c.parcels[:n-1]
	} else {
		p = &parcel{in: c}
		p.arrive = p.deliver
	}
	p.message, p.by = *m, by
	return p
}

func (p *parcel) deliver() error {
	err := p.in.deliver(p.by, &p.message)
	p.by, p.message = nil, message{}
	p.in.parcels = append(p.in.parcels, p)
	return err
}

// deliver acts on a message that arrives. It was caused by an actor, which stands
// for the sender.
func (c *Container) deliver(by *scheduler.Actor, m *message) error {
	if c.tell != nil {
		c.tell(m.told(Arrived))
	}
	to := agentOn(c.loop, m.to)
	switch {
	case m.kind == answerMessage && to != nil:
		return to.container.answered(to, m)
	case to == nil && m.kind != callMessage:
		return nil // the caller has gone, or nobody hears it
	case to == nil:
		return c.turnBack(by, m)
	}
	do := to.methods[m.method]
	if do == nil {
		why := fmt.Sprintf("it exposes no method %q; %s", m.method, suggest.Sentence(m.method, to.exposed()))
		if m.kind == oneWayMessage {
			return fmt.Errorf("message from %q to %q: %s", m.from, m.to, why)
		}
		return to.container.refuse(to.actor, m, why)
	}
	if do.instant {
		return to.serve(m, do)
	}
	return to.work(m, do)
}

// turnBack answers a call to nobody. There is nobody to cause the answer, so it has
// the key of the call, wherever that arrived.
func (c *Container) turnBack(by *scheduler.Actor, m *message) error {
	if c.closed {
		return nil // so nobody waits
	}
	answer := m.answer(nil, &channel.RemoteError{Type: "LookupError", Message: c.nobody(m.to)})
	answer.at = c.loop.Now()
	if c.tell != nil {
		answer.sent = c.loop.Key()
	}
	if c.router != nil {
		if taken, err := c.router.route(by, answer); taken || err != nil {
			return err
		}
	}
	c.loop.PostAgain(by, func() error { return c.deliver(by, &answer) })
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
	known = slices.DeleteFunc(append(c.Agents(), known...), distant)
	slices.Sort(known)
	return fmt.Sprintf("no agent %q; %s", name, suggest.Sentence(name, slices.Compact(known)))
}

// refuse answers a call with which its recipient can do nothing.
func (c *Container) refuse(by *scheduler.Actor, m *message, why string) error {
	answer := m.answer(nil, &channel.RemoteError{Type: "LookupError", Message: why})
	return c.send(by, &answer)
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
