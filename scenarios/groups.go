package scenarios

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	yaml "go.yaml.in/yaml/v4"

	"github.com/simrun/simrun/internal/suggest"
	"github.com/simrun/simrun/sim"
)

// maxCount is how many entities one group may have. It is a variable so that
// the fuzz test can do with fewer.
var maxCount = 1_000_000

// group is a number of entities that go by one name in the file.
type group struct {
	name     string
	at       *yaml.Node // its name in the file
	broken   bool       // reported; nothing is known about it
	sim      *simulator
	model    string     // "": the only one of the simulator
	from     *group     // the group is a selection of this one, and sim and model are its; or nil
	of       *yaml.Node // nil if it need not be written
	count    int
	params   []sim.Params // of all, or one for each
	paramsAt *yaml.Node   // nil without params
	children string       // the group is the children of this model
	id       string       // the group is those whose ID is like this pattern
	idForm   *regexp.Regexp
}

var (
	entityKeys = []string{"of", "count", "params", "children", "id"}
	agentKeys  = []string{"type", "count", "params", "container", "group"}
)

// entityGroups reads the section entities, and adds the groups that need not
// be written: the only entity of a built-in simulator.
func (r *reader) entityGroups(s *Scenario, n *yaml.Node) {
	used := make(map[*simulator]bool)
	for key, value := range r.named(n, "entities") {
		g := &group{name: key.Value, at: key}
		before := len(r.problems)
		r.addGroup(s, g)
		r.entityGroup(s, g, value)
		g.broken = g.broken || len(r.problems) > before
		used[g.sim] = true
	}
	for _, sm := range s.simulators {
		if sm.external == nil && !sm.agents && !used[sm] {
			r.addGroup(s, onlyEntity(sm))
		}
	}
}

// onlyEntity is the group that a built-in simulator has if the file gives it
// none. The parameters that the simulator does not take are the entity's.
func onlyEntity(sm *simulator) *group {
	g := &group{name: sm.name, at: sm.at, sim: sm, count: 1, broken: sm.broken}
	if sm.broken {
		return g
	}
	own, others := sim.Params{}, sim.Params{}
	known := simulatorParams(sm.model.New())
	for name, v := range sm.params {
		if slices.Contains(known, name) {
			own[name] = v
		} else {
			others[name] = v
		}
	}
	sm.params, g.params, g.paramsAt = own, []sim.Params{others}, sm.paramsAt
	return g
}

// simulatorParams lists the parameters that a Go simulator itself takes, beside
// those of its models.
func simulatorParams(s sim.Simulator) []string {
	var names []string
	if p, ok := s.(interface{ SimulatorParams() []sim.Param }); ok {
		for _, param := range p.SimulatorParams() {
			names = append(names, param.Name)
		}
	}
	return names
}

// addGroup adds a group under a name that no other has.
func (r *reader) addGroup(s *Scenario, g *group) {
	if other := s.groupNamed[g.name]; other != nil {
		r.bad(g.at, "choose another name", "two groups of entities of the name %q; the other is on line %d", g.name, other.at.Line)
		return
	}
	s.groupNamed[g.name] = g
	s.groups = append(s.groups, g)
}

func (r *reader) entityGroup(s *Scenario, g *group, n *yaml.Node) {
	path := "entities." + g.name
	by := r.fields(n, path, entityKeys)
	if by == nil {
		return
	}
	if of := by["of"]; of == nil {
		r.bad(g.at, `write "of: SIMULATOR.MODEL"`, "%s: of is missing", path)
	} else if text, ok := r.text(of, path+".of"); ok {
		g.of = of
		r.origin(s, g, text, by, path)
	}
	r.countAndParams(g, by, path)
	if n := by["children"]; n != nil {
		g.children, _ = r.text(n, path+".children")
	}
	if n := by["id"]; n != nil {
		if g.id, _ = r.text(n, path+".id"); g.id == "" {
			r.bad(n, `write a pattern like "0-node_*"`, "%s.id: is empty", path)
		}
		g.idForm = globForm(g.id)
	}
}

// origin reads what a group is made of: a model of a simulator, or a group
// above whose entities it selects from.
func (r *reader) origin(s *Scenario, g *group, text string, by map[string]*yaml.Node, path string) {
	name, model, found := strings.Cut(text, ".")
	if found {
		if g.sim, g.model = s.simulatorNamed[name], model; g.sim == nil {
			r.bad(g.of, suggest.Sentence(name, names(s.simulatorNamed)), "%s: no simulator %q", path, name)
		} else if model == "" {
			r.bad(g.of, "write SIMULATOR.MODEL", "%s: %q names no model", path, text)
		}
		return
	}
	from := s.groupNamed[name]
	if from == nil || from == g {
		known := slices.DeleteFunc(names(s.groupNamed), func(other string) bool { return other == g.name })
		do := "write SIMULATOR.MODEL for new entities, or the name of a group above to select from it"
		if near := suggest.Nearest(name, known); near != "" {
			do = fmt.Sprintf("did you mean %q?", near)
		} else if s.simulatorNamed[name] != nil {
			do = fmt.Sprintf("write %s.MODEL for new entities of the simulator", name)
		}
		r.bad(g.of, do, "%s: no group %q above", path, name)
		return
	}
	g.from, g.sim, g.model = from, from.sim, from.model
	for _, key := range []string{"count", "params"} {
		if n := by[key]; n != nil {
			r.bad(n, "give it to "+from.name, "%s: a selection from a group has no %s of its own", path, key)
		}
	}
	if by["children"] == nil && by["id"] == nil {
		r.bad(g.of, "add children, id, or both", "%s: selects nothing from %s", path, from.name)
	}
}

