package container

import (
	"github.com/simrun/simrun/scheduler"
)

// Member is implemented by pointers to structs that embed Agent.
type Member interface{ base() *Agent }

// Agent is embedded by the structs of agents. It must not be copied. Its methods
// are for the agent's own code; but for Expose they work once it was added to a
// container.
type Agent struct {
	container *Container
	actor     *scheduler.Actor
	member    Member
	methods   methods
	timers    timers
	jobs      jobs
	last      *acquaintance // nil: it has called nobody
	removed   bool
	ended     bool // it was removed, and nothing of it is left
}

// acquaintance is whom an agent has called last, so that it need not be looked up.
type acquaintance struct {
	name string

	// One on the loop, and what it was to do.
	agent  *Agent
	method string
	do     *method

	// One elsewhere: the connection, which may have ended, and its name there.
	link  *link
	there string
}

// remember notes whom the agent has called.
func (a *Agent) remember(last acquaintance) {
	if a.last == nil {
		a.last = new(acquaintance)
	}
	*a.last = last
}

// rememberMethod notes what the one whom the agent has called last was to do. The agent
// is nil if it is not known.
func (a *Agent) rememberMethod(of *Agent, name string, do *method) {
	if a != nil && a.last != nil && a.last.agent == of {
		a.last.method, a.last.do = name, do
	}
}

func (a *Agent) base() *Agent { return a }

// Name returns the name under which the agent was added.
func (a *Agent) Name() string {
	if a.actor == nil {
		return ""
	}
	return a.actor.Name()
}

// Address returns where the agent can be found: local://CONTAINER/NAME, or the
// address at which its container listens, see [Listen].
func (a *Agent) Address() string {
	if a.container == nil {
		return ""
	}
	return a.container.base + a.Name()
}

// Now returns the present virtual time.
func (a *Agent) Now() scheduler.Time {
	if a.container == nil {
		return 0
	}
	return a.container.loop.Now()
}
