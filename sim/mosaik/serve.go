package mosaik

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"sync"
	"time"

	"github.com/simrun/simrun/channel"
	"github.com/simrun/simrun/codec"
	"github.com/simrun/simrun/rpc"
	"github.com/simrun/simrun/sim"
)

// ServeConfig says what a simulator gets to know that mosaik does not tell. The
// zero ServeConfig will do for most.
type ServeConfig struct {
	Start time.Time                          // the date of virtual time 0; zero: unknown
	Seed  uint64                             // the root of its random streams
	Open  func(name string) (fs.File, error) // opens the files that it reads; nil: os.Open

	// API is the version of the API to speak, such as "2.2" for a mosaik 2, which knows
	// simulators that are time-based only, and times in seconds. Default: "3.0".
	API string
}

// Check reports what is wrong with the configuration.
func (c ServeConfig) Check() error {
	_, err := c.version()
	return err
}

func (c ServeConfig) version() (version, error) {
	v, err := parseVersion(cmp.Or(c.API, servedAPI))
	if err != nil {
		return nil, err
	}
	return v, v.supported()
}

// Serve lets mosaik use a simulator that is written in Go. It connects to the
// address that mosaik gives to the programs it starts, HOST:PORT in place of
// %(addr)s, and returns nil when mosaik has asked it to stop; else how the
// connection ended, a [*DialError], or the error with which the simulator has
// failed.
//
// The time resolution, the name and the parameters of the simulator are those of
// World.start. What the simulator does at the times of its steps is as in a
// [sim.World]; docs/mosaik.md tells what mosaik cannot know or say.
func Serve(ctx context.Context, addr string, s sim.Simulator, cfg ServeConfig) error {
	srv, err := newServer(s, cfg)
	if err != nil {
		return err
	}
	conn, err := channel.Dial(ctx, addr, srv.config())
	if err != nil {
		return &DialError{err}
	}
	return srv.serve(ctx, conn)
}

// A DialError says that there is no mosaik at the address that Serve was given.
type DialError struct{ Err error }

func (e *DialError) Error() string {
	return fmt.Sprintf("%v; the address is the one that mosaik gives to a program that it starts, as %%(addr)s", e.Err)
}

// Unwrap returns Err.
func (e *DialError) Unwrap() error { return e.Err }

// ServeListener is Serve for a mosaik that connects to a running simulator
// ("connect" in its configuration of simulators). It serves one connection. l
// remains with the caller, who may close it meanwhile.
func ServeListener(ctx context.Context, l *channel.Listener, s sim.Simulator, cfg ServeConfig) error {
	srv, err := newServer(s, cfg)
	if err != nil {
		return err
	}
	conn, err := l.AcceptWith(ctx, srv.config())
	if err != nil {
		return err
	}
	return srv.serve(ctx, conn)
}

// server is a simulator that is served over one connection, whose requests it
// handles one after the other.
type server struct {
	sim     sim.Simulator
	cfg     ServeConfig
	router  rpc.Router
	stop    sync.Once
	stopped chan struct{} // by mosaik's request

	version version
	isSetUp bool // the simulator knows that composition is complete
	guest   *sim.Guest
	unit    sim.Time // the time resolution
	waiting bool     // an event-based simulator that mosaik believes to be hybrid
	stepped bool
	now     sim.Time
	output  sim.Time // as of which the outputs are
	room    []sim.GuestInput
	wanted  wanted
	err     error // with which it has failed
}

func newServer(s sim.Simulator, cfg ServeConfig) (*server, error) {
	v, err := cfg.version()
	if err != nil {
		return nil, err
	}
	srv := &server{sim: s, cfg: cfg, version: v, stopped: make(chan struct{})}
	srv.router.Handle("init", srv.init)
	srv.router.Handle("stop", func(context.Context, *rpc.Invocation) (any, error) { return nil, nil })
	srv.handle("create", 2, srv.create)
	srv.handle("setup_done", 0, func(ctx context.Context, _ *rpc.Invocation) (any, error) {
		return nil, srv.setUp(ctx)
	})
	if v.hasMaxAdvance() {
		srv.handle("step", 3, srv.step)
	} else {
		srv.handle("step", 2, srv.step)
	}
	srv.handle("get_data", 1, srv.getData)
	return srv, nil
}

