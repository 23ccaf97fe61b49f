package sim

import (
	"time"

	"github.com/simrun/simrun/container"
	"github.com/simrun/simrun/scheduler"
)

// A Tracer is told of everything that happens in a run, see Config.Trace: of every
// step with what it put out, and of what agents did in it. Which step caused which,
// and what a step saw, follows from that and from the connections. Its methods are
// called from the goroutine that called Run; an error ends the run with a [SinkError].
type Tracer interface {
	// Begin is called once, before the first step, with what the steps refer to.
	Begin(TraceWorld) error
	// Write gets steps in their order, see [scheduler.CompareSteps]: causes come before
	// what they cause. The slice, and those in it, must not be kept.
	Write(steps []TraceStep) error
}

// TraceWorld is what steps of a trace refer to, by place in these lists. They do not
// depend on the order in which the world was composed.
type TraceWorld struct {
	Start       time.Time // date of time 0; zero: none
	Until       Time
	Seed        uint64
	Sims        []TraceSim // by name
	Outputs     []TraceOutput
	Connections []TraceConnection
}

// TraceSim is a simulator.
type TraceSim struct {
	Name   string
	Type   Type
	Places scheduler.Places
	First  []Time // steps with which it begins
}

// TraceOutput is an attribute that is put out.
type TraceOutput struct {
	Sim          int // in TraceWorld.Sims
	Entity, Attr string
	Unit         string
	Event        bool
}

// TraceConnection is a connection from an output to an input.
type TraceConnection struct {
	Output       int // in TraceWorld.Outputs
	Sim          int // that reads it
	Entity, Attr string
	Delay        scheduler.Delay
	// Event: a value is seen in one step, not until the next one comes.
	Event bool
	// Trigger: a value makes the reader step when it arrives.
	Trigger bool
}

// TraceStep is a step that was made.
type TraceStep struct {
	Sim   int // in TraceWorld.Sims
	Stamp scheduler.Stamp
	// Next is when the simulator has asked for its next step, or Never.
	Next Time
	// Output is the time as of which its outputs are.
	Output Time
	// External: it was asked for from outside, see Requests.SetEvent.
	External bool
	// Unsettled: the run was interrupted before everything had happened that comes
	// before this step.
	Unsettled bool
	// Err is why the step failed; nothing else of it is known then.
	Err string

	Values   []TraceValue   // in the order of TraceWorld.Outputs
	Requests []TraceRequest // since the step before, in their order
	Agents   []AgentEvent   // in their order, wherever the agents live
}

// TraceValue is a value that was put out.
type TraceValue struct {
	Output  int // in TraceWorld.Outputs
	Omitted bool
	Value   Value
}

// TraceRequest is a value that a step has set in another simulator
// (Requests.SetData), or that it has asked for (Requests.GetData).
type TraceRequest struct {
	Set          bool
	Entity, Attr string // full ID
	Source       string // of a value that was set: as coming from where
	Value        Value
}

// AgentEvent is something that has happened in a container of agents: a behaviour
// began or went on, a call that was put off is made, or a message has arrived or was
// lost.
type AgentEvent struct {
	Time  Time
	Round int
	Key   scheduler.Key
	// Agent caused the event, Behaviour is what began or went on of it. A message that
	// arrives is caused by its sender, and acts on its receiver.
	Agent, Behaviour string
	Message          *container.Message // nil: it is none
}
