package scenarios

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"sync"

	yaml "go.yaml.in/yaml/v4"

	"github.com/simrun/simrun/internal/containers"
	"github.com/simrun/simrun/rpc"
	"github.com/simrun/simrun/sim"
)

// inhabited lists the containers in which agents live.
func (s *Scenario) inhabited() []*hostContainer {
	var list []*hostContainer
	for _, h := range s.containers {
		if h.agents > 0 && !h.broken {
			list = append(list, h)
		}
	}
	return list
}

// Container is a process in which agents of a scenario live, other than that of
// the run.
type Container struct {
	Name    string
	Agents  int      // that live there
	Connect string   // address of one that runs already; "": the run starts it
	Command []string // with which the run starts it; nil: BuildOptions.Host
	Codec   string
	TLS     bool
}

// Containers lists the containers in which agents live, in the order of the file.
func (s *Scenario) Containers() []Container {
	var list []Container
	for _, h := range s.inhabited() {
		words, _ := h.Words() // Read has checked them
		list = append(list, Container{Name: h.Name, Agents: h.agents, Connect: h.Connect, Command: words, Codec: h.Codec, TLS: h.TLS != containers.TLS{}})
	}
	return list
}

// checkContainers warns of containers in which nobody lives. They are not started.
func (a *assembly) checkContainers() {
	for _, h := range a.s.containers {
		if h.agents == 0 && !h.broken {
			a.warnings = append(a.warnings, a.warning(h.at, "", "containers.%s: no agent lives there, so it will not be started", h.Name))
		}
	}
}

// federatedAgents makes the simulator of agents of which some live in containers.
// It is nil if there is nothing to start one of them with.
func (a *assembly) federatedAgents() sim.Simulator {
	f := &federatedAgents{types: a.s.agentTypes}
	before := len(a.problems)
	for _, h := range a.s.inhabited() {
		c := h.Config
		if c.Host = a.host; c.Starts() && h.commandAt == nil && len(a.host) == 0 {
			a.bad(h.at, "give it a command, or connect to one that runs", "containers.%s: this program does not know how to start it", h.Name)
		}
		if a.s.unpacked != "" {
			c.Dir = filepath.Join(a.s.unpacked, c.Dir)
		}
		if a.logDir != "" {
			// No simulator has a name with a dot.
			c.Log = filepath.Join(a.logDir, h.Name+".container.log")
		}
		c.Logger = a.logger("federation")
		f.configs = append(f.configs, c)
	}
	if len(a.problems) > before {
		return nil
	}
	return f
}

// notStarted reports why a simulator did not start, at its place in the file; of
// agents, at the places of the containers that are at fault.
func (a *assembly) notStarted(sm *simulator, err error) {
	all := []error{err}
	if several, ok := err.(interface{ Unwrap() []error }); ok {
		all = several.Unwrap()
	}
	for _, err := range all {
		a.failed(sm, a.s.containerOr(err, sm.at), sm.name, &sim.SimulatorError{Sim: sm.name, Op: "start", Err: err})
	}
}

// containerOr is the place of the container whose failure an error is, or, if it is
// none, another one.
func (s *Scenario) containerOr(err error, otherwise *yaml.Node) *yaml.Node {
	if e := (*containers.Error)(nil); errors.As(err, &e) {
		for _, h := range s.containers {
			if h.Name == e.Name {
				return h.at
			}
		}
	}
	return otherwise
}

// federatedAgents are the agents of a run of which some live in containers. What
// goes wrong with one of these is explained.
type federatedAgents struct {
	sim.Simulator // nil before Start
	types         []sim.AgentType
	configs       []containers.Config
	open          []*containers.Container
}

// Start opens the containers, all at the same time.
func (f *federatedAgents) Start(ctx context.Context) error {
	opened := make([]*containers.Container, len(f.configs))
	errs := make([]error, len(f.configs))
	var all sync.WaitGroup
	for i, cfg := range f.configs {
		all.Go(func() { opened[i], errs[i] = containers.Open(ctx, cfg) })
	}
	all.Wait()
	conns := make(map[string]*rpc.Conn)
	for i, c := range opened {
		if c != nil {
			f.open = append(f.open, c)
			conns[f.configs[i].Name] = c.Conn()
		}
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	f.Simulator = sim.NewFederatedAgents(conns, f.types...)
	return nil
}

// Init implements sim.Simulator.
func (f *federatedAgents) Init(ctx context.Context, env *sim.Env) (sim.Meta, error) {
	meta, err := f.Simulator.Init(ctx, env)
	return meta, f.explain(err)
}

// Create implements sim.Simulator.
func (f *federatedAgents) Create(ctx context.Context, num int, model string, params sim.Params) ([]sim.NewEntity, error) {
	made, err := f.Simulator.Create(ctx, num, model, params)
	return made, f.explain(err)
}

// Step implements sim.Simulator.
func (f *federatedAgents) Step(ctx context.Context, s *sim.Step) (sim.Time, error) {
	next, err := f.Simulator.Step(ctx, s)
	return next, f.explain(err)
}

// Waiting implements sim.Waiter.
func (f *federatedAgents) Waiting() string {
	if w, ok := f.Simulator.(sim.Waiter); ok {
		return w.Waiting()
	}
	return ""
}

// Containers implements sim.Containers.
func (f *federatedAgents) Containers() []sim.ContainerStats {
	if c, ok := f.Simulator.(sim.Containers); ok {
		return c.Containers()
	}
	return nil
}

// explain adds to an error what became of the container that is the cause.
func (f *federatedAgents) explain(err error) error {
	if e := (*sim.ContainerError)(nil); errors.As(err, &e) {
		for _, c := range f.open {
			if c.Name() == e.Container {
				return c.Explain(fmt.Errorf("asked %s: %w", e.Asked, e.Err))
			}
		}
	}
	return err
}

// Close ends the agents, and then the containers.
func (f *federatedAgents) Close() error {
	var err error
	if c, ok := f.Simulator.(io.Closer); ok {
		err = f.explain(c.Close())
	}
	var all sync.WaitGroup
	for _, c := range f.open {
		all.Go(c.Close)
	}
	all.Wait()
	return err
}

// without returns params without one of them.
func without(params sim.Params, name string) sim.Params {
	if _, there := params[name]; !there {
		return params
	}
	others := make(sim.Params, len(params)-1)
	for key, v := range params {
		if key != name {
			others[key] = v
		}
	}
	return others
}
