package sim

import "github.com/simrun/simrun/container"

// A MessageWatch is told of some of the messages between agents, for somebody who looks at
// a run while it goes on, see Config.Watch. To tell of all would take as long as to send
// them; a [Tracer] is told of all. Its methods are called by the steps of simulators of
// agents, several of which may be under way.
type MessageWatch interface {
	// Wants is asked at the beginning of a step, as long as nothing is told.
	Wants() bool
	// Message tells of a message that has arrived, in the process of the run, or was lost,
	// and returns whether to tell of the next one, too. Behaviour and Key of the event are
	// not known.
	Message(AgentEvent) (more bool)
}

// watch has the step that begins watched, if somebody wants that.
func (s *agentSet) watch() {
	w := s.env.watch
	if w == nil || s.watched || !w.Wants() {
		return
	}
	s.watched = true
	s.container.Watch(func(m container.Message) bool {
		s.watched = w.Message(AgentEvent{Time: s.loop.Now(), Round: s.loop.Round(), Agent: m.From, Message: &m})
		return s.watched
	})
}
