package sim

import (
	"fmt"

	"github.com/simrun/simrun/scheduler"
)

// Group is a group of simulators of one world, within which weak connections
// make loops at one time: see ConnectOptions.Weak. Rounds of such loops are
// counted per group. Simulators outside do not see them: a value that leaves the
// group is read when all its rounds at that time are over. Groups may be nested.
// A simulator is put into a group by AddOptions.
type Group struct {
	world  *World
	parent *Group
	name   string
}

// NewGroup returns a new group. The name is for messages.
func (w *World) NewGroup(name string) *Group { return &Group{world: w, name: name} }

// NewGroup returns a new group inside g: a loop in it runs to its end, with
// rounds of its own, in each round of g. Groups can be nested scheduler.TierLevels
// deep.
func (g *Group) NewGroup(name string) *Group {
	return &Group{world: g.world, parent: g, name: name}
}

// Name is the group's name.
func (g *Group) Name() string { return g.name }

// Parent is the group that g is in, or nil.
func (g *Group) Parent() *Group { return g.parent }

// depth is how many groups g is in, itself counted.
func (g *Group) depth() int {
	n := 0
	for ; g != nil; g = g.parent {
		n++
	}
	return n
}

// common returns how many groups, nested in each other, hold both a and b.
func common(a, b *Group) int {
	m, n := a.depth(), b.depth()
	for ; m > n; m-- {
		a = a.parent
	}
	for ; n > m; n-- {
		b = b.parent
	}
	for a != b {
		a, b = a.parent, b.parent
		n--
	}
	return n
}

func (w *World) checkGroup(g *Group) error {
	switch {
	case g == nil:
		return nil
	case g.world != w:
		return fmt.Errorf("its group %q is of another world", g.name)
	case g.depth() > scheduler.TierLevels:
		return fmt.Errorf("its group %q is nested %d deep; %d is the limit", g.name, g.depth(), scheduler.TierLevels)
	}
	return nil
}
