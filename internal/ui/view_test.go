package ui

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/sim"
)

// Of many simulators, those that are drawn have a state, also if others have taken more time.
func TestStatesOfManySimulators(t *testing.T) {
	var all []sim.Activity
	var names []string
	for i := range 200 {
		names = append(names, fmt.Sprintf("load-%d", i))
		all = append(all, sim.Activity{Sim: names[i], State: "waiting", For: "grid", Stats: sim.Stats{Own: time.Duration(i) * time.Second}})
	}
	var s State
	s.fill(time.Hour, 0, all, time.Now())
	about := newAbout("many", "", time.Time{}, names, make([]map[string]int, len(names)), nil)
	require.Len(t, s.Drawn, len(about.Sims))
	for i, drawn := range s.Drawn {
		assert.Equal(t, Doing{about.Sims[i].Name, "waiting", "grid"}, drawn)
	}
	assert.Len(t, s.Sims, mostListed)
	assert.Equal(t, "load-199", s.Sims[mostListed-1].Name)
}
