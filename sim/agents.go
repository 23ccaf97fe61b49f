package sim

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strconv"

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
func NewAgents(types ...AgentType) Simulator {
	s := &agentSim{types: make(map[string]*agentCreator), agents: make(map[string]*agentEntity)}
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
	types     map[string]*agentCreator
	models    []Model
	env       *Env
	loop      *scheduler.Loop
	container *container.Container
	agents    map[string]*agentEntity // those with an OnInput method
	names     []string                // their names, sorted; nil: not yet
}

// agentCreator numbers the agents of a type.
type agentCreator struct {
	AgentType
	made int
}

type agentEntity struct {
	handler  InputHandler
	triggers []*Input
}

// SimulatorParams lists the parameters of the simulator itself, see modelSim.
func (s *agentSim) SimulatorParams() []Param {
	return []Param{{Name: "max_rounds", Default: strconv.Itoa(scheduler.DefaultMaxRounds),
		Doc: "limit on the rounds of messages at one time"}}
}

func (s *agentSim) Init(_ context.Context, env *Env) (Meta, error) {
	known := s.SimulatorParams()
	if err := checkParams(env.Params, known); err != nil {
		return Meta{}, err
	}
	cfg := scheduler.Config{}
	if given, ok := env.Params["max_rounds"]; ok {
		p := paramField{Param: known[0]}
		if err := p.set(reflect.ValueOf(&cfg.MaxRounds).Elem(), given); err != nil {
			return Meta{}, fmt.Errorf("parameter max_rounds: %w", err)
		}
		if cfg.MaxRounds <= 0 {
			return Meta{}, fmt.Errorf("parameter max_rounds: %v is not positive", given)
		}
	}
	s.env = env
	s.loop = scheduler.NewLoop(cfg)
	s.container = container.New(s.loop, env.ID, container.WithStart(env.Start))
	return Meta{Type: Hybrid, Models: s.models}, nil
}

func (s *agentSim) Create(_ context.Context, num int, model string, params Params) ([]NewEntity, error) {
	creator := s.types[model]
	given, named := params[nameParam.Name]
	base, isText := given.(string)
	if named && (!isText || base == "") {
		return nil, fmt.Errorf("parameter %q: %v is not a name; give text", nameParam.Name, given)
	}
	made := make([]NewEntity, num)
	for i := range made {
		id := base
		switch {
		case !named:
			id = fmt.Sprintf("%s-%d", model, creator.made)
			creator.made++
		case num > 1:
			id = fmt.Sprintf("%s-%d", base, i)
		}
		var err error
		if made[i], err = s.create(creator, id, params); err != nil {
			return nil, fmt.Errorf("%s: %w", id, err)
		}
	}
	return made, nil
}

func (s *agentSim) create(t *agentCreator, id string, params Params) (NewEntity, error) {
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

func (s *agentSim) Step(ctx context.Context, step *Step) (Time, error) {
	if s.names == nil {
		s.names = sortedKeys(s.agents)
	}
	for _, name := range s.names {
		a := s.agents[name]
		if !a.hasNews() || !s.container.Has(name) { // agents may leave
			continue
		}
		if err := s.container.Notify(step.Time(), name, "OnInput", a.handler.OnInput); err != nil {
			return 0, err
		}
	}
	if err := s.loop.AdvanceTo(ctx, step.Time()); err != nil {
		if e := (*scheduler.EventError)(nil); errors.As(err, &e) {
			return 0, &agentError{e}
		}
		return 0, err
	}
	return s.loop.Next(), nil
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

// hasNews reports whether an input that triggers got a value at this step.
func (a *agentEntity) hasNews() bool {
	for _, in := range a.triggers {
		if in.Fresh() {
			return true
		}
	}
	return false
}

// Close ends the agents.
func (s *agentSim) Close() error {
	if s.container == nil {
		return nil
	}
	return errors.Join(s.container.Close(), s.loop.Close())
}
