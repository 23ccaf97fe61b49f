package sim

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"

	"github.com/simrun/simrun/codec"
	"github.com/simrun/simrun/rpc"
)

// An AgentHost hosts agents of a world that runs in another process, see
// [NewFederatedAgents]. It serves one run after the other; each has agents of its
// own. All of its methods may be called concurrently.
type AgentHost struct {
	// Logger is told when runs begin and end, AgentLogger of agents, see Config. They are
	// set before the host serves; by default nothing is logged.
	Logger, AgentLogger *slog.Logger

	types   map[string]AgentType
	service rpc.Router

	mu       sync.Mutex
	run      *hostedRun // nil: none
	closed   bool
	watchers sync.WaitGroup // of runs, one each
}

// NewAgentHost returns a host for agents of the given types.
func NewAgentHost(types ...AgentType) *AgentHost {
	h := &AgentHost{Logger: slog.New(slog.DiscardHandler), types: make(map[string]AgentType)}
	for _, t := range types {
		if _, ok := h.types[t.Name]; ok {
			panic(fmt.Sprintf("sim: two agent types named %q", t.Name))
		}
		h.types[t.Name] = t
	}
	h.service.Handle("describe", func(_ context.Context, in *rpc.Invocation) (any, error) { return h.describe(in) })
	h.service.Handle("init", func(_ context.Context, in *rpc.Invocation) (any, error) { return nothing, h.init(in) })
	h.handle("create", (*hostedRun).create)
	h.handle("join", (*hostedRun).join)
	h.handle("round", (*hostedRun).round)
	h.handle("events", (*hostedRun).moreEvents)
	h.service.Handle("close", func(_ context.Context, in *rpc.Invocation) (any, error) {
		run, err := h.runOf(in)
		if err == nil {
			err = run.end()
		}
		return nothing, err
	})
	return h
}

// nothing is the reply to a call that brings nothing.
var nothing = []any{}

// Service returns what the run calls, to be mounted at path "federation" of the
// service of a connection. Any number of connections may have it; a second run is
// refused while there is one.
func (h *AgentHost) Service() *rpc.Router { return &h.service }

// Close ends the run that there is, and waits until its agents have ended. It
// returns their errors.
func (h *AgentHost) Close() error {
	h.mu.Lock()
	run := h.run
	h.closed = true
	h.mu.Unlock()
	var err error
	if run != nil {
		err = run.end()
	}
	h.watchers.Wait()
	return err
}

// items returns the items of the only argument of a call, and what reads them.
func items(in *rpc.Invocation) (*wireReader, []codec.Raw, error) {
	if err := in.Expect(1, 1); err != nil {
		return nil, nil, err
	}
	c := in.Conn.Codec().WithTypes(nil)
	list, err := c.Split(nil, in.Args[0])
	return &wireReader{codec: c}, list, err
}

func (h *AgentHost) describe(in *rpc.Invocation) (any, error) {
	types := make(map[string]any)
	for name, t := range h.types {
		types[name] = t.lines()
	}
	return []any{protocolVersion, types}, nil
}

// init begins a run, which lasts until it is closed or its connection ends.
func (h *AgentHost) init(in *rpc.Invocation) error {
	r, list, err := items(in)
	if err != nil {
		return err
	}
	run := newHostedRun(h, r, list)
	if r.err != nil {
		return r.err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case h.closed:
		return errors.New("the container is closed")
	case h.run != nil:
		return fmt.Errorf("the container is part of another run%s; wait until that has ended", h.run.peer)
	}
	conn := in.Conn
	run.owner = conn
	if addr := conn.RemoteAddr().String(); strings.Trim(addr, "@") != "" { // Unix sockets have none
		run.peer = ", of " + addr
	}
	run.begin()
	h.run = run
	h.Logger.Info("run begins", "container", run.name, "peer", conn.RemoteAddr())
	h.watchers.Go(func() {
		select {
		case <-conn.Done():
			_ = run.end() // nobody is left to be told
		case <-run.ctx.Done():
		}
	})
	return nil
}

// runOf returns the run that was begun over the connection of a call.
func (h *AgentHost) runOf(in *rpc.Invocation) (*hostedRun, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.run == nil || h.run.owner != in.Conn {
		return nil, errors.New("this connection has begun no run, or it has ended")
	}
	return h.run, nil
}

// handle exposes a method of the run. Calls of one run are made one at a time.
func (h *AgentHost) handle(path string, f func(*hostedRun, *wireReader, []codec.Raw) (any, error)) {
	h.service.Handle(path, func(ctx context.Context, in *rpc.Invocation) (any, error) {
		run, err := h.runOf(in)
		if err != nil {
			return nil, err
		}
		r, list, err := items(in)
		if err != nil {
			return nil, err
		}
		select {
		case <-run.turn:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
		defer func() { run.turn <- struct{}{} }()
		if run.ended {
			return nil, errors.New("the run has ended")
		}
		return f(run, r, list)
	})
}
