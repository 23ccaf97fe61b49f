package container

import (
	"fmt"
	"strings"
)

// Spawn makes another agent, in the same container, and begins its Start, if it has
// one, at the present time and round. The new agent is called as this one, followed by
// a slash and name, which has no slash itself: what "plant" spawns as "worker" is
// "plant/worker". So agents that know nothing of each other can spawn what they like, and
// the name says where the new agent lives.
//
// It may spawn others in turn, stays when this one leaves, and its name is free when it has
// left. It has the place of this one in the order in which agents act.
//
// Agents can spawn from the first event on, that is in Start or later, with the same
// results in every layout of a run. An agent that wants another to live in another
// container asks an agent there to spawn it.
func (a *Agent) Spawn(name string, m Member) error {
	if err := a.present(); err != nil {
		return err
	}
	if name == "" || strings.Contains(name, "/") {
		return fmt.Errorf("agent %q cannot spawn %q: the name of a new agent is text without slashes; its own name comes before it", a.Name(), name)
	}
	name = a.Name() + "/" + name
	err := a.container.take(name, m, a.actor.Child)
	if err == nil {
		a.container.logAgent("agent spawned", name)
	}
	return err
}

// parentOf returns the name of the agent that spawns an agent of that name, or "".
func parentOf(name string) string { return name[:max(strings.LastIndexByte(name, '/'), 0)] }
