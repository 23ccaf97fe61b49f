package sim

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"time"

	"github.com/simrun/simrun/codec"
	"github.com/simrun/simrun/container"
)

// hostedRun is the agents of one run in an AgentHost. They see what they would see
// in the process of the run: the instance and its ports and slots are stand-ins.
type hostedRun struct {
	host   *AgentHost
	name   string // of the container, which the run gives it
	owner  any    // the connection over which it was begun
	peer   string // whose other end that is, for errors
	env    *Env
	rounds int // limit
	media  *container.Media

	ctx    context.Context // ends with the run
	cancel context.CancelFunc

	turn  chan struct{} // holds a token, which the call that is served takes
	ended bool
	err   error // of its end

	set      *agentSet
	part     container.Part
	instance Instance
	agents   []hostedAgent
	outputs  int
	ports    []*port
	names    []string // of all agents of the run
	room     []byte   // for envelopes
	events   eventWriter
}

type hostedAgent struct {
	entity *Entity
	inputs []*Input // by place of the attribute; nil: it is an output
	attrs  []attrField
}

// newHostedRun reads what is known of a run.
func newHostedRun(h *AgentHost, r *wireReader, list []codec.Raw) *hostedRun {
	name := r.string(&list)
	env := &Env{ID: r.string(&list), Requests: noRequests{name}}
	seed, start := r.string(&list), r.string(&list)
	env.Resolution = time.Duration(r.int(&list))
	run := &hostedRun{host: h, env: env, rounds: int(r.int(&list))}
	env.Params = r.params(&list)
	if r.number(&list, 2) == 1 {
		env.events = &events{}
	}
	env.open = func(file string) (fs.File, error) {
		return nil, fmt.Errorf("%s: agents in container %q cannot open files of the run; let those that need some live in the process of the run", file, name)
	}
	if r.done(list) != nil {
		return nil
	}
	run.name = name
	if h.AgentLogger != nil {
		env.agentLogger = h.AgentLogger.With("host", name)
	}
	if env.Seed, r.err = strconv.ParseUint(seed, 10, 64); r.err == nil && start != "" {
		env.Start, r.err = time.Parse(time.RFC3339Nano, start)
	}
	if r.err == nil {
		var set agentSettings
		if set, r.err = agentSettingsOf(env.Params, agentParams); r.err == nil {
			run.media, r.err = set.media(env.Seed)
		}
	}
	return run
}

func (run *hostedRun) begin() {
	run.ctx, run.cancel = context.WithCancel(context.Background())
	run.turn = make(chan struct{}, 1)
	run.turn <- struct{}{}
	run.set = newAgentSet(run.env, run.rounds, run.media)
	run.part = container.Local(run.set.container)
	run.instance.name = run.env.ID
}

// end ends the agents, after what they do at the moment, which is cancelled.
func (run *hostedRun) end() error {
	run.cancel()
	<-run.turn
	defer func() { run.turn <- struct{}{} }()
	if !run.ended {
		run.ended = true
		run.err = guard(run.set.close)
		run.host.Logger.Info("run ended", "container", run.name, "t", run.set.loop.Now())
		run.host.mu.Lock()
		run.host.run = nil
		run.host.mu.Unlock()
	}
	return run.err
}

func (run *hostedRun) create(r *wireReader, list []codec.Raw) (any, error) {
	name, ids, params := r.string(&list), r.strings(&list), r.params(&list)
	if err := r.done(list); err != nil {
		return nil, err
	}
	t, ok := run.host.types[name]
	if !ok {
		return nil, fmt.Errorf("no agent type %q; %s", name, didYouMean(name, sortedKeys(run.host.types)))
	}
	for _, id := range ids {
		made, err := run.set.create(t, id, params)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", id, err)
		}
		a := hostedAgent{attrs: t.fields.attrs, inputs: make([]*Input, len(t.fields.attrs)),
			entity: &Entity{id: id, full: run.env.ID + "." + id, lp: &run.instance}}
		for i, attr := range t.fields.attrs {
			if attr.Input {
				a.inputs[i] = made.Inputs[attr.Name]
			} else {
				*made.Outputs[attr.Name] = Output{&slot{lp: &run.instance, entity: a.entity, attr: attr.Name, index: uint32(run.outputs)}}
				run.outputs++
			}
		}
		run.agents = append(run.agents, a)
	}
	return nothing, nil
}

