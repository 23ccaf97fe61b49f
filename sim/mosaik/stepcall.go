package mosaik

import (
	"context"
	"sync"
	"time"

	"github.com/simrun/simrun/channel"
	"github.com/simrun/simrun/codec"
)

// stepCall is a step that the program has been asked to make.
type stepCall struct {
	mu   sync.Mutex
	done func() // to be called when all is there, or something has gone wrong; nil: it has been
	open int    // replies that are to come

	stepReplies
	deadline time.Time // zero: none

	timer   *time.Timer // of the step timeout; nil: there is none
	watched context.Context
	unwatch func() bool
}

// stepReplies are what has come of a step.
type stepReplies struct {
	next, data codec.Raw // the replies to step and get_data; nil: none
	request    string    // that has failed
	err        error
}

// begin prepares for replies.
func (c *stepCall) begin(ctx context.Context, s *Simulator, replies int, done func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.done, c.open = done, replies
	c.stepReplies = stepReplies{}
	if ctx != c.watched { // a run has one for all steps
		c.stopWatching()
		c.watched = ctx
		c.unwatch = context.AfterFunc(ctx, func() { c.cancelled(ctx) })
	}
	if s.cfg.StepTimeout > 0 {
		c.deadline = time.Now().Add(s.cfg.StepTimeout)
		if c.timer == nil {
			c.timer = time.AfterFunc(s.cfg.StepTimeout, func() { c.late(s.cfg.StepTimeout) })
		} else {
			c.timer.Reset(s.cfg.StepTimeout)
		}
	}
}

// stopWatching forgets the context of the steps.
func (c *stepCall) stopWatching() {
	if c.unwatch != nil {
		c.unwatch()
	}
	c.watched, c.unwatch = nil, nil
}

// close lets go of the context and the timer.
func (c *stepCall) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stopWatching()
	if c.timer != nil {
		c.timer.Stop()
	}
}

// cancelled is called when a context has ended.
func (c *stepCall) cancelled(ctx context.Context) {
	c.mu.Lock()
	if c.watched != ctx {
		c.mu.Unlock()
		return
	}
	c.fail(context.Cause(ctx))
}

// late is called by the timer, perhaps just when the next step has begun.
func (c *stepCall) late(limit time.Duration) {
	c.mu.Lock()
	if time.Now().Before(c.deadline) {
		c.mu.Unlock()
		return
	}
	c.fail(&timeoutError{limit, stepTimeout})
}

// fail unlocks c, and ends a call that is under way.
func (c *stepCall) fail(err error) {
	request := "step"
	if c.next != nil {
		request = "get_data"
	}
	c.end(request, err)
}

// abandon forgets a call that could not be sent, and reports whether it was not over yet.
func (c *stepCall) abandon() (open bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	open = c.done != nil
	c.done = nil
	return open
}

// take returns what has come.
func (c *stepCall) take() stepReplies {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.timer != nil {
		c.timer.Stop()
	}
	return c.stepReplies
}

// complete takes in a reply.
func (c *stepCall) complete(request string, to *codec.Raw, reply codec.Raw, err error) {
	c.mu.Lock()
	if c.done != nil && err == nil {
		*to = reply
		if c.open--; c.open > 0 {
			c.mu.Unlock()
			return
		}
	}
	c.end(request, err)
}

// end unlocks c, and tells that the call is over, unless that was said before.
func (c *stepCall) end(request string, err error) {
	done := c.done
	if c.done = nil; done != nil && err != nil {
		c.request, c.err = request, err
	}
	c.mu.Unlock()
	if done != nil {
		done()
	}
}

// stepReply and dataReply are a Simulator as the channel sees it.
type (
	stepReply Simulator
	dataReply Simulator
)

var (
	_ channel.Completer = (*stepReply)(nil)
	_ channel.Completer = (*dataReply)(nil)
)

func (r *stepReply) Complete(reply codec.Raw, err error) {
	s := (*Simulator)(r)
	if err == nil && s.cfg.SeparateGetData && s.outputs.request != nil {
		err = s.conn.Begin(s.outputs.request, (*dataReply)(s))
	}
	s.under.complete("step", &s.under.next, reply, err)
}

func (r *dataReply) Complete(reply codec.Raw, err error) {
	s := (*Simulator)(r)
	s.under.complete("get_data", &s.under.data, reply, err)
}
