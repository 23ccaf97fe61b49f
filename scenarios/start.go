package scenarios

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	yaml "go.yaml.in/yaml/v4"

	"github.com/simrun/simrun/internal/containers"
	"github.com/simrun/simrun/internal/suggest"
	"github.com/simrun/simrun/sim"
	"github.com/simrun/simrun/sim/mosaik"
)

// starter is implemented by simulators whose start takes time and does not need
// the world: processes. Start is called before Init, for several simulators at the
// same time; Close ends what it started.
type starter interface {
	Start(ctx context.Context) error
}

// addSimulators makes the simulators, as far as they are to be started, and
// adds them to the world in the order of the file.
func (a *assembly) addSimulators(ctx context.Context) {
	if a.start && a.mustUnpack() {
		return
	}
	made := make([]sim.Simulator, len(a.s.simulators))
	for i, sm := range a.s.simulators {
		if !sm.broken {
			made[i] = a.simulator(sm)
		}
	}
	errs := make([]error, len(made))
	var all sync.WaitGroup
	for i, s := range made {
		if st, ok := s.(starter); ok {
			all.Go(func() { errs[i] = st.Start(ctx) })
		}
	}
	all.Wait()
	for i, sm := range a.s.simulators {
		switch {
		case made[i] == nil:
		case errs[i] != nil:
			a.unowned = append(a.unowned, made[i])
			a.notStarted(sm, errs[i])
		default:
			a.add(ctx, sm, made[i])
		}
	}
}

// simulator makes a simulator. It is nil if it would have to be started and is
// not to be.
func (a *assembly) simulator(sm *simulator) sim.Simulator {
	switch {
	case sm.model != nil:
		return sm.model.New()
	case sm.agents && a.start && len(a.s.inhabited()) > 0:
		return a.federatedAgents()
	case sm.agents:
		return sim.NewAgents(a.s.agentTypes...)
	case !a.start:
		return nil
	}
	c := *sm.external
	if c.StartTimeout == 0 {
		c.StartTimeout = startTimeout(a.s.programs(), runtime.GOMAXPROCS(0))
	}
	if a.s.unpacked != "" {
		c.Dir = filepath.Join(a.s.unpacked, c.Dir)
	}
	if a.logDir != "" {
		c.Log = filepath.Join(a.logDir, sm.name+".log")
	}
	c.Warn = a.warn
	c.Logger = a.logger("mosaik").With("simulator", sm.name)
	return mosaik.New(c)
}

// programs is how many programs are started at the same time.
func (s *Scenario) programs() (n int) {
	for _, sm := range s.simulators {
		if sm.external != nil && sm.external.Connect == "" {
			n++
		}
	}
	return n
}

// startTimeout is how long each of so many programs may take to start, if the file does not
// say: longer in proportion if they have to share the processors.
func startTimeout(programs, processors int) time.Duration {
	turns := (programs + processors - 1) / processors
	return mosaik.DefaultStartTimeout * time.Duration(max(1, turns))
}

func (a *assembly) add(ctx context.Context, sm *simulator, s sim.Simulator) {
	if sm.model != nil && !a.knownParams(ctx, sm, s) {
		return
	}
	in, err := a.world.Add(ctx, sm.name, s, sim.AddOptions{Params: sm.params, Resolution: sm.resolution, Group: a.loopGroup(sm.group)})
	if err != nil {
		a.failed(sm, a.s.containerOr(err, paramsOr(sm.paramsAt, sm.at)), "simulators."+sm.name, err)
		return
	}
	if c, ok := s.(checker); ok && sm.model != nil && !a.s.startBroken && a.s.Until > 0 {
		if err := c.Check(a.s.Until); err != nil {
			a.failed(sm, paramsOr(sm.paramsAt, sm.at), "simulators."+sm.name, err)
		}
	}
	if sm.initial != nil {
		in.SetInitialEvent(sim.Time(*sm.initial))
	}
	a.instances[sm] = in
	if p, ok := s.(interface{ SimulatorParams() []sim.Param }); ok {
		a.logDefaults("simulator", sm.name, p.SimulatorParams(), sm.params)
	}
}

// checker is implemented by built-in simulators that can tell before a run
// whether what they read suits it: dates, for example. It is called after Init.
type checker interface {
	Check(until sim.Time) error
}

