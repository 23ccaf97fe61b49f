package container

import (
	"github.com/simrun/simrun/channel"
	"github.com/simrun/simrun/scheduler"
)

// fewArgs is for how many arguments by position a parcel has room.
const fewArgs = 4

// parcel is a message on its way on a loop. It is used again: first for the answer, if
// it is a call, then for other messages of its container. Who passes it on does
// not touch it any more.
type parcel struct {
	message
	by   *scheduler.Actor // causes its arrival
	in   *Container       // sends it
	home *Container       // keeps it while it is not under way

	// Agents that are known to have had the names from and to, so that these need not
	// be looked up. They may have left.
	sender, recipient *Agent

	do   *method // of the recipient; nil: not known
	link *link   // by which it leaves, or has come; nil: not known, or none

	room [fewArgs]any // for args
}

// parcel returns one that is empty.
func (c *Container) parcel() *parcel {
	if n := len(c.parcels); n > 0 {
		p := c.parcels[n-1]
		c.parcels = c.parcels[:n-1]
		return p
	}
	return &parcel{home: c}
}

// parcelOf returns one with a message that an actor causes.
func (c *Container) parcelOf(by *scheduler.Actor, m *message) *parcel {
	p := c.parcel()
	p.by, p.in, p.message = by, c, *m
	return p
}

// release gives the parcel back.
func (p *parcel) release() {
	p.empty()
	p.message, p.by, p.in, p.sender, p.recipient, p.do, p.link = message{}, nil, nil, nil, nil, nil, nil
	p.home.parcels = append(p.home.parcels, p)
}

// empty takes the arguments out.
func (p *parcel) empty() {
	clear(p.room[:min(len(p.args), fewArgs)])
	p.args, p.kwargs = nil, nil
}

// turn makes the answer of a call.
func (p *parcel) turn(value any, err *channel.RemoteError) {
	p.empty()
	p.kind, p.method, p.value, p.err = answerMessage, "", value, err
	p.from, p.to = p.to, p.from
	p.sender, p.recipient = p.recipient, p.sender
}

// addressee returns the agent that has the name to, or nil.
func (p *parcel) addressee() *Agent {
	if a := p.recipient; a != nil && !a.removed && !a.container.closed {
		return a // names are unique, and nobody changes his
	}
	p.recipient, p.do = agentOn(p.in.loop, p.to), nil
	if p.recipient != nil && p.sender != nil && p.kind != answerMessage {
		p.sender.remember(acquaintance{name: p.to, agent: p.recipient})
	}
	return p.recipient
}
