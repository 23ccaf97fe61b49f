package rpc

import "github.com/simrun/simrun/channel"

// An Incoming is a call of the peer that was given to Config.Receive. It is to be
// answered once, by Reply or Fail, from any goroutine; see channel.Request.
type Incoming struct {
	Invocation
	request *channel.Request
}

// Reply answers with a result, see channel.Request.Reply.
func (in *Incoming) Reply(result any) { in.request.Reply(result) }

// Fail answers with a failure, see channel.Request.Fail.
func (in *Incoming) Fail(err error) { in.request.Fail(err) }

// receive hands a request to the receiver, unless it is no call.
func (c *Conn) receive(to func(*Incoming), r *channel.Request) {
	c.once.Do(func() { <-c.made })
	in := &Incoming{Invocation: Invocation{Conn: c.ch, Peer: c}, request: r}
	if err := in.Parse(r.Content()); err != nil {
		r.Fail(err)
		return
	}
	to(in)
}
