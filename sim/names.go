package sim

import (
	"cmp"
	"maps"
	"slices"

	"github.com/simrun/simrun/internal/suggest"
)

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }

// didYouMean ends an error about an unknown name with what might be meant.
func didYouMean(name string, known []string) string { return suggest.Sentence(name, known) }

func (in *Instance) modelNames() []string {
	var names []string
	for _, m := range in.meta.Models {
		if !m.Hidden {
			names = append(names, m.Name)
		}
	}
	return names
}

func attrNames(m *Model, keep func(*Attr) bool) []string {
	var names []string
	for i := range m.Attrs {
		if keep(&m.Attrs[i]) {
			names = append(names, m.Attrs[i].Name)
		}
	}
	return names
}
