package topology

import (
	"context"
	"fmt"

	"github.com/simrun/simrun/container"
	"github.com/simrun/simrun/internal/suggest"
)

// Agent is what all agents are that embed [container.Agent].
type Agent interface {
	Name() string
	Send(agent, method string, args ...any) error
	Gather(ctx context.Context, calls ...container.Call) ([]container.Reply, error)
}

// Broadcast has an agent send all of its neighbours one message, in the order of
// [Topology.Neighbours], see [container.Agent.Send]: it calls a method of each and
// waits for none. It fails if the topology does not name the agent, or the message
// cannot be sent.
func (t *Topology) Broadcast(a Agent, method string, args ...any) error {
	neighbours, err := t.neighboursOf(a)
	if err != nil {
		return err
	}
	for _, n := range neighbours {
		if err := a.Send(n, method, args...); err != nil {
			return err
		}
	}
	return nil
}

// Gather has an agent ask all of its neighbours at once, see
// [container.Agent.Gather]: call a method of each, and wait until the last has
// answered. The replies are in the order of [Topology.Neighbours]. It fails if
// the topology does not name the agent.
func (t *Topology) Gather(ctx context.Context, a Agent, method string, args ...any) ([]container.Reply, error) {
	neighbours, err := t.neighboursOf(a)
	if err != nil {
		return nil, err
	}
	calls := make([]container.Call, len(neighbours))
	for i, n := range neighbours {
		calls[i] = container.Call{Agent: n, Method: method, Args: args}
	}
	return a.Gather(ctx, calls...)
}

func (t *Topology) neighboursOf(a Agent) ([]string, error) {
	if !t.Has(a.Name()) {
		return nil, fmt.Errorf("topology: it does not name agent %q; %s", a.Name(), suggest.Sentence(a.Name(), t.names))
	}
	return t.Neighbours(a.Name()), nil
}
