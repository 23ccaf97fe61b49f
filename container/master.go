package container

import (
	"context"
	"fmt"

	"github.com/simrun/simrun/channel"
	"github.com/simrun/simrun/scheduler"
)

// Master drives another container through its Manager: one of aiomas 2.0.1 or of
// this package. Its methods are for goroutines outside, not for agents, and may be
// called concurrently.
type Master struct {
	endpoint *Endpoint
	manager  string
}

// ConnectManager connects to the Manager of a container, whose address is as in
// tcp://localhost:5555/0. It fails as [Agent.Connect] does.
func ConnectManager(ctx context.Context, e *Endpoint, address string) (*Master, error) {
	failed := func(err error) (*Master, error) {
		return nil, &CallError{Agent: address, Method: "connect", Err: err}
	}
	at, err := ParseAddress(address)
	if err != nil {
		return failed(err)
	}
	there, err := e.askElsewhere(ctx, at.String(), func(string) string { return existsPath }, []any{at.Agent})
	if err != nil {
		return failed(err)
	}
	if there == nil {
		return failed(noSuchAgent(at))
	}
	return &Master{endpoint: e, manager: at.String()}, nil
}

// Spawn has the manager make an agent, and returns its Proxy. kind is a name that a
// [Manager] has registered, or "module:class" for Python. [rpc.Kwargs] as the last of
// args are arguments by name.
func (m *Master) Spawn(ctx context.Context, kind string, args ...any) (Proxy, error) {
	result, err := Ask[[]any](ctx, m.endpoint, m.manager, "spawn", append([]any{kind}, args...)...)
	if err != nil {
		return Proxy{}, err
	}
	if len(result) == 2 {
		if p, ok := result[0].(Proxy); ok {
			return p, nil
		}
	}
	return Proxy{}, &CallError{Agent: m.manager, Method: "spawn", Err: fmt.Errorf("want an agent and its address, found %v", result)}
}

// SetTime sets the clock of the container, and returns when its agents seem to be
// quiet.
//
// A Manager of this package answers when they are. That of aiomas answers before they
// have begun to react; then SetTime asks the containers at the ends of all connections
// of the endpoint whether they have some agent, until several times in a row no other
// message has come or gone in between. Agents whose calls go through the endpoint are
// quiet then. What SetTime cannot see, and does not wait for, are calls between other
// containers, a connection that a Python container is making, above all over TLS, what a
// Python agent does in threads or with devices, and a long way of its own coroutines
// from one turn of the event loop to the next without any message.
//
// A Python container takes a time only if it is later than the one before, and does
// not stop in between: what is due at several times happens at the last.
func (m *Master) SetTime(ctx context.Context, t scheduler.Time) error {
	seconds, exact := secondsOf(t)
	if !exact {
		return &CallError{Agent: m.manager, Method: "set_time", Err: fmt.Errorf("%v cannot be sent exactly as a number of seconds", t)}
	}
	if _, err := m.endpoint.ask(ctx, m.manager, "set_time", []any{seconds}); err != nil {
		return err
	}
	var conns []*channel.Conn
	err := m.endpoint.clock.Do(ctx, func() error {
		for _, l := range m.endpoint.links {
			if l.conn != nil {
				conns = append(conns, l.conn)
			}
		}
		return nil
	})
	if err == nil {
		_, err = m.endpoint.probe(ctx, conns)
	}
	if err != nil {
		return &CallError{Agent: m.manager, Method: "set_time", Err: err}
	}
	return nil
}

// Stop asks for the container's end.
func (m *Master) Stop(ctx context.Context) error {
	_, err := m.endpoint.ask(ctx, m.manager, "stop", nil)
	return err
}
