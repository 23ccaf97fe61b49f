package sim

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"time"
)

// Stepper is an entity of a simulator made by [NewModel]: Step computes its
// outputs from its inputs at one step.
type Stepper interface{ Step(s *Step) error }

// Initer is implemented by a Stepper that wants to prepare itself when it is
// created: its parameters are set, and id is its name in the simulator. An
// error refuses the entity.
type Initer interface {
	Init(env *Env, id string) error
}

// ModelConfig describes a simulator made by NewModel.
type ModelConfig struct {
	Name string // of the model
	Doc  string // one line
	// Type defaults to TimeBased: all entities step together, every Step. An
	// EventBased simulator calls those entities that have got a value, and all of
	// them at an initial event. A Hybrid one does both.
	Type Type
	// Step is the default step size of time-based and hybrid simulators; the
	// simulator's parameter "step" overrides it. 0 makes it a required parameter.
	Step time.Duration
}

// NewModel returns a simulator all of whose entities are structs of type T,
// where *T is a [Stepper]. The fields of T declare parameters and attributes
// by their tags:
//
//	type Heater struct {
//		Rated    float64    `param:"rated" unit:"kW" default:"2" doc:"rated power"`
//		Setpoint sim.Input  `attr:"setpoint,single" unit:"1" doc:"share of it"`
//		Power    sim.Output `attr:"power" unit:"kW" doc:"electricity taken"`
//	}
//
// A parameter without default is required. Numbers may be given as quantities
// ("2500 W") and are converted. Field types of parameters are float64, int,
// bool, string, time.Duration, and slices of those. Options of inputs are
// trigger, single and required, of outputs event; see [Attr]. Mistakes in the tags panic.
func NewModel[T any](cfg ModelConfig) Simulator {
	if _, ok := any(new(T)).(Stepper); !ok {
		panic(fmt.Sprintf("sim: *%v has no method Step(*sim.Step) error", reflect.TypeFor[T]()))
	}
	return &modelSim[T]{cfg: cfg, last: -1, fields: fieldsOf(reflect.TypeFor[T](), cfg.Type == EventBased)}
}

type modelSim[T any] struct {
	cfg      ModelConfig
	fields   *fields
	env      *Env
	entities []*modelEntity
	last     Time // of the last step
}

type modelEntity struct {
	stepper Stepper
	inputs  []*Input
}

// SimulatorParams lists the parameters that a simulator itself takes, beside
// those of its models. Check uses it to know them without starting anything.
func (m *modelSim[T]) SimulatorParams() []Param {
	if m.cfg.Type == EventBased {
		return nil
	}
	p := Param{Name: "step", Doc: "time between two steps"}
	if m.cfg.Step > 0 {
		p.Default = m.cfg.Step.String()
	}
	return []Param{p}
}

func (m *modelSim[T]) Init(_ context.Context, env *Env) (Meta, error) {
	if err := checkParams(env.Params, m.SimulatorParams()); err != nil {
		return Meta{}, err
	}
	if given, ok := env.Params["step"]; ok {
		p := paramField{Param: Param{Name: "step"}}
		if err := p.set(reflect.ValueOf(&m.cfg.Step).Elem(), given); err != nil {
			return Meta{}, fmt.Errorf("parameter step: %w", err)
		}
	}
	if m.cfg.Step <= 0 && m.cfg.Type != EventBased {
		return Meta{}, fmt.Errorf("parameter step: the time between two steps must be positive, like 15m")
	}
	m.env = env
	return Meta{Type: m.cfg.Type, Models: []Model{m.fields.model(m.cfg.Name, m.cfg.Doc)}}, nil
}

func (m *modelSim[T]) Create(_ context.Context, num int, model string, params Params) ([]NewEntity, error) {
	made := make([]NewEntity, num)
	for i := range made {
		id := fmt.Sprintf("%s-%d", model, len(m.entities))
		entity := new(T)
		inputs, outputs, err := m.fields.fill(reflect.ValueOf(entity).Elem(), params)
		if err != nil {
			return nil, err
		}
		me := &modelEntity{stepper: any(entity).(Stepper)}
		for _, a := range m.fields.attrs {
			if in := inputs[a.Name]; in != nil && a.Trigger {
				me.inputs = append(me.inputs, in)
			}
		}
		if initer, ok := me.stepper.(Initer); ok {
			if err := initer.Init(m.env, id); err != nil {
				return nil, fmt.Errorf("%s: %w", id, err)
			}
		}
		m.entities = append(m.entities, me)
		made[i] = NewEntity{ID: id, Model: model, Inputs: inputs, Outputs: outputs}
	}
	return made, nil
}

func (m *modelSim[T]) Step(_ context.Context, s *Step) (Time, error) {
	due := m.allDue(s.Time())
	m.last = s.Time()
	for i, e := range m.entities {
		if !due && !e.hasNews() {
			continue
		}
		if err := e.stepper.Step(s); err != nil {
			return 0, fmt.Errorf("%s-%d: %w", m.cfg.Name, i, err)
		}
	}
	if m.cfg.Type == EventBased {
		return Never, nil
	}
	return s.Time() - s.Time()%Time(m.cfg.Step) + Time(m.cfg.Step), nil
}

// allDue reports whether a step is one of all entities. A further round at the
// same time is for those that have news. So is every step of event-based
// entities, but for the one that an initial event asks for.
func (m *modelSim[T]) allDue(t Time) bool {
	if m.cfg.Type == EventBased {
		return m.last < 0 && !slices.ContainsFunc(m.entities, (*modelEntity).hasNews)
	}
	return t != m.last && t%Time(m.cfg.Step) == 0
}

// hasNews reports whether a trigger input got a value at this step.
func (e *modelEntity) hasNews() bool {
	for _, in := range e.inputs {
		if in.Fresh() {
			return true
		}
	}
	return false
}
