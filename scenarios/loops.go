package scenarios

import (
	"math"
	"strings"

	yaml "go.yaml.in/yaml/v4"

	"github.com/simrun/simrun/scheduler"
	"github.com/simrun/simrun/sim"
)

// maxRounds reads the limit on the rounds of loops at one time.
func (r *reader) maxRounds(n *yaml.Node) int {
	limit, ok := r.count(n, "max_rounds", math.MaxInt32)
	if ok && limit == 0 {
		r.bad(n, "loops need one round at least", "max_rounds: must not be 0")
	}
	return int(limit)
}

// loopGroup reads the group of a simulator: names of groups nested in each
// other, the outermost first. (Groups of entities are something else.)
func (r *reader) loopGroup(n *yaml.Node, where string) []string {
	text, ok := r.text(n, where)
	if !ok {
		return nil
	}
	names := strings.Split(text, "/")
	for _, name := range names {
		if !nameForm.MatchString(name) {
			r.bad(n, "write it like market, or market/bids for a group inside of it; names have letters, digits, _ and -", "%s: %q cannot be a group", where, text)
			return nil
		}
	}
	if len(names) > scheduler.TierLevels {
		r.bad(n, "", "%s: %q is nested %d deep; %d is the limit", where, text, len(names), scheduler.TierLevels)
		return nil
	}
	return names
}

// loopGroup returns the world's group of that name.
func (a *assembly) loopGroup(names []string) *sim.Group {
	var g *sim.Group
	for i, name := range names {
		path := strings.Join(names[:i+1], "/")
		if a.loopGroups[path] == nil {
			if g == nil {
				a.loopGroups[path] = a.world.NewGroup(name)
			} else {
				a.loopGroups[path] = g.NewGroup(name)
			}
		}
		g = a.loopGroups[path]
	}
	return g
}

// commonGroups is how many groups both simulators are in.
func commonGroups(a, b *simulator) int {
	n := 0
	for n < len(a.group) && n < len(b.group) && a.group[n] == b.group[n] {
		n++
	}
	return n
}

// link is that something a simulator puts out reaches another at the same time.
type link struct {
	from, to string
	delay    scheduler.Delay
	by       *connection
}

// link notes for checkCycles who waits for whom. It reports a weak connection
// that cannot be one.
func (a *assembly) link(c *connection) bool {
	from, to := c.from.group.sim, c.to.group.sim
	if from == nil || to == nil {
		return true
	}
	groups := commonGroups(from, to)
	if c.options.Weak && groups == 0 {
		a.bad(c.at, `give both the same, like "group: market"`, "connect: %s and %s are in no common group, and weak connections are inside of groups", from.name, to.name)
		return false
	}
	if c.options.AsyncRequests {
		a.links = append(a.links, link{from.name, to.name, scheduler.NewDelay(0, groups, false), c})
	}
	if c.options.Shift == 0 {
		a.links = append(a.links, link{from.name, to.name, scheduler.NewDelay(0, groups, c.options.Weak), c})
	}
	return true
}
