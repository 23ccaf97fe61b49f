package trace

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/scheduler"
	"github.com/simrun/simrun/sim"
)

// A pattern is for something if it is anywhere in the trace, whatever else is asked for:
// agents are found where they act.
func TestPatternsOfEntities(t *testing.T) {
	path := write(t, &End{})
	for _, test := range []struct {
		name     string
		entities []string
		from, to sim.Time
		items    int
		unknown  []string
	}{
		{"an output", []string{"a.x.p"}, 0, sim.Never, 2, nil},
		{"what nothing is told of", []string{"b.y.in"}, 0, sim.Never, 0, nil},
		{"what is asked for", []string{"a.x.in"}, 0, sim.Never, 1, nil},
		{"an agent", []string{"b.anna"}, 0, sim.Never, 1, nil},
		{"an agent that acts earlier", []string{"b.bo*"}, 900 * scheduler.Second, sim.Never, 0, nil},
		{"a value that is put out later", []string{"a.*"}, scheduler.Hour, sim.Never, 0, nil},
		{"nothing", []string{"a.z"}, 0, sim.Never, 0, []string{"a.z"}},
		{"nothing beside something", []string{"b.anna", "b.ana", "a.x"}, 0, 0, 2, []string{"b.ana"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			r, err := Open(path)
			require.NoError(t, err)
			defer r.Close()
			items := 0
			err = (&Filter{Entities: test.entities, From: test.from, To: test.to}).Each(r, func(*Item) error { items++; return nil })
			if test.unknown == nil {
				require.NoError(t, err)
			} else {
				var unknown *NoEntityError
				require.ErrorAs(t, err, &unknown)
				require.Equal(t, test.unknown, unknown.Patterns)
				require.Contains(t, unknown.Names, "a.x.p")
			}
			require.Equal(t, test.items, items)
		})
	}
}
