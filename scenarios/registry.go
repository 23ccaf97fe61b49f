package scenarios

import (
	"fmt"
	"slices"

	"github.com/simrun/simrun/models"
	"github.com/simrun/simrun/sim"
)

// Registry is what scenario files can name without starting a process: built-in
// models and agent types. Two models of one name, or two agent types, are a mistake of
// the program: Read panics.
type Registry struct {
	Models []models.Entry
	Agents []sim.AgentType
}

// DefaultRegistry returns everything that comes with simrun.
func DefaultRegistry() *Registry {
	return &Registry{Models: models.Builtin(), Agents: models.Agents()}
}

// mustBeUnique panics if one of the names stands for two models or two agent types.
func mustBeUnique(what string, names []string) {
	for i, name := range names {
		if slices.Contains(names[:i], name) {
			panic(fmt.Sprintf("scenarios: two %s named %q in the registry", what, name))
		}
	}
}

func (r *Registry) model(name string) *models.Entry {
	for i := range r.Models {
		if r.Models[i].Name == name {
			return &r.Models[i]
		}
	}
	return nil
}

func (r *Registry) modelNames() []string {
	var names []string
	for _, m := range r.Models {
		names = append(names, m.Name)
	}
	return names
}

func (r *Registry) hasAgent(name string) bool { return slices.Contains(r.agentNames(), name) }

func (r *Registry) agentNames() []string {
	var names []string
	for _, a := range r.Agents {
		names = append(names, a.Name)
	}
	return names
}
