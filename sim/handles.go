package sim

import (
	"fmt"
	"iter"
	"math"
	"slices"

	"github.com/simrun/simrun/scheduler"
)

// Input is a handle on an input attribute of an entity. The zero Input is one
// that nothing is connected to. It may be used only inside its simulator's Step
// and Wirer.Wire.
type Input struct{ p *port }

// Connected reports whether any connection leads to the input.
func (in Input) Connected() bool { return in.p != nil && len(in.p.conns) > 0 }

// Has reports whether there is a value that is not null: from a persistent
// source since its first output, from an event source at the step at which the
// event is delivered.
func (in Input) Has() bool {
	for range in.All() {
		return true
	}
	return false
}

// Fresh reports whether a value has come since the simulator's previous step.
// It is kept for events and for inputs that trigger.
func (in Input) Fresh() bool {
	if in.p == nil {
		return false
	}
	for _, c := range in.p.conns {
		if c.fresh {
			return true
		}
	}
	return len(in.p.set) > 0
}

// Float returns the input as a number: the sum over its sources, or the value
// of its only one. Sources that have given nothing yet count as nothing. A
// value that is not a number, or that is NaN, fails the step with an error
// that names the source.
func (in Input) Float() float64 {
	if in.p == nil {
		return 0
	}
	sum := 0.0
	for i := range in.p.conns {
		c := in.p.conns[i]
		if c.cur.kind == KindFloat {
			f := math.Float64frombits(c.cur.num)
			if f != f {
				in.p.fail(c.from(), c.cur, "is not a number")
			}
			sum += f
		} else if c.present {
			sum += in.p.number(c.from(), c.cur)
		}
	}
	for _, s := range in.p.set {
		sum += in.p.number(s.src, s.value)
	}
	return sum
}

// Text returns the value of the first source that has one, as text. A value
// that is not text fails the step.
func (in Input) Text() string {
	for src, v := range in.All() {
		a, err := v.Any()
		if s, ok := a.(string); ok && err == nil {
			return s
		}
		in.p.fail(src, v, "is not text")
	}
	return ""
}

// Value returns the value of the first source that has one, or Null.
func (in Input) Value() Value {
	for _, v := range in.All() {
		return v
	}
	return Null
}

// All iterates over the sources, by full ID, and their values, nulls left out.
// The order is that of the connections, values set by requests first.
func (in Input) All() iter.Seq2[string, Value] {
	return func(yield func(string, Value) bool) {
		if in.p != nil {
			in.p.show(in.p.conns, func(src string, v Value) bool { return v.IsNull() || yield(src, v) })
		}
	}
}

// Sources iterates like All, but includes the nulls of persistent sources that
// have not given a value yet. Events that come from one entity over several connections
// are in the order in which they came, so that the newest is the last one. It is what
// foreign simulators are sent, which see one value of an entity at an input.
func (in Input) Sources() iter.Seq2[string, Value] {
	return func(yield func(string, Value) bool) {
		if in.p != nil {
			in.p.show(in.p.sources(), yield)
		}
	}
}

// show yields what was set, and what the connections show.
func (p *port) show(conns []*conn, yield func(string, Value) bool) {
	for _, s := range p.set {
		if !yield(s.src, s.value) {
			return
		}
	}
	for _, c := range conns {
		if c.present && !yield(c.from(), c.cur) {
			return
		}
	}
}

// Output is a handle on an output attribute of an entity. The zero Output is
// one that nobody reads: setting it does nothing. It may be used only inside
// its simulator's Step.
type Output struct{ s *slot }

// Set gives the output a number, as of the step's output time.
func (o Output) Set(f float64) {
	if o.s != nil {
		o.s.value.kind, o.s.value.num = KindFloat, math.Float64bits(f)
		o.s.mark()
	}
}

// SetValue gives the output a value, as of the step's output time.
func (o Output) SetValue(v Value) {
	if o.s != nil {
		o.s.value = v
		o.s.mark()
	}
}

// Omit makes a persistent output null, as of the step's output time, without
// triggering anybody. It is for programs that give no value for an output that
// they should always give one for; an output that is just not set keeps its
// value.
func (o Output) Omit() {
	if o.s != nil {
		o.s.value, o.s.omitted = Null, true
		o.s.mark()
	}
}

// port is an input attribute with its connections. While its simulator steps
// only that simulator touches it; at all other times only the run loop does.
type port struct {
	lp     *Instance
	entity *Entity
	attr   string
	conns  []*conn
	rivals bool       // some of them are, see rival
	set    []setValue // by Requests.SetData, for this step only
	later  []setValue // for the next one, or one after it
}

// conn is one connection into a port. What every value needs is in its first 64 bytes,
// because memory is what many connections cost.
type conn struct {
	// What the reader sees at its step. An event is there for one step, a
	// persistent value always (null before the first).
	cur     Value
	reader  *Instance
	change  *change // nil: values come as they are
	present bool
	initial bool // cur is the initial value
	fresh   bool // has come since the reader's last step; in Instance.delivered
	event   bool // a value is delivered once, not until the next one comes
	held    bool // it is not, although the source is one of events
	trigger bool
	waiting bool // queue is not empty
	delayed bool // delay is not that of a plain connection between simulators in no common group

	src   *slot
	dst   *port
	delay scheduler.Delay
	order sourceOrder
	rival *rival // nil: no other events go from the same entity to this input

	// What the reader may not see yet. It is in the list of the reader's instance if
	// it is not empty.
	queue queue
}

func (c *conn) from() string { return c.src.entity.FullID() }

func (p *port) number(src string, v Value) float64 {
	if v.IsNull() {
		return 0
	}
	f, err := v.Float64()
	if err != nil || f != f {
		p.fail(src, v, "is not a number")
	}
	return f
}

// fail makes the current step fail, unless it has failed already.
func (p *port) fail(src string, v Value, why string) {
	if p.lp.stepErr != nil {
		return
	}
	if slices.ContainsFunc(p.conns, func(c *conn) bool { return c.initial && c.from() == src }) {
		p.lp.stepErr = fmt.Errorf("input %s of %s: the initial value %s of its connection from %s %s; correct the initial value",
			p.attr, p.entity.FullID(), v, src, why)
		return
	}
	p.lp.stepErr = fmt.Errorf("input %s of %s: the value %s from %s %s; correct %s, or connect something else",
		p.attr, p.entity.FullID(), v, src, why, src)
}

// slot is an output attribute.
type slot struct {
	value   Value
	lp      *Instance
	index   uint32 // among the slots of its simulator, by name
	written bool   // by the step under way
	omitted bool   // by it, see Output.Omit
	given   bool   // of a Guest: it has a value
	event   bool
	place   uint32 // of an event: among those of its simulator, from 1 on, in the order in which they were connected first
	dests   []*conn
	series  []*series
	entity  *Entity
	attr    string
	history []timed // if the simulator may be asked: outputs by the stamp they are as of
}

func (s *slot) wanted() bool { return len(s.dests) > 0 || len(s.series) > 0 }

func (s *slot) mark() {
	if s.written {
		return
	}
	s.written = true
	if n := len(s.lp.dirty); n > 0 && s.lp.dirty[n-1].index > s.index {
		s.lp.mixed = true
	}
	s.lp.dirty = append(s.lp.dirty, s)
}
