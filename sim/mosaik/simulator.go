package mosaik

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync/atomic"
	"time"

	"github.com/simrun/simrun/channel"
	"github.com/simrun/simrun/codec"
	"github.com/simrun/simrun/internal/proc"
	"github.com/simrun/simrun/rpc"
	"github.com/simrun/simrun/sim"
)

// Simulator is an external program as a simulator. Its methods are called by a
// World, one at a time, except GetData and Messaging, which may be called at any
// time.
type Simulator struct {
	cfg     Config
	env     *sim.Env
	proc    *proc.Process // nil in connect mode
	conn    *channel.Conn // nil before a connection
	version version
	meta    sim.Meta
	models  map[string]*sim.Model // of entities, by their ID
	inputs  inputs
	outputs outputs
	request stepRequest // of the step under way
	under   stepCall

	inWorld       atomic.Bool  // env is that of Init
	messaging     atomic.Int64 // ns
	failed        bool         // a request has failed
	busy          bool         // a request was given up, the program may still be at it
	warnedUnasked struct{ entity, undeclared, declared bool }
}

var (
	_ sim.Simulator  = (*Simulator)(nil)
	_ sim.Beginner   = (*Simulator)(nil)
	_ sim.Wirer      = (*Simulator)(nil)
	_ sim.SetupDoner = (*Simulator)(nil)
	_ sim.Caller     = (*Simulator)(nil)
	_ sim.Getter     = (*Simulator)(nil)
	_ sim.Messenger  = (*Simulator)(nil)
	_ io.Closer      = (*Simulator)(nil)
)

// New returns a simulator that will be started, or connected to, when it is
// added to a World. Init reports what is wrong with cfg.
func New(cfg Config) *Simulator {
	return &Simulator{cfg: cfg.withDefaults(), models: map[string]*sim.Model{}}
}

// Start starts the program or connects to it ahead of Init, so that several can
// be started side by side: it may be called from any goroutine. If Init is not
// called after it, call Close.
func (s *Simulator) Start(ctx context.Context) error {
	if err := s.cfg.Check(); err != nil {
		return err
	}
	s.env = &sim.Env{} // until Init
	return s.open(ctx)
}

// Init starts the program or connects to it, unless Start has, and initialises
// it.
func (s *Simulator) Init(ctx context.Context, env *sim.Env) (sim.Meta, error) {
	started := s.env != nil
	s.env = env
	s.inWorld.Store(true)
	if !started {
		if err := s.cfg.Check(); err != nil {
			return sim.Meta{}, err
		}
		if err := s.open(ctx); err != nil {
			return sim.Meta{}, err
		}
	}
	var expected version
	if s.cfg.API != "" {
		expected, _ = parseVersion(s.cfg.API) // Check has found it good
	}
	reply, err := s.init(ctx, expected == nil || expected.hasTimeResolution())
	if err != nil && expected == nil && refusesTimeResolution(err) {
		reply, err = s.initWithoutResolution(ctx, err)
	}
	if err != nil {
		return sim.Meta{}, err
	}
	s.meta, s.version, err = parseMeta(reply, expected)
	if err != nil {
		return sim.Meta{}, s.explain(ctx, "init", err)
	}
	s.cfg.Logger.Info("program initialised", "api", s.version, "type", s.meta.Type, "models", len(s.meta.Models))
	return s.meta, nil
}

// init sends the first request. (mosaik, too, grants it the start timeout anew.)
func (s *Simulator) init(ctx context.Context, withResolution bool) (codec.Raw, error) {
	kwargs := codec.Object{}
	if withResolution {
		kwargs = append(kwargs, codec.Member{Key: "time_resolution", Value: s.env.Resolution.Seconds()})
	}
	return s.call(ctx, s.cfg.StartTimeout, "start timeout", &rpc.Request{Path: "init", Args: []any{s.env.ID}, Kwargs: ordered(kwargs, s.env.Params)})
}

// initWithoutResolution tries what programs for API 2 expect. They end when they
// are given a parameter that they do not know, so they are started again.
func (s *Simulator) initWithoutResolution(ctx context.Context, first error) (codec.Raw, error) {
	if s.conn.Err() != nil {
		if s.proc == nil {
			return nil, fmt.Errorf("%w\nif it is a program for API version 2, say so with api 2 and start it again", first)
		}
		if err := s.Close(); err != nil {
			return nil, err
		}
		if err := s.open(ctx); err != nil {
			return nil, err
		}
	}
	s.failed = false
	reply, err := s.init(ctx, false)
	if err != nil {
		return nil, fmt.Errorf("%w\nit also failed without time_resolution, as programs for API version 2 want it: %w", first, err)
	}
	return reply, nil
}

