package sim

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/simrun/simrun/container"
	"github.com/simrun/simrun/rpc"
)

// containerParam is the parameter of agents that says where they live.
var containerParam = Param{Name: "container", Doc: "name of the container in which the agent lives; none: in the process of the run"}

// NewFederatedAgents is [NewAgents] with agents that live in other processes: those
// whose parameter "container" names one of the given containers. Each is an
// [AgentHost] at the other end of a connection, where its service is at path
// "federation". All agents, wherever they live, are one simulator, and do the same
// at the same times as if they lived in one process: only speed depends on where
// they live.
//
// What agents spawn lives where they do ([container.Agent.Spawn]).
//
// Types of which an agent lives in a container must be there, too, and be alike.
// Agents in containers cannot open files of the run, or make requests. What they
// put out arrives in the terms of package codec.
//
// A container that fails, or cannot be reached any more, ends the run with a
// [ContainerError]. The connections belong to whoever made them, and have to stay
// open until the world is closed; that makes the containers ready for other runs.
func NewFederatedAgents(containers map[string]*rpc.Conn, types ...AgentType) Simulator {
	s := NewAgents(types...).(*agentSim)
	s.there = []*remoteSet{}
	for i := range s.models {
		for _, p := range s.models[i].Params {
			if p.Name == containerParam.Name {
				panic(fmt.Sprintf("sim: agent type %q: agents in containers have a parameter %q already; call it otherwise", s.models[i].Name, p.Name))
			}
		}
		s.models[i].Params = append(s.models[i].Params[:1:1], append([]Param{containerParam}, s.models[i].Params[1:]...)...)
	}
	for _, name := range sortedKeys(containers) {
		s.there = append(s.there, newRemoteSet(name, containers[name]))
	}
	return s
}

// federate prepares all containers for a run.
func (s *agentSim) federate(ctx context.Context, set agentSettings) (*container.Federation, error) {
	parts := []container.Part{container.Local(s.here.container)}
	errs := make([]error, len(s.there))
	var all sync.WaitGroup
	for i, h := range s.there {
		h.roundTimeout = set.roundTimeout
		parts = append(parts, h)
		all.Go(func() { errs[i] = h.init(ctx, s.env, s.types, set.maxRounds) })
	}
	all.Wait()
	return container.NewFederation(set.maxRounds, parts...), errors.Join(errs...)
}

// home returns the container in which an agent with these parameters lives, nil
// for that of the run.
func (s *agentSim) home(params Params) (*remoteSet, error) {
	given, ok := params[containerParam.Name]
	if !ok || given == "" {
		return nil, nil
	}
	var names []string
	for _, h := range s.there {
		if h.name == given {
			return h, nil
		}
		names = append(names, h.name)
	}
	return nil, fmt.Errorf("parameter %q: there is no container %v; %s", containerParam.Name, given, didYouMean(fmt.Sprint(given), names))
}

// Waiting names the containers that have not answered, see Waiter.
func (s *agentSim) Waiting() string {
	var names []string
	for _, h := range s.there {
		if h.asked.Load() {
			names = append(names, fmt.Sprintf("container %q", h.name))
		}
	}
	return strings.Join(names, " and ")
}

// Containers tells what those elsewhere have cost, see Containers.
func (s *agentSim) Containers() []ContainerStats {
	var all []ContainerStats
	for _, h := range s.there {
		all = append(all, ContainerStats{Name: h.name, Calls: h.calls.Load(), Own: time.Duration(h.own.Load()),
			Traffic: Traffic(h.conn.Channel().Traffic())})
	}
	return all
}

// A ContainerError is the failure of a container in another process.
type ContainerError struct {
	Container string // its name in the run
	Address   string // of the other end of the connection
	Asked     string // for what
	Err       error
}

func (e *ContainerError) Error() string {
	// A failure of the other side comes with the type Error if it has none.
	return fmt.Sprintf("container %q at %s was asked %s: %s", e.Container, e.Address, e.Asked, strings.TrimPrefix(e.Err.Error(), "Error: "))
}

// Unwrap returns Err.
func (e *ContainerError) Unwrap() error { return e.Err }
