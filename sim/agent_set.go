package sim

import (
	"errors"
	"reflect"

	"github.com/simrun/simrun/container"
	"github.com/simrun/simrun/scheduler"
)

// agentSet is a container of agents with inputs.
type agentSet struct {
	env       *Env
	loop      *scheduler.Loop
	container *container.Container
	agents    map[string]*agentEntity // those with an OnInput method
	names     []string                // their names, sorted; nil: not yet
	watched   bool                    // messages are told to env.watch
}

type agentEntity struct {
	handler  InputHandler
	triggers []*Input
}

func newAgentSet(env *Env, maxRounds int, media *container.Media) *agentSet {
	set := &agentSet{env: env, agents: make(map[string]*agentEntity)}
	cfg := scheduler.Config{MaxRounds: maxRounds}
	options := []container.Option{container.WithStart(env.Start), container.WithMedia(media)}
	if env.events != nil {
		cfg.Trace = env.events.occurs
		options = append(options, container.WithTrace(env.events.message))
	}
	if env.agentLogger != nil {
		options = append(options, container.WithLogger(env.agentLogger))
	}
	set.loop = scheduler.NewLoop(cfg)
	set.container = container.New(set.loop, env.ID, options...)
	return set
}

func (s *agentSet) create(t AgentType, id string, params Params) (NewEntity, error) {
	agent := t.make()
	inputs, outputs, err := t.fields.fill(reflect.ValueOf(agent).Elem(), params)
	if err != nil {
		return NewEntity{}, err
	}
	if err := s.container.Add(id, agent); err != nil {
		return NewEntity{}, err
	}
	if initer, ok := agent.(Initer); ok {
		if err := initer.Init(s.env, id); err != nil {
			return NewEntity{}, err
		}
	}
	if h, ok := agent.(InputHandler); ok {
		e := &agentEntity{handler: h}
		for _, a := range t.fields.attrs {
			if a.Trigger {
				e.triggers = append(e.triggers, inputs[a.Name])
			}
		}
		s.agents[id], s.names = e, nil
	}
	return NewEntity{ID: id, Model: t.Name, Inputs: inputs, Outputs: outputs}, nil
}

// notify tells the agents that have new inputs at time t.
func (s *agentSet) notify(t Time) error {
	s.watch()
	if s.names == nil {
		s.names = sortedKeys(s.agents)
	}
	for _, name := range s.names {
		a := s.agents[name]
		if !a.hasNews() || !s.container.Has(name) { // agents may leave
			continue
		}
		if err := s.container.Notify(t, name, "OnInput", a.handler.OnInput); err != nil {
			return err
		}
	}
	return nil
}

// hasNews reports whether an input that triggers got a value at this step.
func (a *agentEntity) hasNews() bool {
	for _, in := range a.triggers {
		if in.Fresh() {
			return true
		}
	}
	return false
}

func (s *agentSet) close() error { return errors.Join(s.container.Close(), s.loop.Close()) }
