package sim

import (
	"context"
	"io/fs"
	"log/slog"
	"time"

	"github.com/simrun/simrun/scheduler"
	"github.com/simrun/simrun/sim/random"
)

// Time is virtual time, see [scheduler.Time].
type Time = scheduler.Time

// Never is later than every instant: a simulator that returns it as its next
// step waits for inputs.
const Never = scheduler.Never

// Params are the parameters of a simulator or a model, as a scenario gives
// them: bool, int64, float64, string, []any, map[string]any, nil.
type Params map[string]any

// Simulator is one logical process: state with a clock that is set from
// outside. A World calls its methods one at a time, in the order Init, Create
// (any number of times), Step (until the end of the run). Different simulators
// of one World may step at the same time, each on a goroutine of its own, so
// they must not share memory that changes.
//
// A simulator may also implement [Beginner], [Wirer], [SetupDoner], [Caller], [Getter] and
// io.Closer. Close is called exactly once, whatever happened before, if Init
// was called.
//
// To write a simulator whose entities are all alike, see [NewModel].
type Simulator interface {
	// Init is called first. It returns what the simulator offers.
	Init(ctx context.Context, env *Env) (Meta, error)

	// Create makes num entities of the named model.
	Create(ctx context.Context, num int, model string, params Params) ([]NewEntity, error)

	// Step moves the simulator to s.Time(): it reads its inputs, computes, sets
	// its outputs, and returns the time at which it wants to step next, later
	// than s.Time(), or Never to wait for inputs (time-based simulators must
	// name a time). An error ends the run. When ctx is cancelled, Step should
	// return soon: the end of an interrupted run waits for it, for a second if
	// the simulator's steps have taken long before, else until it returns.
	Step(ctx context.Context, s *Step) (next Time, err error)
}

// Env is what a simulator gets to know about its world.
type Env struct {
	ID         string        // the simulator's name in the world, unique
	Start      time.Time     // the date of virtual time 0 in UTC; zero if the world has none
	Resolution time.Duration // length of an integer step, for simulators that count in those
	Seed       uint64        // the world's seed; prefer Random
	Params     Params
	// Requests is how a simulator asks the world for something while it steps
	// or during SetupDone.
	Requests Requests

	open   func(name string) (fs.File, error)
	events *events // of agents; nil: they are not traced
	watch  MessageWatch

	agentLogger *slog.Logger // nil: nothing is logged of agents
}

// Open opens a file that the simulator's parameters name. A relative name is
// relative to the scenario file, if the world was built from one.
func (e *Env) Open(name string) (fs.File, error) { return e.open(name) }

// Random returns the random stream of this simulator for the given purpose.
// Its numbers depend on the world's seed, the simulator's name and the names
// given, on nothing else.
func (e *Env) Random(names ...string) *random.Stream {
	return random.New(e.Seed, append([]string{e.ID}, names...)...)
}

// NewEntity is what Create returns for each entity it made.
type NewEntity struct {
	ID       string // unique in its simulator
	Model    string
	Children []NewEntity
	Related  []string // IDs of entities of the same simulator that it is related to
	Extra    any      // anything the simulator wants to tell, in JSON terms

	// Inputs and Outputs give, by attribute, the handles that the world fills in
	// before the first step. Foreign simulators leave both nil and use Wirer.
	Inputs  map[string]*Input
	Outputs map[string]*Output
}

// Beginner is implemented by simulators whose steps others make, such as other
// processes. A World begins such a step and goes on to others, without a goroutine
// that waits for it; it does not call Step.
type Beginner interface {
	// BeginStep does what Step does up to where it would wait. It must not wait
	// itself. done is to be called once when EndStep will not have to wait either, from
	// any goroutine, soon after ctx has ended at the latest. It must not be called if
	// BeginStep returns an error, with which the step has failed. The goroutine that
	// calls done may be used to end this step and begin others.
	BeginStep(ctx context.Context, s *Step, done func()) error

	// EndStep does the rest. It is called once after done. Neither method may make
	// requests of the world.
	EndStep(ctx context.Context, s *Step) (next Time, err error)
}

// Wirer is implemented by simulators that want to know which attributes of
// their entities are in use. Wire is called after composition and before the
// first step, and again before a step at which Requests.SetData has set an input
// that nothing was connected to. It must not make requests.
type Wirer interface {
	Wire(Wiring)
}

// Wiring lists the connected attributes of a simulator, in a fixed order:
// entities in order of creation, attributes in order of first connection.
type Wiring struct {
	Inputs  []WiredInput
	Outputs []WiredOutput
}

// WiredInput is an attribute that connections lead to.
type WiredInput struct {
	Entity, Attr string
	Input        Input
}

// WiredOutput is an attribute that connections or recordings read.
type WiredOutput struct {
	Entity, Attr string
	Output       Output
	// Connected: other simulators read it, not only a recording.
	Connected bool
}

// SetupDoner is implemented by simulators that want to be called once after
// composition, before the first step. All are called at the same time.
type SetupDoner interface {
	SetupDone(ctx context.Context) error
}

// Caller is implemented by simulators with extra methods.
type Caller interface {
	Call(ctx context.Context, method string, args []any, kwargs Params) (Value, error)
}

// Getter is implemented by simulators whose attributes are read by asking, in
// place of output handles. GetData returns the values of attributes of its
// entities, in the order asked.
type Getter interface {
	GetData(ctx context.Context, refs []Ref) ([]Value, error)
}
