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
	return context.AfterFunc(ctx, func() { c.endpoint.clock.enter(news(func() { c.giveUp(g, context.Cause(ctx)) })) })
}

// giveUp ends the waits of a behaviour.
func (c *Container) giveUp(g *gather, cause error) {
	if c.closed || !g.fail(cause) {
		return // the answers have come
	}
	c.endpoint.clock.fail(g.behaviour.process.Wake())
	c.endpoint.review()
}

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
	if len(l.waiters) > 0 {
		return true
	}
	for _, o := range l.queue {
		if o.caller == 0 || l.endpoint.c.open.get(o.caller) != nil {
			return true
		}
	}
	return false
}
