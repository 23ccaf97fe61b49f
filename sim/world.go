package sim

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/simrun/simrun/scheduler"
)

// Config configures a World. The zero Config is a world without dates, with
// integer steps of one second and seed 0.
type Config struct {
	// Start is the date of virtual time 0. It only serves to show and read
	// dates; the zero date means that there are none.
	Start time.Time
	// Resolution is the length of an integer step for simulators that count in
	// those, if Add is not told otherwise. 0 means one second.
	Resolution time.Duration
	// Seed is the root of all random streams.
	Seed uint64
	// MaxRounds limits the rounds of a loop of weak connections at one time. 0
	// means DefaultMaxRounds.
	MaxRounds int
	// Open opens the files that models read. nil means os.Open.
	Open func(name string) (fs.File, error)
	// Trace, if it is not nil, is told of everything that happens in the run.
	Trace Tracer
	// Watch, if it is not nil, is told of some of the messages between agents.
	Watch MessageWatch
	// Logger is told when simulators begin and end, of the run, of warnings, and at level
	// debug of every step and request. t is virtual time. nil: nothing is logged.
	Logger *slog.Logger
	// AgentLogger is told of agents, see [container.WithLogger]. nil: nothing is logged.
	AgentLogger *slog.Logger
}

// DefaultMaxRounds is the limit on rounds of weak connections, that of mosaik.
const DefaultMaxRounds = 100

// World is a co-simulation: simulators, their entities, and the connections
// between them. Compose it with Add, Instance.Create, Connect and Record, call
// Run once, and Close it. Its methods must be called from one goroutine, but
// for Status.
type World struct {
	cfg       Config
	instances []*Instance
	byName    map[string]*Instance
	async     []asyncLink
	outputs   []*output
	warnings  []string
	phase     phase
	run       atomic.Pointer[run] // while Run runs
	status    status
}

type phase uint8

const (
	composing phase = iota
	running
	ended
	closed
)

// NewWorld returns an empty world.
func NewWorld(cfg Config) *World {
	if cfg.Resolution <= 0 {
		cfg.Resolution = time.Second
	}
	if cfg.MaxRounds <= 0 {
		cfg.MaxRounds = DefaultMaxRounds
	}
	if cfg.Open == nil {
		cfg.Open = func(name string) (fs.File, error) { return os.Open(name) }
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	return &World{cfg: cfg, byName: make(map[string]*Instance)}
}

// Date returns virtual time t as a date in UTC, or the zero date if the world
// has no start.
func (w *World) Date(t Time) time.Time {
	if w.cfg.Start.IsZero() {
		return time.Time{}
	}
	return w.cfg.Start.UTC().Add(time.Duration(t))
}

// Warnings returns what looked wrong but did not keep the world from running,
// in the order in which it was noticed.
func (w *World) Warnings() []string { return w.warnings }

func (w *World) warn(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	w.warnings = append(w.warnings, text)
	w.cfg.Logger.Warn(text)
}

// AddOptions are what Add may be told beyond the necessary.
type AddOptions struct {
	Params     Params
	Resolution time.Duration // of integer steps; 0: the world's
	Group      *Group        // nil: none
}

// Add initialises a simulator under a name that is unique in the world. From
// then on the world owns it and will close it; if Init fails, at once.
func (w *World) Add(ctx context.Context, name string, s Simulator, opts AddOptions) (*Instance, error) {
	return w.add(ctx, name, s, opts, nil)
}

// add is Add for a simulator whose requests others answer; nil: the world does.
func (w *World) add(ctx context.Context, name string, s Simulator, opts AddOptions, requests Requests) (*Instance, error) {
	if w.phase != composing {
		return nil, fmt.Errorf("simulator %q: the world has already run; add simulators before Run", name)
	}
	if name == "" || strings.ContainsAny(name, "/") {
		return nil, fmt.Errorf("simulator name %q: must not be empty or contain a slash", name)
	}
	if w.byName[name] != nil {
		return nil, fmt.Errorf("simulator %q: there is one of this name already; choose another name", name)
	}
	if s == nil {
		return nil, fmt.Errorf("simulator %q: it is nil; give one", name)
	}
	if err := w.checkGroup(opts.Group); err != nil {
		return nil, fmt.Errorf("simulator %q: %w", name, err)
	}
	if opts.Resolution <= 0 {
		opts.Resolution = w.cfg.Resolution
	}
	messenger, _ := s.(Messenger)
	beginner, _ := s.(Beginner)
	in := &Instance{world: w, name: name, sim: s, beginner: beginner, messenger: messenger, entities: make(map[string]*Entity), resolution: opts.Resolution,
		group: opts.Group}
	if requests == nil {
		requests = requester{in}
	}
	env := &Env{ID: name, Start: w.cfg.Start, Resolution: opts.Resolution, Seed: w.cfg.Seed,
		Params: opts.Params, Requests: requests, open: w.cfg.Open, watch: w.cfg.Watch, agentLogger: w.cfg.AgentLogger}
	if w.cfg.Trace != nil {
		in.events = &events{}
		env.events = in.events
	}
	begin := time.Now()
	meta, err := s.Init(ctx, env)
	in.stats.Setup = time.Since(begin)
	if err != nil {
		err = &SimulatorError{Sim: name, Op: "init", Err: err}
		if c, ok := s.(io.Closer); ok {
			err = errors.Join(err, c.Close())
		}
		return nil, err
	}
	w.instances = append(w.instances, in)
	w.byName[name] = in
	in.meta = meta
	w.cfg.Logger.Info("simulator initialised", "simulator", name, "type", meta.Type, "took", in.stats.Setup)
	return in, nil
}

// Instances returns the simulators in the order in which they were added.
func (w *World) Instances() []*Instance { return slices.Clone(w.instances) }

// Instance returns the simulator with the given name, or nil.
func (w *World) Instance(name string) *Instance { return w.byName[name] }

// Entity returns the entity with the given full ID, or nil.
func (w *World) Entity(fullID string) *Entity {
	// A simulator's name may contain dots as well as an entity's: take the
	// longest simulator name that fits.
	for i := len(fullID) - 1; i > 0; i-- {
		if fullID[i] == '.' {
			if in := w.byName[fullID[:i]]; in != nil {
				if e := in.entities[fullID[i+1:]]; e != nil {
					return e
				}
			}
		}
	}
	return nil
}

// Close ends the world: every simulator that was added is closed, all at the
// same time. It is safe to call more than once; errors of all simulators are
// joined.
func (w *World) Close() error {
	if w.phase == closed {
		return nil
	}
	w.phase = closed
	errs := make([]error, len(w.instances))
	var all sync.WaitGroup
	for i, in := range w.instances {
		if in.abandoned {
			errs[i] = &SimulatorError{Sim: in.name, Op: "close", Err: errAbandoned}
			continue
		}
		if c, ok := in.sim.(io.Closer); ok {
			all.Go(func() {
				began := time.Now()
				if err := guard(c.Close); err != nil {
					errs[i] = &SimulatorError{Sim: in.name, Op: "close", Err: err}
				}
				w.cfg.Logger.Info("simulator closed", "simulator", in.name, "took", time.Since(began))
			})
		}
	}
	all.Wait()
	return errors.Join(errs...)
}

var errAbandoned = errors.New("still in its last step, which did not end when it was cancelled")

// stampAt is the stamp of a step at t.
func stampAt(t Time) scheduler.Stamp { return scheduler.At(t) }
