package sim

import (
	"errors"
	"fmt"
	"time"

	"github.com/simrun/simrun/internal/unit"
	"github.com/simrun/simrun/scheduler"
)

// ConnectOptions are what Connect may be told beyond the necessary.
type ConnectOptions struct {
	// Shift delays what travels over the connection: the reader sees at T what
	// was put out at T-Shift. It breaks cycles. 0 is an instantaneous
	// connection.
	Shift time.Duration
	// Weak delays what travels over the connection to the next round at the same
	// time. Both simulators must have a Group in common; it is the innermost such
	// group whose rounds count. A weak connection breaks a cycle whose simulators
	// are all in that group; the loop goes on until nobody in it is triggered any
	// more, within Config.MaxRounds.
	Weak bool
	// Initial is what the reader of a shifted or weak connection sees until the
	// first value has arrived, in the reader's unit. It also makes the reader see
	// the last event of a source of events at every step, as if it were
	// persistent.
	Initial Value
	// HasInitial says that Initial is given; a null is a value too.
	HasInitial bool
	// Transform makes of each value that the source puts out what the reader sees;
	// nil: it sees the value itself. It is meant for units, scales and names, not for
	// what a simulator should compute. The units of the two attributes are not
	// compared then, and nothing is converted: what comes out is in the reader's.
	//
	// It is called once for each output, in the goroutine of Run when the source's
	// step is complete, also with null, and never for Initial, which is what the reader
	// sees. It must be pure: the same value gives the same result, at any time, and
	// nothing else happens. Two runs differ otherwise. An error or a panic ends the
	// run with an error that names connection, time and value. Recordings, and
	// Requests.GetData, have the source's value.
	Transform func(Value) (Value, error)
	// AsyncRequests lets the reader's simulator ask the source's for data, and
	// set data in it, while it steps. The source then waits for the reader.
	AsyncRequests bool
}

// Connect leads the output srcAttr of src to the input dstAttr of dst. If both
// attributes state a unit, and there is no Transform, numbers are converted, or the
// connection is refused.
func (w *World) Connect(src *Entity, srcAttr string, dst *Entity, dstAttr string, opts ConnectOptions) error {
	if src == nil || dst == nil {
		return fmt.Errorf("connect %s to %s: an entity is nil; World.Entity gives nil for an ID that nobody has", srcAttr, dstAttr)
	}
	fail := func(format string, args ...any) error {
		return fmt.Errorf("connect %s.%s to %s.%s: %w", src.full, srcAttr, dst.full, dstAttr, fmt.Errorf(format, args...))
	}
	if w.phase != composing {
		return fail("the world has already run; connect before Run")
	}
	if src.lp.world != w || dst.lp.world != w {
		return fail("the entities are of different worlds")
	}
	out := src.model.Attr(srcAttr)
	if out == nil || !out.Output {
		return fail("%s has no output %q; %s", src.full, srcAttr,
			didYouMean(srcAttr, attrNames(src.model, func(a *Attr) bool { return a.Output })))
	}
	trigger, inUnit, single := dst.model.AnyInputsTrigger, "", false
	if in := dst.model.Attr(dstAttr); in != nil && in.Input {
		trigger, inUnit, single = in.Trigger, in.Unit, in.Single
	} else if !dst.model.AnyInputs {
		return fail("%s has no input %q; %s", dst.full, dstAttr,
			didYouMean(dstAttr, attrNames(dst.model, func(a *Attr) bool { return a.Input })))
	}
	if opts.Shift < 0 {
		return fail("the shift %v is negative; a value cannot be seen before it is put out", opts.Shift)
	}
	groups := common(src.lp.group, dst.lp.group)
	if opts.Weak && groups == 0 {
		return fail("a weak connection is one inside a group, but %s and %s have none in common; put them into one", src.lp.name, dst.lp.name)
	}
	p := dst.port(dstAttr)
	if single && len(p.conns) > 0 {
		return fail("%s takes one source, and has %s; remove one of the two connections", dstAttr, p.conns[0].from())
	}
	delay := scheduler.NewDelay(opts.Shift, groups, opts.Weak)
	c := &conn{src: src.slot(out), dst: p, reader: dst.lp, delay: delay, delayed: delay != scheduler.Delay{}, event: out.Event, trigger: trigger}
	switch {
	case opts.Transform != nil:
		c.change = &change{transform: opts.Transform}
	case out.Unit != "" && inUnit != "" && out.Unit != inUnit:
		conv, err := conversion(out.Unit, inUnit)
		if err != nil {
			return fail("%w", err)
		}
		c.change = &change{convert: conv}
	}
	late := opts.Shift > 0 || opts.Weak
	if c.event && late && opts.HasInitial {
		c.event, c.held = false, true
	}
	if !c.event {
		c.present = true
		c.cur, c.initial = opts.Initial, opts.HasInitial
		if late && !trigger && !opts.HasInitial {
			return fail("a shifted or weak connection needs an initial value for the time before the first arrives; give one, null if nothing else makes sense")
		}
	} else if !trigger {
		w.warn("connect %s.%s to %s.%s: events go to an input that does not trigger a step; of several between two steps only the last is seen",
			src.full, srcAttr, dst.full, dstAttr)
	}
	if opts.HasInitial && !late {
		w.warn("connect %s.%s to %s.%s: the initial value will not be used; it serves shifted and weak connections",
			src.full, srcAttr, dst.full, dstAttr)
		c.cur, c.initial = Null, false
	}
	p.insert(c)
	c.compete()
	c.src.dests = append(c.src.dests, c)
	if opts.AsyncRequests {
		w.ConnectAsync(src, dst)
	}
	return nil
}