// Create makes entities.
func (s *Simulator) Create(ctx context.Context, num int, model string, params sim.Params) ([]sim.NewEntity, error) {
	reply, err := s.ask(ctx, &rpc.Request{Path: "create", Args: []any{num, model}, Kwargs: ordered(codec.Object{}, params)})
	if err != nil {
		return nil, err
	}
	made, err := parseEntities(reply)
	if err != nil {
		return nil, s.explain(ctx, "create", err)
	}
	s.remember(made)
	return made, nil
}

// remember notes what the World will ask about by ID.
func (s *Simulator) remember(made []sim.NewEntity) {
	for i := range made {
		s.models[made[i].ID] = s.meta.Model(made[i].Model)
		s.remember(made[i].Children)
	}
}

// SetupDone tells the program that composition is complete. Programs before
// version 2.2 do not want to know.
func (s *Simulator) SetupDone(ctx context.Context) error {
	if !s.version.hasSetupDone() {
		return nil
	}
	_, err := s.ask(ctx, &rpc.Request{Path: "setup_done"})
	return err
}

// Call calls an extra method.
func (s *Simulator) Call(ctx context.Context, method string, args []any, kwargs sim.Params) (sim.Value, error) {
	reply, err := s.ask(ctx, &rpc.Request{Path: method, Args: args, Kwargs: ordered(codec.Object{}, kwargs)})
	if err != nil {
		return sim.Null, err
	}
	return sim.RawValue(reply), nil
}

// GetData asks for attributes. What the program leaves out is null.
func (s *Simulator) GetData(ctx context.Context, refs []sim.Ref) ([]sim.Value, error) {
	type value struct{ entity, attr string }
	var wanted codec.Object
	attrs, places := map[string][]string{}, map[value][]int{}
	for i, ref := range refs {
		id := ref.Entity.ID()
		v := value{id, ref.Attr}
		if attrs[id] == nil {
			wanted = append(wanted, codec.Member{Key: id})
		}
		if places[v] == nil {
			attrs[id] = append(attrs[id], ref.Attr)
		}
		places[v] = append(places[v], i)
	}
	for i := range wanted {
		wanted[i].Value = attrs[wanted[i].Key]
	}
	ctx, cancel := withLimit(ctx, s.cfg.StepTimeout, stepTimeout)
	defer cancel()
	reply, err := s.conn.Call(ctx, &rpc.Request{Path: "get_data", Args: []any{wanted}})
	if err != nil {
		return nil, s.explain(ctx, "get_data", err)
	}
	values := make([]sim.Value, len(refs))
	err = eachValue(reply, func(eid, attr []byte, v codec.Raw) error {
		for _, i := range places[value{string(eid), string(attr)}] {
			values[i] = sim.RawValue(v)
		}
		return nil
	}, nil)
	if err != nil {
		return nil, s.explain(ctx, "get_data", err)
	}
	return values, nil
}

// Messaging returns the time spent on encoding and decoding the messages of
// steps.
func (s *Simulator) Messaging() time.Duration { return time.Duration(s.messaging.Load()) }

// Traffic tells what has been sent to the program and received from it, by any
// goroutine.
func (s *Simulator) Traffic() sim.Traffic {
	if s.conn == nil {
		return sim.Traffic{}
	}
	return sim.Traffic(s.conn.Traffic())
}

const stepTimeout = "step timeout"

// ask makes any request but those of starting.
func (s *Simulator) ask(ctx context.Context, r *rpc.Request) (codec.Raw, error) {
	return s.call(ctx, s.cfg.StepTimeout, stepTimeout, r)
}

// call makes a request and waits for the reply, for at most limit if that is not
// zero; limitName is what users know it by.
func (s *Simulator) call(ctx context.Context, limit time.Duration, limitName string, r *rpc.Request) (codec.Raw, error) {
	ctx, cancel := withLimit(ctx, limit, limitName)
	defer cancel()
	began := time.Now()
	reply, err := s.conn.Call(ctx, r)
	if err != nil {
		return nil, s.lost(ctx, r.Path, err)
	}
	s.cfg.Logger.Debug("request", "method", r.Path, "took", time.Since(began), "bytes", len(reply))
	return reply, nil
}

// lost notes that a request has failed and explains it.
func (s *Simulator) lost(ctx context.Context, request string, err error) error {
	s.failed = true
	s.busy = ctx.Err() != nil || errors.As(err, new(*timeoutError))
	return s.explain(ctx, request, err)
}

// ordered appends parameters to kwargs in the order of their names.
func ordered(kwargs codec.Object, params sim.Params) codec.Object {
	names := make([]string, 0, len(params))
	for name := range params {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		kwargs = append(kwargs, codec.Member{Key: name, Value: map[string]any(params)[name]})
	}
	return kwargs
}
