package sim

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/simrun/simrun/codec"
	"github.com/simrun/simrun/container"
	"github.com/simrun/simrun/rpc"
)

const (
	// greetTimeout is how long a container may take to say what it has.
	greetTimeout = 10 * time.Second
	// closeTimeout is how long a container may take to end a run.
	closeTimeout = 5 * time.Second
	// hangTimeout is that for a container that has not answered before: an interrupted
	// program has to come to its end.
	hangTimeout = 500 * time.Millisecond
)

// remoteSet are the agents of a run that live in one container elsewhere. It is a
// [container.Part].
type remoteSet struct {
	name         string
	conn         *rpc.Conn
	codec        codec.Codec
	roundTimeout time.Duration
	begun        bool // there is a run to be closed
	tracing      bool
	types        map[string][]string // that are there, see AgentType.lines

	agents   []remoteAgent // in order of creation
	places   map[string]int
	outputs  []*Output // of all of them
	watching bool      // ports has all inputs with connections
	ports    []*remotePort
	known    map[*port]bool
	names    []string // of all agents of the run

	asked atomic.Bool  // and has not answered, or not as it should
	calls atomic.Int64 // that were answered
	own   atomic.Int64 // ns until they were

	next Time
	// Of the step under way.
	time     Time
	news     bool // there is an input that triggers
	told     bool // the container knows the inputs
	received []received
	inputErr error
	events   []AgentEvent // if the run is traced
	traced   int          // bytes that they took
	failure  error        // of an agent, which has ended the run

	envelopes, body []byte // room for what is sent
}

type remoteAgent struct {
	name   string
	attrs  []attrField
	inputs []*Input // by place of the attribute; nil: it is an output
}

// received is a value that an agent has put out.
type received struct {
	output *Output
	value  Value
}

// remotePort is an input with what the container knows of it.
type remotePort struct {
	*port
	agent, place int // of the attribute in the agent's type
	trigger      bool
	declared     bool
	sources      []knownSource // of conns
}

type knownSource struct {
	value   Value
	present bool
	fresh   bool
}

func newRemoteSet(name string, conn *rpc.Conn) *remoteSet {
	return &remoteSet{name: name, conn: conn, codec: conn.Channel().Codec().WithTypes(nil), next: Never,
		places: make(map[string]int), known: make(map[*port]bool)}
}

// failed is what went wrong when the container was asked for something.
func (h *remoteSet) failed(asked string, err error) error {
	return &ContainerError{Container: h.name, Address: h.conn.Channel().RemoteAddr().String(), Asked: asked, Err: err}
}

// badReply is what went wrong if the reply cannot be read.
func (h *remoteSet) badReply(asked string, err error) error {
	return h.failed(asked, fmt.Errorf("its reply cannot be read: %w", err))
}

// call calls a function of the container. asked tells what for, in errors; no
// timeout is 0.
func (h *remoteSet) call(ctx context.Context, timeout time.Duration, asked, function string, args ...any) ([]codec.Raw, error) {
	if timeout > 0 {
		var cancel context.CancelFunc
		late := fmt.Errorf("no answer within %v; see there what it does, or allow it more time", timeout)
		ctx, cancel = context.WithTimeoutCause(ctx, timeout, late)
		defer cancel()
	}
	body, err := h.codec.Append(h.body[:0], args)
	if err != nil {
		return nil, h.failed(asked, err)
	}
	h.body = body
	h.asked.Store(true)
	began := time.Now()
	reply, err := rpc.Call[codec.Raw](ctx, h.conn.Remote().Get("federation"), function, codec.Raw(body))
	h.asked.Store(err != nil && ctx.Err() != nil) // it may also have answered with a failure
	if err != nil {
		return nil, h.failed(asked, err)
	}
	h.calls.Add(1)
	h.own.Add(int64(time.Since(began)))
	items, err := h.codec.Split(nil, reply)
	if err != nil {
		return nil, h.badReply(asked, err)
	}
	return items, nil
}

