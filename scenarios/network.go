package scenarios

import (
	"strconv"
	"strings"

	yaml "go.yaml.in/yaml/v4"

	"github.com/simrun/simrun/sim"
)

var networkKeys = []string{"delay", "jitter", "loss"}

// network reads the section network: how messages between agents travel. These are
// parameters of the simulator that the agents live in.
func (r *reader) network(s *Scenario, n *yaml.Node) {
	if n == nil || isNull(n) {
		return
	}
	by := r.fields(n, "network", networkKeys)
	sm := s.simulatorNamed[agentsSimulator]
	if sm == nil || !sm.agents {
		r.bad(n, "add a section agents, or leave it out", "network: the scenario has no agents")
		return
	}
	sm.params, sm.paramsAt = sim.Params{}, n
	for _, key := range []string{"delay", "jitter"} {
		if by[key] != nil {
			sm.params[key], _ = r.duration(by[key], "network."+key)
		}
	}
	if by["loss"] != nil {
		sm.params["loss"] = r.probability(by["loss"], "network.loss")
	}
}

// probability reads a number from 0 to 1, which may be written as one of percents.
func (r *reader) probability(n *yaml.Node, where string) float64 {
	v, ok := r.value(n, r.scope)
	if !ok {
		return 0
	}
	p := -1.0
	switch v := v.(type) {
	case int64:
		p = float64(v)
	case float64:
		p = v
	case string:
		if number, isPercent := strings.CutSuffix(strings.TrimSpace(v), "%"); isPercent {
			if f, err := strconv.ParseFloat(strings.TrimSpace(number), 64); err == nil {
				p = f / 100
			}
		}
	}
	if !(p >= 0 && p <= 1) {
		r.bad(n, "give a number from 0 to 1, or from 0% to 100%", "%s: must be a probability, this is %s", where, describe(v))
		return 0
	}
	return p
}
