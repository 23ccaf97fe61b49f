package container

import "github.com/simrun/simrun/scheduler"

// Loop returns the loop on which a container lives.
func (c *Container) Loop() *scheduler.Loop { return c.loop }

// Member returns the agent of a name.
func (c *Container) Member(name string) Member { return c.agents[name].member }
