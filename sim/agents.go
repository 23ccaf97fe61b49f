package sim

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"sync"

	"github.com/simrun/simrun/container"
	"github.com/simrun/simrun/scheduler"
)

// AgentType is a kind of agent, made by [AgentOf].
type AgentType struct {
	Name, Doc string
	fields    *fields
	make      func() container.Member
}

// nameParam is the parameter of every agent type that names the agent.
var nameParam = Param{Name: "name", Doc: "name of the agent; of several: what their names begin with"}

// InputHandler is implemented by agents that react to their inputs. OnInput is
// called at each step at which an input that triggers has got a value, ahead of
// what the agent does otherwise at that time. It is a behaviour of the agent: it
// may sleep and call.
type InputHandler interface {
	OnInput(ctx context.Context) error
}

// AgentOf describes agents that are structs of type T. T embeds
// [container.Agent]; its fields declare parameters and attributes by their tags,
// as for [NewModel], but inputs trigger a step unless they have the option quiet:
//
//	type Charger struct {
//		container.Agent
//		Rated float64    `param:"rated" unit:"kW" default:"11" doc:"largest power"`
//		Price sim.Input  `attr:"price" unit:"1/kWh" doc:"of electricity"`
//		Power sim.Output `attr:"power" unit:"kW" doc:"taken from the grid"`
//	}
//
// *T may have the methods of [Initer], [container.Starter], [InputHandler] and
// [container.Stopper]. Mistakes in the type panic.
func AgentOf[T any](name, doc string) AgentType {
	t := reflect.TypeFor[T]()
	if _, ok := any(new(T)).(container.Member); !ok {
		panic(fmt.Sprintf("sim: agent type %v does not embed container.Agent", t))
	}
	fs := fieldsOf(t, true)
	for _, p := range fs.params {
		if p.Name == nameParam.Name {
			panic(fmt.Sprintf("sim: agent type %v: every agent has a parameter %q already; call it otherwise", t, p.Name))
		}
	}
	return AgentType{Name: name, Doc: doc, fields: fs, make: func() container.Member { return any(new(T)).(container.Member) }}
}

// model describes the type as a model whose entities are agents.
func (t AgentType) model() Model {
	m := t.fields.model(t.Name, t.Doc)
	m.Params = append([]Param{nameParam}, m.Params...)
	return m
}

// NewAgents returns a hybrid simulator whose entities are agents. All of them
// live in one [container.Container], whose name is that of the simulator, and
// can call each other by their entity IDs. The model of an agent is the name of
// its type; its ID is its parameter "name", or the type's name with a number.
//
// A step at time t runs everything that the agents do at t, however many rounds
// of messages it takes, until all are quiet. Inputs are those of the step; what
// agents give their outputs meanwhile is put out at its end, of several values
// the last. An error in any agent fails the step.
//
// The simulator's parameters delay, jitter and loss say how messages between agents
// travel: each takes delay, and at random up to jitter more, or is lost. The random
// numbers of a sender and a receiver are their own ([container.NewMedia]).
//
// Agents that are spawned in the run ([container.Agent.Spawn]) are no entities: inputs and
// outputs that they have are connected to nothing. What the world is to know of them,
// those tell that are.
func NewAgents(types ...AgentType) Simulator {
	s := &agentSim{types: make(map[string]*agentCreator)}
	for _, t := range types {
		if s.types[t.Name] != nil {
			panic(fmt.Sprintf("sim: two agent types named %q", t.Name))
		}
		s.types[t.Name] = &agentCreator{AgentType: t}
		s.models = append(s.models, t.model())
	}
	return s
}

type agentSim struct {
	types  map[string]*agentCreator
	models []Model
	env    *Env
	here   *agentSet    // those in this process
	there  []*remoteSet // those in others, by name of the container; see NewFederatedAgents
	clock  interface {  // of all of them
		AdvanceTo(ctx context.Context, t scheduler.Time) error
		Next() scheduler.Time
	}
}

// agentCreator numbers the agents of a type.
type agentCreator struct {
	AgentType
	made int
}

func (s *agentSim) Init(ctx context.Context, env *Env) (Meta, error) {
	set, err := agentSettingsOf(env.Params, s.SimulatorParams())
	if err != nil {
		return Meta{}, err
	}
	media, err := set.media(env.Seed)
	if err != nil {
		return Meta{}, err
	}
	s.env = env
	s.here = newAgentSet(env, set.maxRounds, media)
	s.clock = s.here.loop
	if s.there != nil {
		if s.clock, err = s.federate(ctx, set); err != nil {
			return Meta{}, err
		}
	}
	return Meta{Type: Hybrid, Models: s.models}, nil
}

func (s *agentSim) Create(ctx context.Context, num int, model string, params Params) ([]NewEntity, error) {
	creator := s.types[model]
	given, named := params[nameParam.Name]
	base, isText := given.(string)
	if named && (!isText || base == "") {
		return nil, fmt.Errorf("parameter %q: %v is not a name; give text", nameParam.Name, given)
	}
	ids := make([]string, num)
	for i := range ids {
		ids[i] = base
		switch {
		case !named:
			ids[i] = fmt.Sprintf("%s-%d", model, creator.made)
			creator.made++
		case num > 1:
			ids[i] = fmt.Sprintf("%s-%d", base, i)
		}
	}
	home, err := s.home(params)
	if err != nil {
		return nil, err
	}
	if home != nil {
		return home.create(ctx, creator.AgentType, ids, params)
	}
	made := make([]NewEntity, num)
	for i, id := range ids {
		if made[i], err = s.here.create(creator.AgentType, id, params); err != nil {
			return nil, fmt.Errorf("%s: %w", id, err)
		}
	}
	return made, nil
}

func (s *agentSim) Step(ctx context.Context, step *Step) (Time, error) {
	if err := s.here.notify(step.Time()); err != nil {
		return 0, err
	}
	for _, h := range s.there {
		h.begin(step)
	}
	err := s.clock.AdvanceTo(ctx, step.Time())
	if s.env.events != nil {
		s.gatherEvents(err)
	}
	if err != nil {
		if e, ok := errors.AsType[*scheduler.EventError](err); ok {
			return 0, &agentError{e}
		}
		return 0, err
	}
	for _, h := range s.there {
		h.end(step)
	}
	return s.clock.Next(), nil
}

// agentError is the failure of an agent. The world's error, which it becomes a
// part of, tells the time.
type agentError struct{ event *scheduler.EventError }

func (e *agentError) Error() string {
	text := fmt.Sprintf("agent %q", e.event.Actor)
	if e.event.Process != "" {
		text += ", " + e.event.Process
	}
	if e.event.Round > 0 {
		text += fmt.Sprintf(", round %d", e.event.Round)
	}
	return text + ": " + e.event.Err.Error()
}

func (e *agentError) Unwrap() error { return e.event }

// Close ends the agents.
func (s *agentSim) Close() error {
	if s.here == nil {
		return nil
	}
	errs := make([]error, len(s.there))
	var all sync.WaitGroup
	for i, h := range s.there {
		all.Go(func() { errs[i] = h.close() })
	}
	err := s.here.close()
	all.Wait()
	return errors.Join(append(errs, err)...)
}
