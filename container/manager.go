package container

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/simrun/simrun/channel"
	"github.com/simrun/simrun/internal/suggest"
	"github.com/simrun/simrun/rpc"
	"github.com/simrun/simrun/scheduler"
)

// A Spawner makes an agent of a kind, with the arguments that a master has given. Its
// error goes to the master.
type Spawner func(args []any, kwargs rpc.Kwargs) (Member, error)

// ManagerName is the name of the Manager in its container, as in aiomas.
const ManagerName = "0"

// Manager is the agent through which a master elsewhere, a program of aiomas 2.0.1 or
// a [Master], uses a container of ours: that of aiomas.subproc. It has the methods
//
//	spawn(kind, *args, **kwargs)  makes an agent; returns it and its address, as soon as it is quiet
//	set_time(seconds)             sets the clock, see [External.SetTime], and returns when all agents are quiet
//	stop()                        asks for the container's end
//
// It makes agents of registered kinds only, and names them by numbers, as aiomas does.
// When an agent fails, these calls fail with its error. With a clock that is not an
// External spawn does not wait.
type Manager struct {
	Agent
	clock   *External // nil: the clock cannot be set
	kinds   map[string]Spawner
	spawned uint64
	stopped chan struct{}
}

// AddManager adds a Manager to a container. It can set the clock if that is an
// External.
func AddManager(c *Container, clock Clock, kinds map[string]Spawner) (*Manager, error) {
	m := &Manager{kinds: kinds, stopped: make(chan struct{})}
	m.clock, _ = clock.(*External)
	m.Expose("spawn", m.spawn, "qualname", "args") // the names that they have in aiomas
	m.Expose("set_time", m.setTime, "time")
	m.Expose("stop", m.stopContainer)
	return m, c.Add(ManagerName, m)
}

// Stopped returns a channel that is closed when a master has asked for the
// container's end. Shut the endpoint down then, and stop the clock.
func (m *Manager) Stopped() <-chan struct{} { return m.stopped }

func (m *Manager) spawn(ctx context.Context, kind string, kwargs rpc.Kwargs, args ...any) (any, error) {
	spawner := m.kinds[kind]
	if spawner == nil {
		return nil, &channel.RemoteError{Type: "LookupError",
			Message: fmt.Sprintf("no agent of kind %q can be spawned; %s", kind, suggest.Sentence(kind, slices.Sorted(maps.Keys(m.kinds))))}
	}
	agent, err := spawner(args, kwargs)
	if err != nil {
		return nil, err
	}
	c := m.container
	for {
		m.spawned++
		if name := strconv.FormatUint(m.spawned, 10); !c.Has(name) {
			if err := c.Add(name, agent); err != nil {
				return nil, err
			}
			// An agent that fails at once is to fail before its master goes on.
			if err := m.settle(ctx); err != nil {
				return nil, err
			}
			return []any{agent, agent.base().Address()}, nil
		}
	}
}

func (m *Manager) setTime(ctx context.Context, seconds float64) error {
	if m.clock == nil {
		return valueError("the clock of this container is that on the wall; it cannot be set")
	}
	t, err := timeOf(seconds)
	if err != nil {
		return valueError("%v", err)
	}
	err = m.set(ctx, len(m.clock.settings), t)
	if past, ok := errors.AsType[*scheduler.PastError](err); ok {
		return valueError("Time must be >= %v but is %v", past.Now.Seconds(), seconds)
	}
	return err
}

// settle waits until all agents are quiet at the present time, before anybody sets
// the clock to another.
func (m *Manager) settle(ctx context.Context) error {
	if m.clock == nil {
		return nil
	}
	return m.set(ctx, 0, m.Now())
}

// set has the clock set to t when i settings have been made, and waits for that.
func (m *Manager) set(ctx context.Context, i int, t scheduler.Time) error {
	b, err := m.running(ctx)
	if err != nil {
		return err
	}
	waits := true
	defer func() { waits = false }()
	var failed error
	m.clock.settings = slices.Insert(m.clock.settings, i, &setting{clock: m.clock, to: t, done: func(_ scheduler.Time, err error) {
		if failed = err; waits {
			m.clock.fail(b.process.Wake())
		}
	}})
	if err := b.process.Wait(); err != nil {
		return m.waited(err)
	}
	return failed
}

func (m *Manager) stopContainer(context.Context) error {
	select {
	case <-m.stopped:
	default:
		close(m.stopped)
	}
	return nil
}

func valueError(format string, args ...any) error {
	return &channel.RemoteError{Type: "ValueError", Message: fmt.Sprintf(format, args...)}
}
