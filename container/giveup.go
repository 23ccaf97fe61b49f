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
}
