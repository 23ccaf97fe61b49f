package scenarios

import (
	"github.com/simrun/simrun/models"
)

// Registry is what scenario files can name without starting a process: built-in
// models and agent types.
type Registry struct {
	Models []models.Entry
}

// DefaultRegistry returns everything that comes with simrun.
func DefaultRegistry() *Registry {
	return &Registry{Models: models.Builtin()}
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

func (r *Registry) hasAgent(string) bool { return false }
func (r *Registry) agentNames() []string { return nil }