func (run *hostedRun) join(r *wireReader, list []codec.Raw) (any, error) {
	run.names = r.strings(&list)
	if err := r.done(list); err != nil {
		return nil, err
	}
	if !slices.IsSorted(run.names) {
		return nil, errors.New("the names of the agents are not in byte order")
	}
	if run.events.codec = r.codec; run.env.events != nil {
		run.events = newEventWriter(r.codec, run.names)
	}
	if err := run.part.Join(run.ctx, run.names); err != nil {
		return nil, err
	}
	return []any{int64(run.part.Next())}, nil
}

func (run *hostedRun) round(r *wireReader, list []codec.Raw) (any, error) {
	if run.names == nil {
		return nil, errors.New("a round before join")
	}
	order := container.Order{Time: Time(r.int(&list)), Round: int(r.int(&list))}
	inputs, envelopes := r.take(&list), r.take(&list)
	if err := r.done(list); err != nil {
		return nil, err
	}
	if r.codec.Kind(inputs) != codec.Null {
		if err := run.takeInputs(r, inputs); err != nil {
			return nil, fmt.Errorf("inputs: %w", err)
		}
	}
	var err error
	if order.Messages, err = container.ParseEnvelopes(r.codec, envelopes, run.names); err != nil {
		return nil, err
	}
	var failure any
	sent, err := run.part.Round(run.ctx, order)
	if failed, ok := errors.AsType[*container.RoundError](err); ok {
		failure = wireFailure(failed)
	} else if err != nil {
		return nil, err
	}
	outputs, err := run.takeOutputs()
	if err != nil {
		return nil, err
	}
	var inputErr any
	if run.instance.stepErr != nil {
		inputErr = validText(run.instance.stepErr.Error())
	}
	encoded, err := container.AppendEnvelopes(run.room[:0], r.codec, sent)
	if err != nil {
		return nil, err
	}
	messages := len(encoded)
	encoded, more, err := run.takeEvents(encoded, 0, eventChunk-messages)
	if err != nil {
		return nil, err
	}
	run.room = encoded
	reply, err := r.codec.Append(nil, []any{int64(run.part.Next()), failure, inputErr, outputs, codec.Raw(encoded[:messages]), codec.Raw(encoded[messages:]), more})
	return codec.Raw(reply), err
}

// moreEvents returns events that the reply of the round had no room for.
func (run *hostedRun) moreEvents(r *wireReader, list []codec.Raw) (any, error) {
	if err := r.done(list); err != nil {
		return nil, err
	}
	if run.names == nil {
		return nil, errors.New("events before join")
	}
	encoded, more, err := run.takeEvents(nil, 1, eventChunk)
	if err != nil {
		return nil, err
	}
	reply, err := r.codec.Append(nil, []any{codec.Raw(encoded), more})
	return codec.Raw(reply), err
}

// takeEvents appends the first of the events that the run has not got, in about so many
// bytes, and says with 1 that there are more.
func (run *hostedRun) takeEvents(dst []byte, atLeast, room int) (encoded []byte, more int, err error) {
	w, e := &run.events, run.env.events
	if e == nil {
		w.list(nil, 0, 0)
	} else {
		n := w.list(e.list, atLeast, room)
		clear(e.list[:n]) // for the garbage collector
		if n < len(e.list) {
			e.list, more = e.list[n:], 1
		} else {
			e.list = e.list[:0]
		}
	}
	encoded, err = w.append(dst)
	return encoded, more, err
}

