package container

import "context"

// watch lets the behaviour that gathers answers go on when its context ends, and
// returns what ends the watch. In virtual time nothing happens to a context while a
// behaviour waits; only an endpoint's clock lets others in.
func (c *Container) watch(ctx context.Context, g *gather) (stop func() bool) {
	if c.endpoint == nil || ctx.Done() == c.ctx.Done() {
		return func() bool { return true }
	}
	g.watched = true
	return context.AfterFunc(ctx, func() { c.endpoint.clock.enter(&givenUp{c, g, context.Cause(ctx)}) })
}

// givenUp is the news that the context of a behaviour has ended.
type givenUp struct {
	c     *Container
	g     *gather
	cause error
}

func (n *givenUp) visit() {
	c, g := n.c, n.g
	if g.left == 0 || c.closed {
		return
	}
	waited := false
	for _, id := range g.ids {
		if o := c.open.get(id); o != nil && o.gather == g {
			g.replies[o.index].Err = &CallError{Agent: o.callee, Method: o.method, Err: n.cause}
			c.open.remove(id)
			waited = true
		}
	}
	if !waited {
		return // it waits no more
	}
	g.left = 0
	c.endpoint.clock.fail(g.behaviour.process.Wake())
	c.endpoint.review()
}

func (*givenUp) refuse() {}

// review gives up connections that are being made and for which nobody waits any
// more.
func (e *Endpoint) review() {
	for _, l := range e.links {
		if l.conn == nil && !l.wanted() {
			l.cancel()
			l.drop()
		}
	}
}

func (l *link) wanted() bool {
	for _, o := range l.queue {
		if o.kind != callMessage || l.endpoint.c.open.get(o.id) != nil {
			return true
		}
	}
	return false
}