// knownParams checks the names of a built-in simulator's own parameters.
func (a *assembly) knownParams(ctx context.Context, sm *simulator, s sim.Simulator) bool {
	if sm.params == nil || sm.paramsAt == nil {
		return true
	}
	known, ok := simulatorParams(s), true
	for key := range pairsOf(sm.paramsAt) {
		if _, given := sm.params[key.Value]; given && !slices.Contains(known, key.Value) {
			do := suggest.Sentence(key.Value, known)
			if model, group := a.modelWith(ctx, sm, key.Value); model != "" {
				do = fmt.Sprintf("it is a parameter of the model %s: put it at the group %s", model, group)
			}
			a.bad(key, do, "simulators.%s.params: the simulator has no parameter %q", sm.name, key.Value)
			ok = false
		}
	}
	return ok
}

// modelWith looks for a model of a built-in simulator that has a parameter, and
// for a group of its entities; both are "" if there is none.
func (a *assembly) modelWith(ctx context.Context, sm *simulator, param string) (model, group string) {
	// Another one, since sm's own does not begin with these parameters.
	s := sm.model.New()
	meta, err := s.Init(ctx, &sim.Env{ID: sm.name})
	if c, ok := s.(io.Closer); ok {
		err = errors.Join(err, c.Close())
	}
	if err != nil {
		return "", "" // its models depend on its parameters
	}
	for _, g := range a.s.groups {
		if g.sim != sm || g.from != nil {
			continue
		}
		if m := meta.Model(g.model); m != nil && slices.ContainsFunc(m.Params, func(p sim.Param) bool { return p.Name == param }) {
			return m.Name, g.name
		}
	}
	return "", ""
}

func paramsOr(params, otherwise *yaml.Node) *yaml.Node {
	if params != nil {
		return params
	}
	return otherwise
}

// failed reports what a simulator did not accept. If it is a process of its
// own, the failure stays in the chain; otherwise it is the file that is wrong.
func (a *assembly) failed(sm *simulator, at *yaml.Node, where string, err error) {
	if sm.external != nil || errors.As(err, new(*containers.Error)) {
		p := a.problem(at, "", "%v", err)
		p.Err = err
		a.problems = append(a.problems, p)
		return
	}
	var se *sim.SimulatorError
	if errors.As(err, &se) {
		err = se.Err // the rest is said by the place
	}
	for text := range strings.SplitSeq(err.Error(), "\n") { // of errors.Join
		a.bad(parameterNode(at, text), "", "%s: %s", where, text)
	}
}

// Locate adds the place in the file to what made a run fail before its first
// step: a simulator that refuses, when all is connected, what it was given. To the error of
// a program that was asked for data it adds which patterns may have asked for too much. Other errors
// are returned as they are.
func (s *Scenario) Locate(err error) error {
	all := []error{err}
	if several, ok := err.(interface{ Unwrap() []error }); ok {
		all = several.Unwrap()
	}
	a := &assembly{s: s, source: &source{name: s.source.name, lines: s.source.lines}}
	for _, one := range all {
		se, ok := errors.AsType[*sim.SimulatorError](one)
		if !ok || se.Op != "setup_done" || errors.Is(one, context.Canceled) {
			return s.asked(err)
		}
		for _, sm := range s.simulators {
			if sm.name == se.Sim {
				a.failed(sm, paramsOr(sm.paramsAt, sm.at), "simulators."+sm.name, one)
			}
		}
	}
	a.problems.Sort()
	return a.problems
}

var aboutParameter = regexp.MustCompile(`\bparameter "?(\w+)`)

// parameterNode is the value of the parameter that an error is about, if it is
// among the params; otherwise params itself.
func parameterNode(params *yaml.Node, text string) *yaml.Node {
	if name := aboutParameter.FindStringSubmatch(text); name != nil && params.Kind == yaml.MappingNode {
		for key, value := range pairsOf(params) {
			if key.Value == name[1] {
				return value
			}
		}
	}
	return params
}

// members are the entities of a group, as far as they are known.
type members struct {
	model    *sim.Model // nil: not known
	foreign  bool       // the model does not tell inputs from outputs
	size     int        // or unknown
	entities []*sim.Entity
	known    bool // entities are there
}

// create makes the entities of a group, or selects them.
func (a *assembly) create(ctx context.Context, g *group) *members {
	in := a.instances[g.sim]
	if g.broken || g.sim == nil {
		return &members{size: unknown}
	}
	if in == nil {
		if g.from != nil || g.children != "" || g.id != "" {
			return &members{size: unknown}
		}
		return &members{size: g.count}
	}
	var m *members
	if g.from != nil {
		from := *a.members[g.from]
		m = &from
	} else if m = a.createAll(ctx, g, in); m == nil {
		return &members{size: unknown}
	}
	if g.children != "" {
		a.children(g, in, m)
	}
	if g.id != "" && m.known {
		a.byID(g, m)
	}
	return m
}

