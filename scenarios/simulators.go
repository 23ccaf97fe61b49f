package scenarios

import (
	"slices"
	"strings"
	"time"

	yaml "go.yaml.in/yaml/v4"

	"github.com/simrun/simrun/internal/suggest"
	"github.com/simrun/simrun/models"
	"github.com/simrun/simrun/sim"
	"github.com/simrun/simrun/sim/mosaik"
)

// simulator is one entry of the section simulators, or all agents together.
type simulator struct {
	name       string
	at         *yaml.Node     // its name in the file
	broken     bool           // reported; what it offers is not known
	model      *models.Entry  // built in, or
	external   *mosaik.Config // started or connected, or
	commandAt  *yaml.Node     // nil without a command
	agents     bool           // all agents
	params     sim.Params
	paramsAt   *yaml.Node // nil without params
	resolution time.Duration
	group      []string       // that it is in, after those around; for loops at one time
	groupAt    *yaml.Node     // where agents name it
	initial    *time.Duration // of its first step; nil: by its type
}

var (
	modelKeys    = []string{"model", "params", "resolution", "group", "initial_event"}
	commandKeys  = []string{"command", "dir", "env", "params", "resolution", "group", "initial_event", "api", "timeouts", "separate_get_data"}
	connectKeys  = []string{"connect", "params", "resolution", "group", "initial_event", "api", "timeouts", "separate_get_data"}
	timeoutsKeys = []string{"start", "step", "stop"}
)

// agentsSimulator is the name of the simulator that all agents live in.
const agentsSimulator = "agents"

func (r *reader) simulators(n *yaml.Node, registry *Registry) []*simulator {
	var list []*simulator
	for key, value := range r.named(n, "simulators") {
		s := &simulator{name: key.Value, at: key}
		list = append(list, s)
		before := len(r.problems)
		r.simulator(s, value, registry)
		s.broken = s.broken || len(r.problems) > before
	}
	return list
}

func (r *reader) simulator(s *simulator, n *yaml.Node, registry *Registry) {
	path := "simulators." + s.name
	by := r.fields(n, path, r.kindKeys(s, n, path))
	if s.broken {
		return
	}
	var ok bool
	if s.params, ok = r.params(by["params"], path+".params", r.scope); by["params"] != nil {
		s.paramsAt = by["params"]
	}
	s.broken = !ok // perhaps without a word, for a value that was reported elsewhere
	if n := by["resolution"]; n != nil {
		s.resolution, _ = r.positive(n, path+".resolution")
	}
	if n := by["group"]; n != nil {
		s.group = r.loopGroup(n, path+".group")
	}
	if n := by["initial_event"]; n != nil {
		if d, ok := r.duration(n, path+".initial_event"); ok {
			s.initial = &d
		}
	}
	if n := by["model"]; n != nil {
		if name, ok := r.text(n, path+".model"); ok {
			if s.model = registry.model(name); s.model == nil {
				r.bad(n, suggest.Sentence(name, registry.modelNames()), "%s: no built-in model %q", path, name)
			}
		}
		return
	}
	s.external, s.commandAt = r.external(by, path), by["command"]
}

// kindKeys returns the keys that a simulator of the kind that n describes may
// have: all there are, and the simulator broken, if that is not clear.
func (r *reader) kindKeys(s *simulator, n *yaml.Node, path string) []string {
	all := slices.Concat(modelKeys, commandKeys, connectKeys)
	slices.Sort(all)
	all = slices.Compact(all)
	if n.Kind != yaml.MappingNode {
		s.broken = true
		return all
	}
	var has []string
	var keys []string
	unknown := false
	for key := range pairsOf(n) {
		switch key.Value {
		case "model":
			has, keys = append(has, key.Value), modelKeys
		case "command":
			has, keys = append(has, key.Value), commandKeys
		case "connect":
			has, keys = append(has, key.Value), connectKeys
		default:
			unknown = unknown || !slices.Contains(all, key.Value)
		}
	}
	if len(has) == 1 {
		return keys
	}
	s.broken = true
	const do = `write "model: NAME" for a built-in one, "command: ..." to start one, or "connect: HOST:PORT" for one that runs`
	switch {
	case len(has) > 1:
		r.bad(s.at, do, "%s: has both %s", path, strings.Join(has, " and "))
	case !unknown: // else the unknown key may have been meant to be one of them
		r.bad(s.at, do, "%s: has none of model, command and connect", path)
	}
	return all
}

func (r *reader) external(by map[string]*yaml.Node, path string) *mosaik.Config {
	c := &mosaik.Config{Dir: r.workingDir(by["dir"], path+".dir"), Env: r.environment(by["env"], path+".env")}
	if n := by["command"]; n != nil {
		var ok bool
		if c.Command, c.CommandLine, ok = r.command(n, path+".command"); ok {
			r.refused(n, path+".command", mosaik.Config{Command: c.Command, CommandLine: c.CommandLine, Env: c.Env}.Check())
		}
	}
	if n := by["connect"]; n != nil {
		if c.Connect, _ = r.text(n, path+".connect"); c.Connect != "" {
			r.refused(n, path+".connect", mosaik.Config{Connect: c.Connect}.Check())
		}
	}
	if n := by["api"]; n != nil {
		if v, ok := r.value(n, r.scope); ok {
			if text, err := textOf(v); err != nil {
				r.bad(n, "write 2 or 3, or leave it out to ask the simulator", "%s.api: must be a version, this is %s", path, describe(v))
			} else {
				c.API = text
				r.refused(n, path+".api", mosaik.Config{Connect: "localhost:1", API: text}.Check())
			}
		}
	}
	if n := by["timeouts"]; n != nil {
		t := r.fields(n, path+".timeouts", timeoutsKeys)
		for i, to := range []*time.Duration{&c.StartTimeout, &c.StepTimeout, &c.StopTimeout} {
			if key := timeoutsKeys[i]; t[key] != nil {
				*to, _ = r.positive(t[key], path+".timeouts."+key)
			}
		}
	}
	if n := by["separate_get_data"]; n != nil {
		c.SeparateGetData, _ = r.boolean(n, path+".separate_get_data")
	}
	return c
}

// refused reports what others have against a value.
func (r *reader) refused(n *yaml.Node, where string, err error) {
	if err != nil {
		r.bad(n, "", "%s: %v", where, err)
	}
}