// init checks that the container fits the run, and begins one there.
func (h *remoteSet) init(ctx context.Context, env *Env, types map[string]*agentCreator, maxRounds int) error {
	const asked = "for the agent types that it has"
	items, err := h.call(ctx, greetTimeout, asked, "describe")
	if err != nil {
		return err
	}
	r := &wireReader{codec: h.codec}
	if version := r.int(&items); r.err == nil && version != protocolVersion {
		return h.failed(asked, fmt.Errorf("it speaks version %d of the protocol between containers, and the run version %d; use the same version of the program for both", version, protocolVersion))
	}
	h.types = make(map[string][]string)
	members := readItem(r, &items, func(item codec.Raw) ([]codec.RawMember, error) { return h.codec.SplitMap(nil, item) })
	for _, m := range members {
		lines := []codec.Raw{m.Value}
		h.types[string(m.Key)] = r.strings(&lines)
	}
	if err := r.done(items); err != nil {
		return h.badReply(asked, err)
	}
	var errs []error
	for _, name := range sortedKeys(types) {
		if there, ok := h.types[name]; ok {
			errs = append(errs, h.compare(name, types[name].lines(), there))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	start := ""
	if !env.Start.IsZero() {
		start = env.Start.UTC().Format(time.RFC3339Nano)
	}
	traced := 0
	if h.tracing = env.events != nil; h.tracing {
		traced = 1
	}
	_, err = h.call(ctx, greetTimeout, "to begin a run", "init", h.name, env.ID, strconv.FormatUint(env.Seed, 10), start,
		int64(env.Resolution), maxRounds, wireParams(env.Params), traced)
	h.begun = err == nil
	return err
}

// compare reports what differs between a type here and there.
func (h *remoteSet) compare(name string, here, there []string) error {
	for i := range max(len(here), len(there)) {
		a, b := "nothing more", "nothing more"
		if i < len(here) {
			a = here[i]
		}
		if i < len(there) {
			b = there[i]
		}
		if a != b {
			return fmt.Errorf("agent type %q is not the same in the run and in container %q: here it has %s, there %s; use the same version of the program for both", name, h.name, a, b)
		}
	}
	return nil
}

// create makes agents.
func (h *remoteSet) create(ctx context.Context, t AgentType, ids []string, params Params) ([]NewEntity, error) {
	if h.types[t.Name] == nil {
		return nil, fmt.Errorf("container %q has no agent type %q; %s", h.name, t.Name, didYouMean(t.Name, sortedKeys(h.types)))
	}
	if _, err := h.call(ctx, 0, "to make agents of type "+t.Name, "create", t.Name, ids, wireParams(params)); err != nil {
		return nil, err
	}
	made := make([]NewEntity, len(ids))
	for i, id := range ids {
		a := remoteAgent{name: id, attrs: t.fields.attrs, inputs: make([]*Input, len(t.fields.attrs))}
		inputs, outputs := make(map[string]*Input), make(map[string]*Output)
		for j, attr := range t.fields.attrs {
			if attr.Input {
				a.inputs[j] = new(Input)
				inputs[attr.Name] = a.inputs[j]
			} else {
				out := new(Output)
				h.outputs = append(h.outputs, out)
				outputs[attr.Name] = out
			}
		}
		h.places[id] = len(h.agents)
		h.agents = append(h.agents, a)
		made[i] = NewEntity{ID: id, Model: t.Name, Inputs: inputs, Outputs: outputs}
	}
	return made, nil
}

// Name implements container.Part.
func (h *remoteSet) Name() string { return strconv.Quote(h.name) }

// Agents implements container.Part.
func (h *remoteSet) Agents(context.Context) ([]string, error) {
	names := make([]string, len(h.agents))
	for i := range h.agents {
		names[i] = h.agents[i].name
	}
	return names, nil
}

// Join implements container.Part.
func (h *remoteSet) Join(ctx context.Context, everybody []string) error {
	const asked = "to join the others"
	h.names = everybody
	items, err := h.call(ctx, h.roundTimeout, asked, "join", everybody)
	if err != nil {
		return err
	}
	r := &wireReader{codec: h.codec}
	h.next = Time(r.int(&items))
	if err := r.done(items); err != nil {
		return h.badReply(asked, err)
	}
	return nil
}

// watch has the container told of an input.
func (h *remoteSet) watch(p *port, agent, attr int) {
	h.known[p] = true
	h.ports = append(h.ports, &remotePort{port: p, agent: agent, place: attr,
		trigger: h.agents[agent].attrs[attr].Trigger, sources: make([]knownSource, len(p.conns))})
}

// watchConnected has the container told of all inputs with connections. The first
// step may have values for them already, and no other reason to run a round there.
func (h *remoteSet) watchConnected() {
	h.watching = true
	for i, a := range h.agents {
		for j, in := range a.inputs {
			if in != nil && in.p != nil {
				h.watch(in.p, i, j)
			}
		}
	}
}

// begin begins a step of the run.
func (h *remoteSet) begin(step *Step) {
	h.time, h.news, h.told, h.traced = step.Time(), false, false, 0
	if !h.watching {
		h.watchConnected()
	}
	for _, p := range step.lp.setPorts {
		if place, mine := h.places[p.entity.id]; mine && !h.known[p] {
			for j, attr := range h.agents[place].attrs {
				if attr.Name == p.attr {
					h.watch(p, place, j)
				}
			}
		}
	}
	for _, p := range h.ports {
		if p.trigger && (Input{p.port}).Fresh() {
			h.news = true
			break
		}
	}
}

// end ends it: what the agents have put out is put out.
func (h *remoteSet) end(step *Step) {
	for _, r := range h.received {
		r.output.SetValue(r.value)
	}
	h.received = h.received[:0]
	if h.inputErr != nil && step.lp.stepErr == nil {
		step.lp.stepErr = h.inputErr
	}
}

// Next implements container.Part.
func (h *remoteSet) Next() Time {
	if h.news && !h.told {
		return min(h.time, h.next)
	}
	return h.next
}

// Round implements container.Part.
func (h *remoteSet) Round(ctx context.Context, order container.Order) ([]container.Envelope, error) {
	asked := fmt.Sprintf("for round %d of t=%v", order.Round, order.Time)
	var inputs any
	if !h.told {
		var err error
		if inputs, err = h.inputs(); err != nil {
			return nil, h.failed(asked, err)
		}
		h.told = true
	}
	envelopes, err := container.AppendEnvelopes(h.envelopes[:0], h.codec, order.Messages)
	if err != nil {
		return nil, h.failed(asked, err)
	}
	h.envelopes = envelopes
	items, err := h.call(ctx, h.roundTimeout, asked, "round", int64(order.Time), order.Round, inputs, codec.Raw(envelopes))
	if err != nil {
		return nil, err
	}
	r := &wireReader{codec: h.codec}
	h.next = Time(r.int(&items))
	failure := r.failure(&items)
	if text, ok := r.any(&items).(string); ok && h.inputErr == nil {
		h.inputErr = errors.New(text)
	}
	outputs := r.list(&items)
	for len(outputs) > 0 && r.err == nil {
		n := r.number(&outputs, len(h.outputs))
		if v := r.value(&outputs); r.err == nil {
			h.received = append(h.received, received{h.outputs[n], v})
		}
	}
	sent := r.take(&items)
	more := h.takeEvents(r, &items, order)
	if err := r.done(items); err != nil {
		return nil, h.badReply(asked, err)
	}
	if more {
		if err := h.fetchEvents(ctx, order); err != nil {
			return nil, err
		}
	}
	if failure != nil {
		h.failure = failure.Err
		return nil, failure
	}
	messages, err := container.ParseEnvelopes(h.codec, sent, h.names)
	if err != nil {
		return nil, h.badReply(asked, err)
	}
	return messages, nil
}

// inputs returns what the container does not know of its inputs.
func (h *remoteSet) inputs() (any, error) {
	ports, changes := []any{}, []any{}
	for n, p := range h.ports {
		if !p.declared {
			p.declared = true
			port := []any{p.agent, p.place}
			for _, c := range p.conns {
				event := 0
				if c.event {
					event = 1
				}
				port = append(port, c.from(), event)
			}
			ports = append(ports, port)
		}
		sources, set := []any{}, []any{}
		for i, c := range p.conns {
			known := &p.sources[i]
			known.fresh = false
			if c.event {
				known.value, known.present = Null, false
			}
			if known.present == c.present && known.fresh == c.fresh && sameValue(known.value, c.cur) {
				continue
			}
			flags := 0
			for flag, on := range []bool{c.present, c.fresh, c.initial} {
				if on {
					flags |= 1 << flag
				}
			}
			v, err := wireValue(c.cur)
			if err != nil {
				return nil, fmt.Errorf("input %s of %s: %w", p.attr, p.entity.full, err)
			}
			sources = append(sources, i, flags, v)
			*known = knownSource{c.cur.detached(), c.present, c.fresh}
		}
		for _, s := range p.set {
			v, err := wireValue(s.value)
			if err != nil {
				return nil, fmt.Errorf("input %s of %s: %w", p.attr, p.entity.full, err)
			}
			set = append(set, s.src, v)
		}
		if len(sources)+len(set) > 0 {
			changes = append(changes, []any{n, sources, set})
		}
	}
	return []any{int64(h.time), ports, changes}, nil
}

// sameValue reports whether two values are the same, as far as that is easy to tell.
func sameValue(a, b Value) bool {
	if a.kind != b.kind || a.num != b.num {
		return false
	}
	switch a.kind {
	case KindText:
		return a.ref == b.ref
	case KindRaw:
		return bytes.Equal(a.ref.(codec.Raw), b.ref.(codec.Raw))
	case KindAny:
		return false
	}
	return true
}

// close tells the container that the run is over.
func (h *remoteSet) close() error {
	if !h.begun || h.conn.Channel().Err() != nil {
		return nil // it knows
	}
	h.begun = false
	timeout := closeTimeout
	if h.asked.Load() {
		timeout = hangTimeout
	}
	_, err := h.call(context.Background(), timeout, "to end the run", "close")
	return err
}
