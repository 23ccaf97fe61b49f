package container

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/simrun/simrun/channel"
	"github.com/simrun/simrun/rpc"
	"github.com/simrun/simrun/scheduler"
)

// Ask calls a method of an agent for somebody who is no agent, on any goroutine, and
// waits for the answer. The agent is one of the endpoint's container, by name, or one
// elsewhere, by address. It fails as [Agent.Call] does, with the cause of ctx, and with
// [ErrStopped]. R is what [As] takes. A behaviour must not call it.
func Ask[R any](ctx context.Context, e *Endpoint, agent, method string, args ...any) (R, error) {
	value, err := e.ask(ctx, agent, method, args)
	return As[R](value, err)
}

func (e *Endpoint) ask(ctx context.Context, agent, method string, args []any) (value any, err error) {
	if e.c.leaves(agent) {
		value, err = e.askElsewhere(ctx, agent, func(name string) string { return string(appendPath(nil, name, method)) }, args)
	} else {
		value, err = e.askHere(ctx, agent, method, args)
	}
	if _, named := errors.AsType[*CallError](err); err != nil && !named {
		err = &CallError{Agent: agent, Method: method, Err: err}
	}
	return value, err
}

// askHere has an agent ask itself.
func (e *Endpoint) askHere(ctx context.Context, agent, method string, args []any) (any, error) {
	answer := make(chan Reply, 1)
	err := e.clock.Do(ctx, func() error {
		args, err := e.c.copyAll(args)
		if err != nil {
			return err
		}
		name := strings.TrimPrefix(agent, e.c.base)
		a := e.c.agents[name]
		if a == nil {
			return e.c.noAgent(name)
		}
		q := &selfAsked{agent: a, answer: answer}
		err = a.begin(ctx, e.c.loop.Now(), scheduler.Urgent, "Ask", func(inside context.Context) error {
			q.begun = true
			value, err := Proxy{agent}.Call(inside, method, args...)
			answer <- Reply{value, err}
			return nil
		})
		if err == nil {
			e.beginning = append(e.beginning, q)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	select {
	case r := <-answer:
		return r.Value, r.Err
	case <-e.clock.stopped:
		err = e.clock.why()
	case <-ctx.Done():
		err = context.Cause(ctx)
	}
	select {
	case r := <-answer: // it has come just before
		return r.Value, r.Err
	default:
		return nil, err
	}
}

// selfAsked is an agent that is to ask itself.
type selfAsked struct {
	agent  *Agent
	begun  bool
	answer chan<- Reply // has room
}

// tellGone answers for agents that have gone before they began to ask.
func (e *Endpoint) tellGone() {
	e.beginning = slices.DeleteFunc(e.beginning, func(q *selfAsked) bool {
		gone := q.agent.present()
		if !q.begun && gone != nil {
			q.answer <- Reply{Err: gone}
		}
		return q.begun || gone != nil
	})
}

// copyAll copies arguments.
func (c *Container) copyAll(args []any) ([]any, error) {
	positional, kwargs := splitArgs(args)
	positional, kwargs, err := mapArgs(positional, kwargs, c.copyOf)
	if err != nil || len(kwargs) == 0 {
		return positional, err
	}
	named := make(rpc.Kwargs, len(kwargs))
	for _, m := range kwargs {
		named[m.Key] = m.Value
	}
	return append(positional, named), nil
}

// linkNews is a connection, or why there is none.
type linkNews struct {
	conn *channel.Conn
	err  error
}

// askElsewhere calls what is at the path for the name of an agent elsewhere. It makes
// the connection if there is none.
func (e *Endpoint) askElsewhere(ctx context.Context, agent string, path func(name string) string, args []any) (any, error) {
	var request rpc.Request
	var l *link
	waiter := make(chan linkNews, 1)
	err := e.clock.Do(ctx, func() (err error) {
		if e.closing {
			return ErrShutdown
		}
		var name string
		if l, name, err = e.link(agent); err != nil {
			return err
		}
		// Whether an agent may be passed on is known only here.
		request.Path = path(name)
		request.Args, request.Kwargs = splitArgs(args)
		if request.Args, request.Kwargs, err = mapArgs(request.Args, request.Kwargs, l.encoded); err != nil {
			return err
		}
		if l.conn != nil {
			waiter <- linkNews{conn: l.conn}
		} else {
			l.waiters = append(l.waiters, waiter)
		}
		e.asking++
		return nil
	})
	if err != nil {
		return nil, err
	}
	defer e.clock.enter(news(func() { e.asking-- }))
	var n linkNews
	select {
	case n = <-waiter:
	case <-e.clock.stopped:
		return nil, e.clock.why()
	case <-ctx.Done():
		e.clock.enter(news(func() {
			l.waiters = slices.DeleteFunc(l.waiters, func(w chan<- linkNews) bool { return w == waiter })
		}))
		return nil, context.Cause(ctx)
	}
	if n.err != nil {
		return nil, n.err
	}
	e.traffic.Add(1)
	reply, err := n.conn.Call(ctx, &request)
	e.traffic.Add(1)
	if err != nil {
		return nil, err
	}
	value, err := l.codec.Decode(reply)
	if err != nil {
		return nil, fmt.Errorf("the answer: %w", err)
	}
	return value, nil
}