// agentGroups reads the section agents. All agents live in one simulator.
func (r *reader) agentGroups(s *Scenario, n *yaml.Node, registry *Registry) {
	sm := s.simulatorNamed[agentsSimulator]
	if sm != nil {
		r.bad(sm.at, "choose another name", "the simulator %q is the one that the agents live in", agentsSimulator)
	} else {
		sm = &simulator{name: agentsSimulator, at: n, agents: true}
		s.simulators = append(s.simulators, sm)
		s.simulatorNamed[sm.name] = sm
	}
	for key, value := range r.named(n, "agents") {
		g := &group{name: key.Value, at: key, sim: sm}
		before := len(r.problems)
		path := "agents." + g.name
		r.addGroup(s, g)
		by := r.fields(value, path, agentKeys)
		if by != nil {
			r.agentGroup(s, g, by, path, registry)
		}
		g.broken = g.broken || len(r.problems) > before
	}
}

func (r *reader) agentGroup(s *Scenario, g *group, by map[string]*yaml.Node, path string, registry *Registry) {
	if g.of = by["type"]; g.of == nil {
		r.bad(g.at, `write "type: NAME"`, "%s: type is missing", path)
	} else if name, ok := r.text(g.of, path+".type"); ok {
		if g.model = name; !registry.hasAgent(name) {
			r.bad(g.of, suggest.Sentence(name, registry.agentNames()), "%s: no agent type %q", path, name)
		}
	}
	if n := by["group"]; n != nil {
		r.agentsIn(g.sim, n, path+".group")
	}
	r.countAndParams(g, by, path)
	if n := by["params"]; n != nil {
		for key := range pairsOf(n) {
			switch key.Value {
			case agentName:
				r.bad(key, "leave it out", "%s.params: agents are called after their group", path)
			case agentContainer:
				r.bad(key, "write it beside params", "%s.params: container is no parameter", path)
			}
		}
	}
	containers := r.livesIn(s, g, by["container"], path+".container")
	// So that others can call them: market, or trader-0, trader-1, ...
	if len(g.params) == 0 {
		g.params = []sim.Params{nil}
	}
	if len(containers) > 1 && len(g.params) == 1 {
		g.params = slices.Repeat(g.params, g.count)
	}
	for i, params := range g.params {
		named := maps.Clone(params)
		if named == nil {
			named = sim.Params{}
		}
		named[agentName] = g.name
		if len(g.params) > 1 {
			named[agentName] = fmt.Sprintf("%s-%d", g.name, i)
		}
		if len(containers) > 0 {
			named[agentContainer] = containers[i%len(containers)]
		}
		g.params[i] = named
	}
}

// agentsIn reads the group that the agents are in, all of them, because they are one
// simulator.
func (r *reader) agentsIn(sm *simulator, n *yaml.Node, where string) {
	group := r.loopGroup(n, where)
	switch {
	case group == nil: // reported
	case sm.groupAt == nil:
		sm.group, sm.groupAt = group, n
	case !slices.Equal(group, sm.group):
		r.bad(n, "name the same, or leave it out: agents that negotiate with each other need no group",
			"%s: all agents are one simulator, in one group, which is %q on line %d", where, strings.Join(sm.group, "/"), sm.groupAt.Line)
	}
}

// The parameters that name an agent and its container, see sim.NewAgents and
// sim.NewFederatedAgents.
const (
	agentName      = "name"
	agentContainer = "container"
)

// countAndParams reads how many entities there are, and their parameters: one
// set for all, or one for each if they use the index i.
func (r *reader) countAndParams(g *group, by map[string]*yaml.Node, path string) {
	g.count = 1
	if n := by["count"]; n != nil {
		count, ok := r.count(n, path+".count", int64(maxCount))
		g.count, g.broken = int(count), !ok
	}
	n := by["params"]
	if n == nil {
		return
	}
	g.paramsAt = n
	sc := r.scope.with("i", int64(0))
	sc.define("n", int64(g.count))
	params, ok := r.params(n, path+".params", sc)
	g.params = []sim.Params{params}
	if g.broken = g.broken || !ok; g.broken || g.count < 2 || !usesIndex(n, sc) {
		return
	}
	for i := 1; i < g.count && ok; i++ {
		sc.define("i", int64(i))
		params, ok = r.params(n, path+".params", sc)
		g.params = append(g.params, params)
	}
	g.broken = g.broken || !ok
}

// usesIndex reports whether an expression in n refers to the index i.
func usesIndex(n *yaml.Node, sc *scope) bool {
	for _, child := range n.Content {
		if usesIndex(child, sc) {
			return true
		}
	}
	if n.Kind != yaml.ScalarNode || !strings.Contains(n.Value, "${") {
		return false
	}
	ps, _ := pieces(n.Value)
	for _, p := range ps {
		if p.isExpr && sc.uses(p.expr, "i") {
			return true
		}
	}
	return false
}

// globForm turns a pattern for IDs into a regular expression: * stands for any
// text, ? for one character.
func globForm(pattern string) *regexp.Regexp {
	form := strings.NewReplacer(`\*`, `.*`, `\?`, `.`).Replace(regexp.QuoteMeta(pattern))
	return regexp.MustCompile(`(?s)^` + form + `$`)
}

// names lists what a map holds, for suggestions.
func names[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
