package scenarios

import (
	"slices"

	"github.com/simrun/simrun/models"
	"github.com/simrun/simrun/sim"
)

// Registry is what scenario files can name without starting a process: built-in
// models and agent types.
type Registry struct {
	Models []models.Entry
	Agents []sim.AgentType
}

// DefaultRegistry returns everything that comes with simrun.
func DefaultRegistry() *Registry {
	return &Registry{Models: models.Builtin(), Agents: models.Agents()}
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