// createAll makes the entities of a model. It is nil if there is no such model.
func (a *assembly) createAll(ctx context.Context, g *group, in *sim.Instance) *members {
	model := a.modelOf(g, in)
	if model == nil {
		return nil
	}
	m := &members{model: model, foreign: in.Meta().API != "", size: g.count}
	if !a.knownModelParams(g, model) {
		return m
	}
	paramSets, each := g.params, 1
	if len(paramSets) <= 1 {
		each = g.count
	}
	if len(paramSets) == 0 {
		paramSets = []sim.Params{nil}
	}
	if g.count == 0 {
		paramSets = nil
	}
	if len(paramSets) > 0 {
		a.logDefaults("group", g.name, model.Params, paramSets[0])
	}
	for _, params := range paramSets {
		if !a.start { // then all agents are made here
			params = without(params, agentContainer)
		}
		made, err := in.Create(ctx, model.Name, each, params)
		if err != nil {
			where := g.name
			if g.sim.agents {
				where = agentsSimulator // the error names the agent
			}
			a.failed(g.sim, paramsOr(g.paramsAt, g.at), where, err)
			return m
		}
		m.entities = append(m.entities, made...)
	}
	m.known = true
	return m
}

// modelOf finds the model that a group names, or the only one.
func (a *assembly) modelOf(g *group, in *sim.Instance) *sim.Model {
	var known []string
	for _, m := range in.Meta().Models {
		if !m.Hidden {
			known = append(known, m.Name)
		}
	}
	name := g.model
	if g.of == nil {
		if len(known) != 1 {
			a.bad(g.at, fmt.Sprintf("add entities, with of: %s.MODEL; %s", g.name, suggest.Sentence("", known)), "simulators.%s: offers %d models, so it has no entity by itself", g.name, len(known))
			return nil
		}
		name = known[0]
	}
	model := in.Meta().Model(name)
	if model == nil || model.Hidden {
		a.bad(g.of, suggest.Sentence(name, known), "%s: %s has no model %q", g.name, g.sim.name, name)
		return nil
	}
	return model
}

// knownModelParams checks the names of a group's parameters.
func (a *assembly) knownModelParams(g *group, model *sim.Model) bool {
	if g.paramsAt == nil || len(g.params) == 0 {
		return true
	}
	var known []string
	for _, p := range model.Params {
		known = append(known, p.Name)
	}
	candidates := known
	if g.of == nil {
		candidates = slices.Concat(known, simulatorParams(g.sim.model.New()))
	}
	ok := true
	for key := range pairsOf(g.paramsAt) {
		if _, given := g.params[0][key.Value]; !given || slices.Contains(known, key.Value) {
			continue
		}
		ok = false
		do := suggest.Sentence(key.Value, candidates)
		if g.sim.model != nil && slices.Contains(simulatorParams(g.sim.model.New()), key.Value) {
			do = fmt.Sprintf("it is one of the simulator: move it to simulators.%s.params", g.sim.name)
		}
		a.bad(key, do, "%s: %s has no parameter %q", g.name, model.Name, key.Value)
	}
	return ok
}

// children turns the entities into their children of a model.
func (a *assembly) children(g *group, in *sim.Instance, m *members) {
	var known []string
	for _, model := range in.Meta().Models {
		known = append(known, model.Name)
	}
	parents := m.entities
	m.model, m.entities, m.size = in.Meta().Model(g.children), nil, unknown
	if m.model == nil {
		a.bad(g.of, suggest.Sentence(g.children, known), "%s: %s has no model %q for children", g.name, g.sim.name, g.children)
		m.known = false
		return
	}
	if !m.known {
		return
	}
	for _, parent := range parents {
		for _, child := range parent.Children() {
			if child.Model().Name == g.children {
				m.entities = append(m.entities, child)
			}
		}
	}
	if m.size = len(m.entities); m.size == 0 && len(parents) > 0 {
		a.bad(g.of, "choose the model of its children", "%s: the entities have no children of model %s", g.name, g.children)
	}
}

// byID keeps the entities whose ID matches.
func (a *assembly) byID(g *group, m *members) {
	var ids []string
	var kept []*sim.Entity
	for _, e := range m.entities {
		ids = append(ids, e.ID())
		if g.idForm.MatchString(e.ID()) {
			kept = append(kept, e)
		}
	}
	if len(kept) == 0 && len(ids) > 0 {
		a.bad(g.of, suggest.Sentence(g.id, ids), "%s: no ID is like %q", g.name, g.id)
	}
	m.entities, m.size = kept, len(kept)
}
