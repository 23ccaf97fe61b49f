package sim_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/sim"
)

func TestConnections(t *testing.T) {
	w := newWorld(t)
	w.add("src", &fake{})
	w.add("dst", &fake{})
	require.Empty(t, w.Connections())
	w.connect("src", "out", "dst", "in", sim.ConnectOptions{})
	w.connect("dst", "out", "src", "in", sim.ConnectOptions{Shift: time.Second, Initial: sim.Float(0), HasInitial: true})
	require.Equal(t, []sim.Connection{
		{Source: w.es["dst"], SourceAttr: "out", Destination: w.es["src"], DestinationAttr: "in", Shift: time.Second},
		{Source: w.es["src"], SourceAttr: "out", Destination: w.es["dst"], DestinationAttr: "in"},
	}, w.Connections())
}