// unconnected reports the required inputs that nothing is connected to, all of
// them.
func (w *World) unconnected() error {
	var errs []error
	for _, in := range w.instances {
		for _, e := range in.entityList {
			for i := range e.model.Attrs {
				a := &e.model.Attrs[i]
				if p := e.ports[a.Name]; a.Required && (p == nil || len(p.conns) == 0) {
					errs = append(errs, fmt.Errorf("input %s of %s is not connected, and %s cannot do without; connect a source", a.Name, e.full, e.model.Name))
				}
			}
		}
	}
	return errors.Join(errs...)
}

// insert adds a connection to the port in the order in which a step lists its
// sources, that of mosaik: events that are held, in order of connection; events,
// by simulators; persistent values, by simulators and delays; both in the order in
// which these were first connected to the reader's simulator. Simulators add
// values up in this order, and floating-point sums depend on it.
func (p *port) insert(c *conn) {
	c.order = p.lp.sourceOrder(c)
	at := len(p.conns)
	for at > 0 && p.conns[at-1].order.after(c.order) {
		at--
	}
	p.conns = append(p.conns, nil)
	copy(p.conns[at+1:], p.conns[at:])
	p.conns[at] = c
}

// sourceOrder is the place of a connection among those to one input.
type sourceOrder struct {
	kind  int // 0: events that are held, 1: events, 2: persistent values
	first int // of the connections that go together, counted by simulator
}

func (o sourceOrder) after(p sourceOrder) bool {
	return o.kind > p.kind || o.kind == p.kind && o.first > p.first
}

// sourceKey is what connections have in common that go together.
type sourceKey struct {
	kind  int
	src   *Instance // nil: any
	delay scheduler.Delay
}

func (in *Instance) sourceOrder(c *conn) sourceOrder {
	key := sourceKey{kind: 2, src: c.src.lp, delay: c.delay}
	switch {
	case c.held:
		key = sourceKey{kind: 0}
	case c.event:
		key = sourceKey{kind: 1, src: c.src.lp}
	}
	if _, known := in.sources[key]; !known {
		if in.sources == nil {
			in.sources = make(map[sourceKey]int)
		}
		in.sources[key] = len(in.sources)
	}
	return sourceOrder{key.kind, in.sources[key]}
}

func conversion(from, to string) (unit.Conversion, error) {
	f, err := unit.Parse(from)
	if err != nil {
		return unit.Conversion{}, err
	}
	t, err := unit.Parse(to)
	if err != nil {
		return unit.Conversion{}, err
	}
	return unit.Convert(f, t)
}