// takeInputs takes in the inputs of a step, and tells the agents.
func (run *hostedRun) takeInputs(r *wireReader, inputs codec.Raw) error {
	list, err := r.codec.Split(nil, inputs)
	if err != nil {
		return err
	}
	t := Time(r.int(&list))
	ports, changes := r.list(&list), r.list(&list)
	if err := r.done(list); err != nil {
		return err
	}
	for _, p := range run.ports {
		p.set = p.set[:0]
		for _, c := range p.conns {
			c.fresh = false
			if c.event {
				c.cur, c.present = Null, false
			}
		}
	}
	for len(ports) > 0 && r.err == nil {
		run.declare(r, r.list(&ports))
	}
	for len(changes) > 0 && r.err == nil {
		run.change(r, r.list(&changes))
	}
	if r.err != nil {
		return r.err
	}
	return run.set.notify(t)
}

// declare makes a port.
func (run *hostedRun) declare(r *wireReader, list []codec.Raw) {
	agent := r.number(&list, len(run.agents))
	if r.err != nil {
		return
	}
	a := run.agents[agent]
	place := r.number(&list, len(a.inputs))
	if r.err != nil {
		return
	}
	in := a.inputs[place]
	if in == nil || in.p != nil {
		r.err = fmt.Errorf("%s of %s is no input, or declared already", a.attrs[place].Name, a.entity.full)
		return
	}
	p := &port{lp: &run.instance, entity: a.entity, attr: a.attrs[place].Name}
	for len(list) > 0 && r.err == nil {
		source := &Entity{full: r.string(&list)}
		p.conns = append(p.conns, &conn{src: &slot{entity: source}, dst: p, event: r.number(&list, 2) == 1})
	}
	*in = Input{p}
	run.ports = append(run.ports, p)
}

// change takes in what has changed at a port.
func (run *hostedRun) change(r *wireReader, list []codec.Raw) {
	n := r.number(&list, len(run.ports))
	sources, set := r.list(&list), r.list(&list)
	if r.done(list) != nil {
		return
	}
	p := run.ports[n]
	for len(sources) > 0 && r.err == nil {
		i, flags, v := r.number(&sources, len(p.conns)), r.int(&sources), r.value(&sources)
		if r.err == nil {
			c := p.conns[i]
			c.cur, c.present, c.fresh, c.initial = v, flags&flagPresent != 0, flags&flagFresh != 0, flags&flagInitial != 0
		}
	}
	for len(set) > 0 && r.err == nil {
		p.set = append(p.set, setValue{src: r.string(&set), value: r.value(&set)})
	}
}

// takeOutputs returns what the agents have put out, in the order of their creation.
func (run *hostedRun) takeOutputs() ([]any, error) {
	dirty := run.instance.dirty
	slices.SortFunc(dirty, func(a, b *slot) int { return cmp.Compare(a.index, b.index) })
	outputs := make([]any, 0, 2*len(dirty))
	for _, s := range dirty {
		v, err := wireValue(s.value)
		if err != nil {
			return nil, fmt.Errorf("output %s of %s: %w", s.attr, s.entity.full, err)
		}
		outputs = append(outputs, int(s.index), v)
		s.written = false
	}
	run.instance.dirty = dirty[:0]
	return outputs, nil
}

// noRequests are the Requests of agents in a container.
type noRequests struct{ container string }

func (n noRequests) err() error {
	return fmt.Errorf("agents in container %q cannot ask the world for anything; let those that do live in the process of the run", n.container)
}

func (n noRequests) Progress(context.Context) (float64, error) { return 0, n.err() }
func (n noRequests) Related(context.Context, ...string) (*EntityGraph, error) {
	return nil, n.err()
}
func (n noRequests) GetData(context.Context, string, string) (Value, error) { return Null, n.err() }
func (n noRequests) SetData(context.Context, string, string, string, Value) error {
	return n.err()
}
func (n noRequests) SetEvent(context.Context, Time) error { return n.err() }
