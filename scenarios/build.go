package scenarios

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"github.com/simrun/simrun/internal/diag"
	"github.com/simrun/simrun/sim"
)

// CheckOptions say how far to check.
type CheckOptions struct {
	// Start starts external simulators to ask what they offer. Without it
	// their models and attributes are not checked.
	Start bool
	// LogDir is as that of BuildOptions.
	LogDir string
	// Host is as that of BuildOptions.
	Host []string
}

// Check reports everything that is wrong as far as it can be known without
// running, problems and warnings apart, both in the order of the file. It
// creates the built-in simulators and their entities, and drops them again; it
// starts no process unless told to. That a program is not to be found here is a
// warning then: the scenario may be meant for another machine.
func (s *Scenario) Check(ctx context.Context, o CheckOptions) (problems, warnings diag.List) {
	problems, warnings = s.check(ctx, o)
	if !o.Start {
		warnings = append(warnings, s.missingPrograms()...)
		warnings.Sort()
	}
	return problems, warnings
}

// External lists the simulators that are programs of their own, in the order of the
// file. What they offer is known only once they run: Check looks at that if it may
// start them.
func (s *Scenario) External() []string {
	var names []string
	for _, sm := range s.simulators {
		if sm.external != nil {
			names = append(names, sm.name)
		}
	}
	return names
}

// missingPrograms looks for the programs that a run would start, if their
// working directories can be there: not those that Unpack will make.
func (s *Scenario) missingPrograms() (warnings diag.List) {
	if len(s.packed()) > 0 {
		return nil
	}
	for _, sm := range s.simulators {
		if sm.commandAt == nil || sm.broken {
			continue
		}
		if err := sm.external.FindProgram(); err != nil {
			warnings = append(warnings, s.source.warning(sm.commandAt, "", "simulators.%s.command: %v", sm.name, err))
		}
	}
	for _, h := range s.inhabited() {
		if err := h.FindProgram(); err != nil {
			warnings = append(warnings, s.source.warning(h.commandAt, "", "containers.%s.command: %v", h.Name, err))
		}
	}
	return warnings
}

func (s *Scenario) check(ctx context.Context, o CheckOptions) (problems, warnings diag.List) {
	discard := func() sim.Sink { return &sim.Memory{} }
	a := s.assemble(ctx, assembleOptions{start: o.Start, logDir: o.LogDir, host: o.Host, sink: discard})
	if err := a.close(); err != nil {
		a.problems = append(a.problems, diag.Problem{File: s.Path, What: "after the check: " + err.Error(), Err: err})
	}
	a.problems.Sort()
	a.warnings.Sort()
	return a.problems, a.warnings
}

// BuildOptions say where a world's results go.
type BuildOptions struct {
	// Sink makes the sink for one entry of the section record. It is called for
	// each of them, in their order.
	Sink func() sim.Sink
	// LogDir is the folder for what external simulators write out, a file for
	// each: NAME.log, of containers NAME.container.log. "" keeps only the last
	// lines, for errors.
	LogDir string
	// Host is a program and its first arguments, simrun container, that is started
	// for containers without a command. It takes their options. nil: there is none.
	Host []string
	// Warn is told what Check warns of, with its place, and then what external
	// simulators do during the run that looks wrong, one call at a time for each.
	// nil: nobody is told.
	Warn func(text string)
	// Trace is told of everything that happens in the run; nil: nobody is.
	Trace sim.Tracer
	// Watch is told of some of the messages between agents; nil: nobody is.
	Watch sim.MessageWatch
	// Logger makes the loggers of packages scenarios, sim, mosaik, container, that is
	// agents, and federation, that is containers elsewhere; nil: nothing is logged.
	Logger func(pkg string) *slog.Logger
}

// Build starts all simulators and makes the world of the scenario, ready to
// run. External simulators are started side by side; everything else is done in
// the order of the file. The caller closes the world.
//
// The error is a diag.List, with a *sim.SimulatorError in its chain if a
// started simulator failed, or wraps sim.ErrInterrupted if ctx was cancelled.
// Nothing is left running then. What is wrong with the scenario itself is found
// before any process is started.
func (s *Scenario) Build(ctx context.Context, o BuildOptions) (*sim.World, error) {
	if len(s.External()) > 0 || len(s.inhabited()) > 0 {
		if problems, _ := s.check(ctx, CheckOptions{}); len(problems) > 0 {
			return nil, problems
		}
	}
	a := s.assemble(ctx, assembleOptions{start: true, logDir: o.LogDir, host: o.Host, sink: o.Sink, warn: o.Warn, trace: o.Trace, watch: o.Watch, logger: o.Logger})
	if ctx.Err() == nil && len(a.problems) == 0 {
		a.warnings.Sort()
		for _, p := range a.warnings {
			if o.Warn != nil {
				p.Warning = false // it is told as one
				o.Warn(p.Error())
			}
		}
		a.logBuilt()
		return a.world, nil
	}
	err := a.close()
	if ctx.Err() != nil {
		err := fmt.Errorf("%w while the simulators were started", sim.ErrInterrupted)
		if cause := context.Cause(ctx); cause != ctx.Err() {
			err = fmt.Errorf("%w: %w", err, cause)
		}
		return nil, err
	}
	a.problems.Sort()
	if err != nil {
		a.problems = append(a.problems, diag.Problem{File: s.Path, What: err.Error(), Err: err})
	}
	return nil, a.problems
}

// assembly is a world in the making.
type assembly struct {
	*source // its problems are those of this assembly
	assembleOptions
	s        *Scenario
	warnings diag.List

	world      *sim.World
	unowned    []sim.Simulator // started, but not the world's
	instances  map[*simulator]*sim.Instance
	members    map[*group]*members
	links      []link
	loopGroups map[string]*sim.Group // by the names of those around and its own
	used       map[input]bool
}

type assembleOptions struct {
	start  bool
	logDir string
	host   []string
	sink   func() sim.Sink
	warn   func(text string)
	trace  sim.Tracer
	watch  sim.MessageWatch
	logger func(pkg string) *slog.Logger
}

// input is an input that a connection leads to.
type input struct {
	entity *sim.Entity
	attr   string
}

// assemble does everything that comes before the run, as far as it can be done,
// and notes all that is wrong.
func (s *Scenario) assemble(ctx context.Context, o assembleOptions) *assembly {
	if o.logger == nil {
		o.logger = func(string) *slog.Logger { return slog.New(slog.DiscardHandler) }
	}
	a := &assembly{s: s, assembleOptions: o, source: &source{name: s.source.name, lines: s.source.lines},
		world:     sim.NewWorld(sim.Config{Start: s.Start, Resolution: s.Resolution, Seed: s.Seed, MaxRounds: s.MaxRounds, Open: s.open, Trace: o.trace, Watch: o.watch, Logger: o.logger("sim"), AgentLogger: o.agentLogger()}),
		instances: make(map[*simulator]*sim.Instance), members: make(map[*group]*members), used: make(map[input]bool),
		loopGroups: make(map[string]*sim.Group)}
	a.logRead()
	a.addSimulators(ctx)
	for _, g := range s.groups {
		a.members[g] = a.create(ctx, g)
	}
	for _, c := range s.connections {
		a.connect(c)
	}
	a.checkCycles()
	a.record()
	a.checkUnconnected()
	a.checkContainers()
	a.checkRecorded()
	return a
}

// close ends everything that was started.
func (a *assembly) close() error {
	err := a.world.Close()
	for _, s := range a.unowned {
		if c, ok := s.(io.Closer); ok {
			err = errors.Join(err, c.Close())
		}
	}
	return err
}