// setUp tells the simulator that composition is complete, once.
func (srv *server) setUp(ctx context.Context) error {
	if srv.isSetUp {
		return nil
	}
	srv.isSetUp = true
	return srv.failing(ctx, srv.guest.SetupDone(ctx))
}

// handle adds a method with that many positional arguments, which may be called
// from init on. create alone has named ones.
func (srv *server) handle(name string, args int, f rpc.Func) {
	srv.router.Handle(name, func(ctx context.Context, in *rpc.Invocation) (any, error) {
		switch {
		case srv.err != nil:
			return nil, fmt.Errorf("%s: it has failed before: %w", name, srv.err)
		case srv.guest == nil:
			return nil, fmt.Errorf("%s comes before init", name)
		case name != "create" && len(in.Kwargs) > 0:
			return nil, fmt.Errorf("%s takes no named arguments, got %s", name, in.Kwargs[0].Key)
		case len(in.Args) != args:
			return nil, fmt.Errorf("%s takes %d arguments, got %d", name, args, len(in.Args))
		}
		return f(ctx, in)
	})
}

// config is that of the connection. (A single string as a failure makes mosaik
// hang.)
func (srv *server) config() channel.Config {
	return channel.Config{Handler: srv.router.Serve, Workers: 1, MaxFrame: DefaultMaxFrame, Failure: channel.FailureList, OnFrame: srv.lookForStop}
}

// lookForStop notices stop when it arrives. mosaik may close the connection right
// behind it, and then requests that have not been handled yet are dropped.
func (srv *server) lookForStop(dir channel.Direction, payload []byte) {
	const most = 64 // [0, ID, ["stop", [], {}]]
	if dir != channel.Received || len(payload) > most || !bytes.Contains(payload, []byte(`"stop"`)) {
		return
	}
	message, err := codec.JSON.Split(nil, payload)
	if err != nil || len(message) != 3 {
		return // the connection will say what is wrong with it
	}
	call, err := codec.JSON.Split(nil, message[2])
	if err == nil && len(call) > 0 && string(message[0]) == "0" && string(call[0]) == `"stop"` {
		srv.stop.Do(func() { close(srv.stopped) })
	}
}

// serve waits for the end.
func (srv *server) serve(ctx context.Context, conn *channel.Conn) error {
	select {
	case <-srv.stopped:
	case <-conn.Done():
	case <-ctx.Done():
	}
	ended := conn.Err()
	_ = conn.Close() // it always succeeds; it waits for the request under way, and cancels it
	err := srv.err
	select {
	case <-srv.stopped:
	default:
		if err == nil && ctx.Err() != nil {
			err = context.Cause(ctx)
		} else if err == nil {
			err = fmt.Errorf("mosaik did not ask it to stop: %w", ended)
		}
	}
	if srv.guest != nil {
		err = errors.Join(err, srv.guest.Close())
	}
	return err
}

// failing notes the error after which the simulator cannot go on, unless it is the
// end of the connection that it comes from.
func (srv *server) failing(ctx context.Context, err error) error {
	if ctx.Err() == nil {
		srv.err = err
	}
	return err
}

