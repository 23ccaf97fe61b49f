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
	src, dst := w.Instance("src"), w.Instance("dst")
	require.Equal(t, []sim.Link{{From: dst, To: src, Connections: 1, Shift: time.Second}, {From: src, To: dst, Connections: 1}}, w.Links())
	w.connect("src", "event", "dst", "in", sim.ConnectOptions{})
	w.connect("dst", "event", "src", "in", sim.ConnectOptions{Shift: time.Minute, Initial: sim.Float(0), HasInitial: true})
	require.Equal(t, []sim.Link{{From: dst, To: src, Connections: 2, Shift: time.Second}, {From: src, To: dst, Connections: 2}}, w.Links())
}
