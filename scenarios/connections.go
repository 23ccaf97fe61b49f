package scenarios

import (
	"slices"
	"strings"

	yaml "go.yaml.in/yaml/v4"

	"github.com/simrun/simrun/internal/suggest"
	"github.com/simrun/simrun/sim"
)

// connection is one entry of the section connect: a number of connections, from
// entities of one group to those of another.
type connection struct {
	at       *yaml.Node // its text
	text     string     // in one spelling: "roof[*].power -> trader[*].pv"
	from, to *endpoint
	pick     string
	options  sim.ConnectOptions
	initial  *yaml.Node // nil without

	transform *transform // nil without
}

var connectionKeys = []string{"shift", "weak", "initial", "transform", "pick", "async"}

// The ways to pair the entities of two groups.
const (
	pickPairwise   = "pairwise"
	pickRoundRobin = "round-robin"
	pickRandom     = "random"
	pickAll        = "all"
)

var picks = []string{pickPairwise, pickRoundRobin, pickRandom, pickAll}

func (r *reader) connect(s *Scenario, n *yaml.Node) {
	if n == nil || isNull(n) {
		return
	}
	if n.Kind != yaml.SequenceNode {
		s.connectBroken = true
		r.bad(n, `write "- roof[*].power -> grid.power", one a line`, "connect: must be a list, this is %s", kindOf(n))
		return
	}
	first := make(map[string]*yaml.Node)
	for _, item := range n.Content {
		text, options := item, (*yaml.Node)(nil)
		if item.Kind == yaml.MappingNode && len(item.Content) == 2 {
			text, options = item.Content[0], item.Content[1]
		}
		if text.Kind != yaml.ScalarNode || text.ShortTag() != "!!str" {
			s.connectBroken = true
			r.bad(item, `write "source.attribute -> destination.attribute", options after a colon: {shift: 15m}`, "connect: a connection is text, this is %s", kindOf(item))
			continue
		}
		c := r.connection(s, text, options)
		if c == nil {
			s.connectBroken = true
			continue
		}
		if other := first[c.text]; other != nil {
			r.bad(text, "remove one of the two", "connect: the same connection is on line %d", other.Line)
			continue
		}
		first[c.text] = text
		s.connections = append(s.connections, c)
	}
}

func (r *reader) connection(s *Scenario, n, options *yaml.Node) *connection {
	text, ok := r.filled(n, "connect")
	if !ok {
		return nil
	}
	const arrow = "->"
	at := strings.Index(text.Value, arrow)
	if at < 0 {
		r.bad(n, "write it like roof[*].power -> grid.power", "connect: %q has no arrow", text.Value)
		return nil
	}
	c := &connection{at: n, pick: pickPairwise}
	optionsOK := options == nil || r.connectionOptions(c, options)
	var fromOK, toOK bool
	c.from, fromOK = r.endpoint(s, text, text.Value[:at], 0, "connect", !c.options.AsyncRequests)
	c.to, toOK = r.endpoint(s, text, text.Value[at+len(arrow):], at+len(arrow), "connect", !c.options.AsyncRequests)
	if !optionsOK || !fromOK || !toOK {
		return nil
	}
	from, to := c.from, c.to
	if (from.attr == "") != (to.attr == "") {
		r.bad(n, "name an attribute on both sides, or on none to connect for asynchronous requests alone", "connect: %s to %s: only one of them is an attribute", from.text, to.text)
		return nil
	}
	if o := c.options; from.attr == "" && (o.Shift != 0 || o.Weak || c.initial != nil || c.transform != nil) {
		r.bad(options, "name attributes, or leave that out", "connect: shift, weak, initial and transform are for values, and %s to %s has none", from.text, to.text)
		return nil
	}
	c.text = from.text + " -> " + to.text
	return c
}

// filled returns a scalar with its expressions computed. Where there are some,
// places in the new text cannot be told apart.
func (r *reader) filled(n *yaml.Node, where string) (*yaml.Node, bool) {
	if !strings.Contains(n.Value, "${") {
		return n, true
	}
	v, ok := r.scalar(n, r.scope)
	if !ok {
		return nil, false
	}
	text, isText := v.(string)
	if !isText {
		r.bad(n, "", "%s: must be text, this is %s", where, describe(v))
		return nil, false
	}
	c := *n
	c.Value = text
	return &c, true
}

func (r *reader) connectionOptions(c *connection, n *yaml.Node) bool {
	before := len(r.problems)
	if isNull(n) {
		return true
	}
	by := r.fields(n, "connect", connectionKeys)
	if n := by["shift"]; n != nil {
		c.options.Shift, _ = r.duration(n, "connect: shift")
	}
	if n := by["weak"]; n != nil {
		c.options.Weak, _ = r.boolean(n, "connect: weak")
	}
	if n := by["initial"]; n != nil {
		c.initial = n
		v, _ := r.value(n, r.scope)
		c.options.Initial, c.options.HasInitial = sim.ValueOf(v), true
		if c.options.Shift == 0 && !c.options.Weak && len(r.problems) == before {
			r.bad(n, "add a shift, or leave initial out", "connect: initial is for connections that are shifted or weak")
		}
	}
	if n := by["transform"]; n != nil {
		c.transform, _ = r.transform(n)
	}
	if n := by["pick"]; n != nil {
		if pick, ok := r.text(n, "connect: pick"); ok {
			if c.pick = pick; !slices.Contains(picks, pick) {
				r.bad(n, suggest.Sentence(pick, picks), "connect: no way to pick is called %q", pick)
			}
		}
	}
	if n := by["async"]; n != nil {
		c.options.AsyncRequests, _ = r.boolean(n, "connect: async")
	}
	return len(r.problems) == before && (by["transform"] == nil || c.transform != nil)
}