// init answers init [sid], {time_resolution, parameters of the simulator...}.
func (srv *server) init(ctx context.Context, in *rpc.Invocation) (any, error) {
	if srv.guest != nil || srv.err != nil {
		return nil, errors.New("init: it has been initialised before; a simulator that is served serves one mosaik world")
	}
	if len(in.Args) != 1 {
		return nil, fmt.Errorf("init takes one argument, the name of the simulator, got %d", len(in.Args))
	}
	name, err := in.String(0)
	if err != nil {
		return nil, err
	}
	resolution := 1.0
	if raw, given := in.Kwarg("time_resolution"); given {
		if resolution, err = codec.JSON.Float(raw); err != nil {
			return nil, fmt.Errorf("init: time_resolution: %w", err)
		}
	}
	if srv.unit, err = unitOf(resolution); err != nil {
		return nil, err
	}
	params, err := paramsOf(in.Kwargs)
	if err != nil {
		return nil, fmt.Errorf("init: %w", err)
	}
	delete(params, "time_resolution")
	guest, err := sim.NewGuest(ctx, name, srv.sim, sim.GuestConfig{Start: srv.cfg.Start, Resolution: time.Duration(srv.unit),
		Seed: srv.cfg.Seed, Open: srv.cfg.Open, Params: params, Requests: &asking{in.Conn, srv.unit}})
	if err != nil {
		return nil, srv.failing(ctx, err)
	}
	srv.guest = guest
	meta := guest.Instance().Meta()
	reported := servedType(meta)
	if !srv.version.hasType() && reported != sim.TimeBased {
		return nil, srv.failing(ctx, fmt.Errorf("it is %v, which version %v of the API does not know; serve it with version 3, to mosaik 3", reported, srv.version))
	}
	srv.waiting = meta.Type == sim.EventBased && reported != sim.EventBased
	for _, method := range meta.ExtraMethods {
		srv.router.Handle(method, func(ctx context.Context, in *rpc.Invocation) (any, error) {
			return srv.call(ctx, method, in)
		})
	}
	return servedMeta(meta, reported, srv.version), nil
}

// unitOf is a time resolution, which mosaik gives in seconds.
func unitOf(seconds float64) (sim.Time, error) {
	const most = float64(sim.Never) / 1e9
	if !(seconds > 0 && seconds < most) {
		return 0, fmt.Errorf("init: the time resolution %v is not a number of seconds above 0", seconds)
	}
	unit := sim.Time(seconds*1e9 + 0.5)
	if unit == 0 {
		return 0, fmt.Errorf("init: the time resolution %v s is below a nanosecond; give the World a coarser one", seconds)
	}
	return unit, nil
}

// create answers create [num, model], {parameters of the model...}.
func (srv *server) create(ctx context.Context, in *rpc.Invocation) (any, error) {
	num, err := in.Int(0)
	if err != nil {
		return nil, err
	}
	const most = 1 << 24 // beyond, the reply would not fit into a frame
	if num < 0 || num > most {
		return nil, fmt.Errorf("create: %d entities at once; 0 to %d can be created", num, most)
	}
	model, err := in.String(1)
	if err != nil {
		return nil, err
	}
	params, err := paramsOf(in.Kwargs)
	if err != nil {
		return nil, fmt.Errorf("create: %w", err)
	}
	made, err := srv.guest.Instance().Create(ctx, model, int(num), params)
	if err != nil {
		return nil, err
	}
	return servedEntities(made), nil
}

// call answers an extra method.
func (srv *server) call(ctx context.Context, method string, in *rpc.Invocation) (any, error) {
	args := make([]any, len(in.Args))
	for i, raw := range in.Args {
		v, err := codec.JSON.Decode(raw)
		if err != nil {
			return nil, err
		}
		args[i] = plain(v)
	}
	kwargs, err := paramsOf(in.Kwargs)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", method, err)
	}
	v, err := srv.guest.Instance().Call(ctx, method, args, kwargs)
	if err != nil {
		return nil, err
	}
	return encoded(v)
}

// paramsOf gives named arguments as parameters.
func paramsOf(kwargs []codec.RawMember) (sim.Params, error) {
	params := sim.Params{}
	for _, m := range kwargs {
		v, err := codec.JSON.Decode(m.Value)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", m.Key, err)
		}
		params[string(m.Key)] = plain(v)
	}
	return params, nil
}

// plain gives a decoded value in the terms of sim.Params.
func plain(v any) any {
	switch v := v.(type) {
	case codec.Object:
		m := make(map[string]any, len(v))
		for _, member := range v {
			m[member.Key] = plain(member.Value)
		}
		return m
	case []any:
		for i := range v {
			v[i] = plain(v[i])
		}
	}
	return v
}

// encoded returns a value as it is sent. One of a foreign simulator passes
// through as it came.
func encoded(v sim.Value) (codec.Raw, error) {
	raw, err := v.Append(nil)
	return codec.Raw(raw), err
}
